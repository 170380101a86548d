// Bone words: what the words in bone names can mean, in every convention that docs/names.md lists. Ambiguous
// words (`leg`, `shoulder`) stay ambiguous here: bone-parts.ts decides by the other bones of the rig.

/** A meaning, and its words: lower case, without side, numbers and separators. */
const MEANINGS = {
  root: "root boneroot bodyroot bip reference trajectory master 全ての親",
  center: "center centre センター",
  hips: "hips hip pelvis hipcenter hipscenter midhip spinebase lowertorso",
  lowerBody: "lowerbody 下半身",
  neck: "neck lowerneck necklower 首",
  upperNeck: "upperneck neckupper",
  head: "head skull 頭",
  headTop: "headtop headtopend headend headnub headtip",
  jaw: "jaw",
  eye: "eye faceeye 目",
  collar: "collar clavicle clav collarbone",
  shoulder: "shoulder 肩",
  scapula: "scapula",
  upperArm: "upperarm uparm uarm armupper humerus shldr bicep upperarmbend shldrbend",
  arm: "arm 腕",
  lowerArm: "lowerarm lowarm forearm loarm farm armlower radius forearmbend lowerarmbend",
  elbow: "elbow ひじ 肘",
  wrist: "wrist handwrist 手首",
  hand: "hand",
  palm: "palm handpalm",
  fingerBase: "fingerbase",
  fingers: "fingers handtip",
  hip: "hip hips hipjoint",
  upperLeg: "upperleg upleg uleg legupper thigh femur thighbend",
  leg: "leg 足",
  lowerLeg: "lowerleg lowleg loleg lleg leglower calf shin tibia shinbend",
  knee: "knee ひざ 膝",
  ankle: "ankle footankle 足首",
  foot: "foot",
  midFoot: "footsubtalar foottransverse subtalar transverse",
  ball: "ball football",
  toes: "toes toe toebase bigtoe footindex つま先",
  toesTip: "toesend toeend toebaseend toetip toenub toebasenub",
} as const;

/** What a bone can be by its name alone. `trunk`: anywhere between hips and neck. */
export type Meaning = keyof typeof MEANINGS | "trunk";

// These are one of a kind unless a side is named with them.
const CENTRE = new Set<Meaning>([
  "root",
  "center",
  "hips",
  "lowerBody",
  "neck",
  "upperNeck",
  "head",
  "headTop",
  "jaw",
]);

/** Bones of the trunk from below up, by height. A number in the name adds hundredths. */
const TRUNK_HEIGHTS: Readonly<Record<string, number>> = {
  ...heights(1, "waist 腰"),
  ...heights(2, "lowerback lowerspine spinelower spinelow abdomenlower ab l5"),
  ...heights(3, "abdomen stomach belly middlespine spinemiddle spinemid spinenaval spinenavel l3"),
  ...heights(4, "abdomenupper"),
  ...heights(5, "spine upperbody 上半身"),
  // Second Life: mSpine1, mSpine2, mTorso, mSpine3, mSpine4, mChest.
  ...heights(5.025, "torso uppertorso"),
  ...heights(6, "upperback spineupper spinehigh upperspine chestlower t12"),
  ...heights(7, "chest thorax ribs ribcage spinechest t8"),
  // Kinect and Nuitrack name the place between the shoulders.
  ...heights(8, "spineshoulder shouldercenter shoulder collar"),
  ...heights(9, "upperchest chestupper"),
};

function heights(height: number, words: string): Record<string, number> {
  return Object.fromEntries(words.split(" ").map((word) => [word, height]));
}

const CENTRE_WORDS = new Map<string, Meaning>();
const SIDED_WORDS = new Map<string, Meaning>();
for (const [meaning, words] of Object.entries(MEANINGS) as [Meaning, string][]) {
  for (const word of words.split(" ")) {
    (CENTRE.has(meaning) ? CENTRE_WORDS : SIDED_WORDS).set(word, meaning);
  }
}

/** What a word means; undefined for a word of no convention. Without a side, `hip` is the hips. */
export function meaningOf(word: string, hasSide: boolean): Meaning | undefined {
  if (hasSide) return SIDED_WORDS.get(word);
  if (CENTRE_WORDS.has(word)) return CENTRE_WORDS.get(word);
  return heightOf(word) === undefined ? SIDED_WORDS.get(word) : "trunk";
}

/** How high in the trunk a word is; undefined for a word of no bone of the trunk. */
export function heightOf(word: string): number | undefined {
  return Object.hasOwn(TRUNK_HEIGHTS, word) ? TRUNK_HEIGHTS[word] : undefined;
}

export const FINGERS = ["thumb", "index", "middle", "ring", "little"] as const;
export type Finger = (typeof FINGERS)[number];

export const FINGER_WORDS: ReadonlyMap<string, Finger> = new Map([
  ...wordsOf("thumb", "thumb 親指"),
  ...wordsOf("index", "index 人指 人差指"),
  ...wordsOf("middle", "middle mid 中指"),
  ...wordsOf("ring", "ring 薬指"),
  ...wordsOf("little", "little pinky pinkie small 小指"),
]);

function wordsOf(finger: Finger, list: string): [string, Finger][] {
  return list.split(" ").map((word) => [word, finger]);
}

/** A finger's bones from the hand on; few rigs have all. */
export const FINGER_BONES = [
  "base",
  "metacarpal",
  "proximal",
  "intermediate",
  "distal",
  "tip",
] as const;
export type FingerBone = (typeof FINGER_BONES)[number];

export const FINGER_BONE_WORDS: ReadonlyMap<string, FingerBone> = new Map([
  ["metacarpal", "metacarpal"],
  ["carpal", "metacarpal"],
  ["start", "metacarpal"],
  ["proximal", "proximal"],
  ["intermediate", "intermediate"],
  ["medial", "intermediate"],
  ["distal", "distal"],
  ["tip", "tip"],
  ["end", "tip"],
  ["nub", "tip"],
  ["null", "tip"],
]);

/** Other words in the names of fingers: `f_index`, `LeftInHandIndex`, `index-finger-phalanx-proximal`. */
export const FINGER_FILLERS: ReadonlySet<string> = new Set([
  "hand",
  "in",
  "f",
  "finger",
  "fingers",
  "phalanx",
]);

/** Bones that only help to pose or to skin others. */
export const HELPER_WORDS: ReadonlySet<string> = new Set(
  "ik fk pole target tgt ctrl control mch helper corrective stub dummy goal".split(" "),
);

/** A bone that shares in another's turn about its length, and hangs on it. */
export const TWIST_WORDS: ReadonlySet<string> = new Set(["twist", "roll", "share"]);

// Expression names: what each convention calls the same movement of a face. docs/names.md lists them.

/** What a face shows. Each 0..1; brows -1..1. */
export interface Expression {
  jaw: number;
  blinkLeft: number;
  blinkRight: number;
  smile: number;
  /** Rounded lips: 1 is an "oo". */
  pucker: number;
  browLeft: number;
  browRight: number;
}

interface Movement {
  /** What it does to a face that is drawn. */
  readonly effect: Partial<Expression>;
  /** What other conventions call it. `*` is the side as in `name`, `~` for its first letter. */
  readonly names: string;
  /** Movements that show the same on a model without any of these names: best first, each all at once. */
  readonly standIns?: readonly (readonly string[])[];
}

/** The movements of a face by ARKit's names, or else VRM 1's. Those with `*` are one of each side. */
const MOVEMENTS: Readonly<Record<string, Movement>> = {
  // ARKit: Meta, SRanipal, VRChat's unified expressions, Character Creator.
  jawOpen: {
    effect: { jaw: 1 },
    names: "mouthOpen JawDrop Mouth_Open",
    standIns: [["aa"]],
  },
  "eyeBlink*": {
    effect: { "blink*": 1 } as Partial<Expression>,
    names: "EyesClosed~ EyeClosed* Eye_*_Blink Eye_Blink_~",
    standIns: [["blink*"], ["wink*"], ["blink"]],
  },
  "eyeWide*": {
    effect: { "blink*": -0.3 } as Partial<Expression>,
    names: "UpperLidRaiser~ Eye_*_Wide Eye_Wide_~",
  },
  "mouthSmile*": {
    effect: { smile: 0.5 },
    names: "LipCornerPuller~ MouthCornerPull* Mouth_Smile_~",
  },
  "mouthFrown*": {
    effect: { smile: -0.5 },
    names: "LipCornerDepressor~ Mouth_Sad_* MouthSad* Mouth_Frown_~",
  },
  mouthPucker: {
    effect: { pucker: 0.8 },
    names: "Mouth_Pout LipPucker Mouth_Pucker",
    standIns: [["LipPuckerLeft", "LipPuckerRight"], ["ou"]],
  },
  "LipPucker*": { effect: { pucker: 0.4 }, names: "LipPucker~", standIns: [["mouthPucker"]] },
  mouthFunnel: {
    effect: { pucker: 0.6, jaw: 0.15 },
    names: "LipFunnel Mouth_Funnel",
    standIns: [["LipFunnelerLB", "LipFunnelerLT", "LipFunnelerRB", "LipFunnelerRT"], ["oh"]],
  },
  ...Object.fromEntries(
    ["LB", "LT", "RB", "RT"].map((corner) => [
      `LipFunneler${corner}`,
      { effect: { pucker: 0.15, jaw: 0.04 }, names: "", standIns: [["mouthFunnel"]] },
    ]),
  ),
  browInnerUp: {
    effect: { browLeft: 0.7, browRight: 0.7 },
    names: "",
    standIns: [["browInnerUpLeft", "browInnerUpRight"]],
  },
  "browInnerUp*": {
    effect: { "brow*": 0.7 } as Partial<Expression>,
    names: "InnerBrowRaiser~ Brow_Raise_Inner_~",
    standIns: [["browInnerUp"]],
  },
  "browOuterUp*": {
    effect: { "brow*": 0.6 } as Partial<Expression>,
    names: "OuterBrowRaiser~ Brow_Raise_Outer_~",
  },
  "browDown*": {
    effect: { "brow*": -1 } as Partial<Expression>,
    names: "BrowLowerer~ BrowLower* Brow_Drop_~",
  },
  "eyeSquint*": { effect: {}, names: "LidTightener~ Eye_*_Squeeze Eye_Squint_~" },

  // VRM 1: VRM 0, VRoid, MMD.
  blink: {
    effect: { blinkLeft: 1, blinkRight: 1 },
    names: "Fcl_EYE_Close まばたき Eyes_Blink",
    standIns: [["eyeBlinkLeft", "eyeBlinkRight"]],
  },
  "blink*": {
    effect: { "blink*": 1 } as Partial<Expression>,
    names: "Blink_~ Fcl_EYE_Close_~ Wink_~",
    standIns: [["eyeBlink*"], ["wink*"]],
  },
  aa: {
    effect: { jaw: 0.8 },
    names: "A Fcl_MTH_A あ viseme_aa v_aa V_Open",
    standIns: [["jawOpen"]],
  },
  ih: { effect: { jaw: 0.15 }, names: "I Fcl_MTH_I い viseme_I v_ih" },
  ou: {
    effect: { jaw: 0.2, pucker: 0.9 },
    names: "U Fcl_MTH_U う viseme_U v_ou",
    standIns: [["mouthPucker"]],
  },
  ee: { effect: { jaw: 0.35 }, names: "E Fcl_MTH_E え viseme_E v_e" },
  oh: {
    effect: { jaw: 0.55, pucker: 0.6 },
    names: "O Fcl_MTH_O お viseme_O v_oh",
    standIns: [["mouthFunnel"]],
  },
  happy: {
    effect: { smile: 1 },
    names: "Joy Fcl_ALL_Joy Fcl_MTH_Joy",
    standIns: [["mouthSmileLeft", "mouthSmileRight"], ["mouthSmile"]],
  },
  relaxed: { effect: { smile: 0.5 }, names: "Fun Fcl_ALL_Fun Fcl_MTH_Fun" },
  sad: {
    effect: { smile: -0.7, browLeft: 0.4, browRight: 0.4 },
    names: "Sorrow Fcl_ALL_Sorrow",
    standIns: [["mouthFrownLeft", "mouthFrownRight"]],
  },
  angry: {
    effect: { smile: -0.4, browLeft: -1, browRight: -1 },
    names: "Fcl_ALL_Angry",
    standIns: [["browDownLeft", "browDownRight"]],
  },
  surprised: {
    effect: { jaw: 0.5, browLeft: 1, browRight: 1 },
    names: "Fcl_ALL_Surprised びっくり",
    standIns: [["browInnerUp", "browOuterUpLeft", "browOuterUpRight"]],
  },
  lookUp: { effect: {}, names: "", standIns: [["eyeLookUpLeft", "eyeLookUpRight"]] },
  lookDown: { effect: {}, names: "", standIns: [["eyeLookDownLeft", "eyeLookDownRight"]] },
  lookLeft: { effect: {}, names: "", standIns: [["eyeLookOutLeft", "eyeLookInRight"]] },
  lookRight: { effect: {}, names: "", standIns: [["eyeLookInLeft", "eyeLookOutRight"]] },

  // MMD and VRoid move brows, eyes and mouth by themselves too.
  mouthSmile: {
    effect: { smile: 1 },
    names: "口角上げ にやり Fcl_MTH_Up Smile",
    standIns: [["mouthSmileLeft", "mouthSmileRight"], ["happy"]],
  },
  mouthFrown: {
    effect: { smile: -1 },
    names: "口角下げ ∧ Fcl_MTH_Down Fcl_MTH_Sorrow Frown",
    standIns: [["mouthFrownLeft", "mouthFrownRight"]],
  },
  browUp: {
    effect: { browLeft: 1, browRight: 1 },
    names: "上 Fcl_BRW_Surprised",
    standIns: [["browInnerUp", "browOuterUpLeft", "browOuterUpRight"]],
  },
  browDown: {
    effect: { browLeft: -1, browRight: -1 },
    names: "下 怒り 真面目 Fcl_BRW_Angry",
    standIns: [["browDownLeft", "browDownRight"]],
  },
  browSad: {
    effect: { browLeft: 0.4, browRight: 0.4 },
    names: "困る Fcl_BRW_Sorrow",
    standIns: [["browInnerUp"]],
  },
  eyeSmile: {
    effect: { blinkLeft: 0.8, blinkRight: 0.8 },
    names: "笑い Fcl_EYE_Joy",
    standIns: [["blink"], ["eyeBlinkLeft", "eyeBlinkRight"]],
  },
  winkLeft: {
    effect: { blinkLeft: 1 },
    names: "ウィンク ウィンク2 Fcl_EYE_Joy_L",
    standIns: [["blinkLeft"], ["eyeBlinkLeft"]],
  },
  winkRight: {
    effect: { blinkRight: 1 },
    names: "ウィンク右 ウィンク2右 Fcl_EYE_Joy_R",
    standIns: [["blinkRight"], ["eyeBlinkRight"]],
  },

  // Oculus' visemes of consonants.
  ...visemes("sil", {}),
  ...visemes("PP", { pucker: 0.1 }),
  ...visemes("FF", { jaw: 0.05 }),
  ...visemes("TH DD kk nn", { jaw: 0.15 }),
  ...visemes("SS", { jaw: 0.08 }),
  ...visemes("CH RR", { jaw: 0.12, pucker: 0.35 }),
};

function visemes(names: string, effect: Partial<Expression>): Record<string, Movement> {
  return Object.fromEntries(
    names.split(" ").map((name) => [name, { effect, names: `viseme_${name} v_${name}` }]),
  );
}

interface Known {
  /** What it does to a face that is drawn. */
  readonly effect: Partial<Expression>;
  readonly standIns: readonly (readonly string[])[];
}

/** VRM 0's presets by VRM 1's. */
export const VRM0_NAMES: Readonly<Record<string, string>> = {
  aa: "A",
  ih: "I",
  ou: "U",
  ee: "E",
  oh: "O",
  blinkLeft: "Blink_L",
  blinkRight: "Blink_R",
  happy: "Joy",
  sad: "Sorrow",
  relaxed: "Fun",
};

/** A name's words in one order, whatever its separators, case and the place of its side. */
function keyOf(words: readonly string[]): string {
  return [...words].sort().join(" ");
}

const SIDES: Readonly<Record<string, string>> = { l: "left", r: "right" };

function wordsOf(name: string): string[] {
  const words =
    name.normalize("NFKC").match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}ー]+\d*右?|∧/gu) ?? [];
  return words.map((word) => SIDES[word.toLowerCase()] ?? word.toLowerCase());
}

/** The name itself, or those of both sides. */
function namesOf(pattern: string): readonly [string, (text: string) => string][] {
  if (!pattern.includes("*")) return [[pattern, (text) => text]];
  return ["Left", "Right"].map((side) => {
    const inSide = (text: string) => text.replace("*", side).replace("~", side[0]);
    return [inSide(pattern), inSide] as const;
  });
}

const ALIASES = new Map<string, readonly string[]>();
const KNOWN = new Map<string, Known>();

for (const [pattern, { names }] of Object.entries(MOVEMENTS)) {
  for (const [name, inSide] of namesOf(pattern)) {
    ALIASES.set(name, [name, ...names.split(" ").filter(Boolean).map(inSide)]);
  }
}
for (const [pattern, { effect, standIns = [] }] of Object.entries(MOVEMENTS)) {
  for (const [name, inSide] of namesOf(pattern)) {
    const ofSide = Object.entries(effect).map(([part, share]) => [inSide(part), share] as const);
    const known: Known = {
      effect: Object.fromEntries(ofSide),
      standIns: [[name], ...standIns.map((all) => all.map(inSide))].flatMap(byConvention),
    };
    for (const alias of ALIASES.get(name)!) {
      for (const key of [keyOf(wordsOf(alias)), wordsOf(alias).join("")]) {
        if (!KNOWN.has(key)) KNOWN.set(key, known);
      }
    }
  }
}

/** Movements under each convention's names for them; those of one convention are in one place. */
function byConvention(names: readonly string[]): string[][] {
  const lists = names.map((name) => ALIASES.get(name) ?? [name]);
  const count = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: count }, (_, at) => lists.map((list) => list[at] ?? list[0]));
}

/** What a name means; undefined for a name of no convention. */
function knownOf(name: string): Known | undefined {
  // Maya exports `face_bs.jawOpen`, VRChat `vrc.v_aa`.
  const words = wordsOf(name.slice(name.lastIndexOf(".") + 1));
  const glued = words.join("");
  // A single letter is a vowel only by itself: `Hair_A` is none.
  for (let from = 0; from === 0 || from < words.length - 1; from++) {
    const known = KNOWN.get(keyOf(words.slice(from)));
    if (known !== undefined) return known;
  }
  return KNOWN.get(glued);
}

/** What a blend shape does to a face that is drawn; undefined for a name that says nothing. */
export function effectOf(name: string): Partial<Expression> | undefined {
  return knownOf(name)?.effect;
}

/** Blend shapes that show the same, best first, each choice all at once. */
export function standInsOf(name: string): readonly (readonly string[])[] {
  const known = knownOf(name);
  if (known !== undefined) return known.standIns;
  // ARKit's others differ in their side only: `cheekSquint_L`.
  const [, base, letter] =
    /^(.*?)_?(L|R|Left|Right)$/.exec(name.slice(name.lastIndexOf(".") + 1)) ?? [];
  if (base === undefined) return [];
  return letter.startsWith("L")
    ? [[`${base}Left`], [`${base}_L`]]
    : [[`${base}Right`], [`${base}_R`]];
}

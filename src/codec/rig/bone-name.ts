// Bone name: the side, meaning and number in a bone's name. All names of a rig are read together, because
// words that many of them share at the beginning or end have no meaning.
import {
  FINGER_BONE_WORDS,
  FINGER_FILLERS,
  FINGER_WORDS,
  FINGERS,
  HELPER_WORDS,
  heightOf,
  meaningOf,
  TWIST_WORDS,
} from "./bone-words.ts";
import type { Finger, FingerBone, Meaning } from "./bone-words.ts";

export type Side = "left" | "right" | "";

/** What a name says by itself. The other names of the rig decide what it means. */
export interface BoneName {
  readonly side: Side;
  readonly meaning?: Meaning;
  readonly finger?: { readonly finger: Finger; readonly bone?: FingerBone };
  /** Of bones with the same meaning, lower is nearer to the hips; null: no number. */
  readonly number: number | null;
  /** Of a bone of the trunk: from below up. */
  readonly height: number;
  readonly isTwist: boolean;
  /** The name's word: bones that share it are numbered together. */
  readonly word: string;
}

// What tools put before and after names.
const LEADING = new Set(
  "mixamorig valve biped bip j adj cc base def org full body fullbody rig skeleton armature b c m jnt bone joint".split(
    " ",
  ),
);
const TRAILING = new Set("joint jnt jt bone bnd stretch c m x".split(" "));
// A word is a prefix if at least half of the bones, and at least three, begin with it.
const COMMON_SHARE = 0.5;
const COMMON_COUNT_MIN = 3;
// Blender numbers copies: `Hips.001`. In a chain the numbers differ.
const COMMON_NUMBER_SHARE = 0.9;

/** Reads the names of one rig. */
export function readBoneNames(names: readonly string[]): BoneName[] {
  const short = names.map(withoutNamespace);
  const read = readTokens(short.map(tokensOf));
  // In `herohips`, `herospine` the words are found only without the common prefix.
  const prefix = commonPrefix(short);
  if (prefix === "") return read;
  const stripped = readTokens(short.map((name) => tokensOf(name.slice(prefix.length) || name)));
  return known(stripped) > known(read) ? stripped : read;
}

const known = (names: readonly BoneName[]) =>
  names.filter(({ meaning, finger }) => meaning !== undefined || finger !== undefined).length;

function withoutNamespace(name: string): string {
  // Full-width digits and half-width katakana are the usual ones.
  const usual = name.normalize("NFKC").trim();
  return usual.replace(/[:|/]+$/, "").replace(/^.*[:|/]/, "");
}

function commonPrefix(names: readonly string[]): string {
  if (names.length < COMMON_COUNT_MIN) return "";
  return names.reduce((prefix, name) => {
    let length = 0;
    while (length < prefix.length && prefix[length] === name[length]) length++;
    return prefix.slice(0, length);
  });
}

/** Words and numbers: `LeftHandThumb1` is left, hand, thumb, 1. */
function tokensOf(name: string): string[] {
  const tokens = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7F]+/g) ?? [];
  return tokens.map((token) => token.toLowerCase());
}

const isNumber = (token: string) => /^\d/.test(token);

/** Drops first or last words that many names share and that mean nothing, such as `Avatar_` or `_JNT`. */
function stripCommon(names: readonly string[][], at: 0 | -1): void {
  for (let round = 0; round < 4; round++) {
    const counts = new Map<string, number>();
    for (const tokens of names) {
      const token = tokens.at(at);
      if (token !== undefined && hasMore(tokens, at)) {
        counts.set(token, (counts.get(token) ?? 0) + 1);
      }
    }
    const [common, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
    const share = isNumber(common) && at === -1 ? COMMON_NUMBER_SHARE : COMMON_SHARE;
    if (count < Math.max(COMMON_COUNT_MIN, names.length * share) || isKnown(common)) return;
    for (const tokens of names) {
      if (tokens.at(at) === common && hasMore(tokens, at)) tokens.splice(at, 1);
    }
  }
}

/** Whether words are left without the first or the last token. */
const hasMore = (tokens: readonly string[], at: 0 | -1) =>
  (at === 0 ? tokens.slice(1) : tokens.slice(0, -1)).some((token) => !isNumber(token));

const SIDES: ReadonlyMap<string, Side> = new Map([
  ...["left", "lft", "lt", "l"].map((word) => [word, "left"] as const),
  ...["right", "rgt", "rt", "r"].map((word) => [word, "right"] as const),
]);

function isKnown(token: string): boolean {
  if (LEADING.has(token)) return false;
  const isPart = meaningOf(token, true) ?? meaningOf(token, false);
  const isOfFinger = FINGER_WORDS.has(token) || FINGER_FILLERS.has(token);
  return isPart !== undefined || isOfFinger || SIDES.has(token) || /^(upper|lower|up)$/.test(token);
}

const NOTHING = { side: "", number: null, height: 0, isTwist: false, word: "" } as const;

function readTokens(names: readonly string[][]): BoneName[] {
  stripCommon(names, -1);
  stripCommon(names, 0);
  return names.map((tokens) => {
    while (LEADING.has(tokens[0]) && hasMore(tokens, 0)) {
      tokens.shift();
      // The number is that of the rig: Bip01 Pelvis.
      if (isNumber(tokens[0])) tokens.shift();
    }
    while (TRAILING.has(tokens.at(-1)!) && hasMore(tokens, -1)) tokens.pop();
    return readName(tokens);
  });
}

function readName(tokens: readonly string[]): BoneName {
  // Xsens names vertebrae, whose L is no side.
  const whole = tokens.join("");
  if (/^[lt]\d+$/.test(whole) && heightOf(whole) !== undefined) {
    return { ...NOTHING, meaning: "trunk", height: heightOf(whole)!, word: whole };
  }
  let side: Side = "";
  const numbers: string[] = [];
  let words: string[] = [];
  for (const token of tokens) {
    const [first, rest] = splitSide(token);
    if (isNumber(token)) numbers.push(token);
    else if (side === "" && first !== "") {
      side = first;
      if (rest !== "") words.push(rest);
    } else words.push(token);
  }
  // OptiTrack's LUArm has no visible start of a word.
  const [gluedSide, glued] = side === "" ? splitSide(words.join("")) : ["" as const, ""];
  if (gluedSide !== "") [side, words] = [gluedSide, [glued]];
  // MMD: 左足IK, 左足D, 左肩P.
  const isJapanese = /^[^\x00-\x7F]/.test(words[0] ?? "");
  if (words.some((word) => HELPER_WORDS.has(word)) || (isJapanese && words.length > 1)) {
    return { ...NOTHING, side };
  }
  // 腕捩 and 手捩 turn the arm and the forearm.
  words = words.flatMap((word) =>
    word === "腕捩" ? ["arm", "twist"] : word === "手捩" ? ["forearm", "twist"] : splitTwist(word),
  );
  // Character Creator's NeckTwist01 is the neck itself.
  const isTwist = words.some((word) => TWIST_WORDS.has(word)) && !words.includes("neck");
  if (words.length > 1) words = words.filter((word) => !TWIST_WORDS.has(word));
  while (TRAILING.has(words.at(-1)!) && words.length > 1) words.pop();

  const said = {
    ...NOTHING,
    side,
    number: numbers.length > 0 ? Number(numbers.at(-1)) : null,
    isTwist,
  };
  const finger = fingerOf(words, numbers);
  if (finger !== undefined) return { ...said, ...finger };
  let word = words.join("");
  // mHead of Second Life and neck.x of Auto-Rig Pro, as others write them.
  if (side === "" && meaningOf(word, false) === undefined) word = word.replace(/^m|x$/, "");
  const meaning = meaningOf(word, side !== "");
  return { ...said, ...(meaning && { meaning }), height: heightOf(word) ?? 0, word };
}

/** The side that a word is or holds: `left`, `lhumerus`, `leftarm`, 左腕; and the rest of it. */
function splitSide(token: string): [Side, string] {
  const whole = SIDES.get(token);
  if (whole !== undefined) return [whole, ""];
  if (/^[左右]./.test(token)) return [token.startsWith("左") ? "left" : "right", token.slice(1)];
  if (isWord(token, false)) return ["", token];
  for (const glued of [/^(left|right|l|r)(.+)$/, /^(.+?)(left|right|l|r)$/]) {
    const [first, last] = glued.exec(token)?.slice(1) ?? [];
    if (first === undefined) continue;
    const [side, rest] = SIDES.has(first) ? [first, last] : [last, first];
    if (isWord(rest, true)) return [SIDES.get(side)!, rest];
  }
  return ["", token];
}

const isWord = (word: string, hasSide: boolean) =>
  splitTwist(word).every(
    (each) => meaningOf(each, hasSide) !== undefined || TWIST_WORDS.has(each),
  ) ||
  GLUED_FINGER.test(word) ||
  (word.length > 1 && TRAILING.has(word));

/** `shldrtwist` is shldr, twist. */
function splitTwist(word: string): string[] {
  const glued = /^(.{3,})(twist|roll)$/.exec(word);
  return glued === null ? [word] : glued.slice(1);
}

const GLUED_FINGER =
  /^(in)?(?:hand)?(thumb|index|middle|mid|ring|little|pinky)(?:finger)?(metacarpal|proximal|intermediate|distal|tip|end|start)?$/;

function fingerOf(
  words: readonly string[],
  numbers: readonly string[],
): Pick<BoneName, "finger" | "number" | "word"> | undefined {
  const word = words.join(" ");
  let finger: Finger | undefined;
  let bone: FingerBone | undefined;
  for (const each of words) {
    const glued = GLUED_FINGER.exec(each);
    if (FINGER_WORDS.has(each) && finger === undefined) finger = FINGER_WORDS.get(each)!;
    else if (FINGER_BONE_WORDS.has(each)) bone ??= FINGER_BONE_WORDS.get(each)!;
    else if (glued !== null && finger === undefined) {
      finger = FINGER_WORDS.get(glued[2])!;
      bone = glued[1] === "in" ? "metacarpal" : FINGER_BONE_WORDS.get(glued[3] ?? "");
    } else if (!FINGER_FILLERS.has(each)) return undefined;
  }
  let number = numbers.length > 0 ? Number(numbers.at(-1)) : null;
  if (finger !== undefined) {
    // LeftInHandIndex is the bone in the palm.
    if (words.includes("in")) bone = "metacarpal";
  } else if (words.includes("finger") && numbers.length > 0) {
    // Biped: Finger1, Finger11, Finger12, Finger1Nub. MakeHuman: finger2-1, finger2-2, finger2-3.
    const isBiped = numbers.length === 1;
    finger = FINGERS[Number(numbers[0][0]) - (isBiped ? 0 : 1)];
    if (isBiped) number = Number(numbers[0][1] ?? 0) + 1;
  } else if (word === "metacarpal" && numbers.length > 0) {
    // MakeHuman: metacarpal1 is the index finger's.
    finger = FINGERS[Number(numbers[0])];
  }
  if (finger === undefined) return undefined;
  return { finger: { finger, ...(bone && { bone }) }, number, word };
}

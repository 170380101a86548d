// Bone parts: which part of a body each bone of a rig is. Some names mean different parts in different rigs
// (`shoulder`, `leg`, `hip`, `foot`). The other bones of the rig decide which part is meant.
import type { BoneName, Side } from "./bone-name.ts";
import { FINGERS } from "./bone-words.ts";
import type { Finger, Meaning } from "./bone-words.ts";
import { fingerBonesOf } from "./finger-bones.ts";

/**
 * A part of a body. Those with a side begin with it: `left upperArm`. Several bones may make up one part:
 * the first has its name, the others `+1`, `+2`: `left upperArm+1`.
 */
export type BodyPart = string;

export interface RigParts {
  /** By bone. */
  readonly parts: (BodyPart | undefined)[];
  /** The parent part of bones that are no part themselves, such as twist bones. Keys are bones. */
  readonly hangsOn: ReadonlyMap<number, BodyPart>;
  /** True if the spine is a child of the root, as in MMD, and not of the hips. */
  readonly isSpineBesideHips: boolean;
}

/** Finds the part of each bone. `depths` are numbers of ancestors, null if parents are unknown. */
export function partsOfRig(names: readonly BoneName[], depths: ArrayLike<number> | null): RigParts {
  return new RigReader(names, depths).read();
}

class RigReader {
  readonly #names: readonly BoneName[];
  readonly #depths: ArrayLike<number> | null;
  readonly #parts: (BodyPart | undefined)[];
  readonly #hangsOn = new Map<number, BodyPart>();
  readonly #taken = new Set<BodyPart>();
  #isSpineBesideHips = false;

  constructor(names: readonly BoneName[], depths: ArrayLike<number> | null) {
    this.#names = names;
    this.#depths = depths;
    this.#parts = names.map(() => undefined);
  }

  read(): RigParts {
    this.#readCentre();
    for (const side of ["left", "right", ""] as const) {
      this.#readArm(side);
      this.#readLeg(side);
      for (const finger of FINGERS) this.#readFinger(side, finger);
    }
    return {
      parts: this.#parts,
      hangsOn: this.#hangsOn,
      isSpineBesideHips: this.#isSpineBesideHips,
    };
  }

  /** Bones of a meaning, from the hips on. */
  #bones(meaning: Meaning, side: Side): number[] {
    const found = (name: BoneName) =>
      name.meaning === meaning && name.side === side && !name.isTwist;
    return this.#inOrder(this.#names.flatMap((name, bone) => (found(name) ? [bone] : [])));
  }

  /** Whether a rig has a word, on either side. */
  #has(...meanings: Meaning[]): boolean {
    return this.#names.some(({ meaning, isTwist }) => meanings.includes(meaning!) && !isTwist);
  }

  /** Sorts a chain of bones: by depth if parents are known, then by word, by number and by place in the list. */
  #inOrder(bones: number[]): number[] {
    const of = (bone: number) => this.#names[bone];
    // MakeHuman lists spine05 first and CesiumMan arm_4: a list that counts down is in order already.
    const isFalling =
      bones.length > 1 &&
      bones.every((bone, at) => at === 0 || numberOf(of(bone)) < numberOf(of(bones[at - 1]))) &&
      of(bones.at(-1)!).number !== null &&
      new Set(bones.map((bone) => of(bone).word)).size === 1;
    if (isFalling && this.#depths === null) return bones;
    const depth = (bone: number) => this.#depths?.[bone] ?? 0;
    return [...bones].sort(
      (a, b) =>
        depth(a) - depth(b) ||
        of(a).height - of(b).height ||
        numberOf(of(a)) - numberOf(of(b)) ||
        a - b,
    );
  }

  /** Whether bones are told apart by their numbers. */
  #isNumbered(bones: readonly number[]): boolean {
    const numbers = new Set(bones.map((bone) => this.#names[bone].number));
    return bones.length > 1 && numbers.size === bones.length;
  }

  /** Names a chain of bones that make up one part. */
  #set(part: BodyPart, bones: readonly number[]): void {
    if (this.#taken.has(part)) return;
    bones.forEach((bone, at) => {
      if (this.#parts[bone] === undefined) this.#parts[bone] = at === 0 ? part : `${part}+${at}`;
    });
    if (bones.length > 0) this.#taken.add(part);
  }

  #readCentre(): void {
    // Feet alone may be trackers, whose root is on the floor.
    const hasLegs = this.#has("upperLeg", "leg", "hip");
    const roots = this.#bones("root", "");
    const centers = this.#bones("center", "");
    const lowerBody = this.#bones("lowerBody", "");
    const necks = [...this.#bones("neck", ""), ...this.#bones("upperNeck", "")];
    const heads = this.#bones("head", "");
    let trunk = this.#bones("trunk", "");
    const isWaist = (bone: number) => /^(waist|腰)$/.test(this.#names[bone].word);
    // Daz and Character Creator hang the spine on the hip, and the legs on a pelvis on the hip.
    let hips = [...this.#bones("hips", "")].sort(
      (a, b) =>
        Number(this.#depths === null) *
        (Number(this.#names[a].word === "pelvis") - Number(this.#names[b].word === "pelvis")),
    );
    if (hips.length === 0 && lowerBody.length > 0) {
      hips = lowerBody;
      this.#isSpineBesideHips = true;
      roots.push(...centers, ...trunk.filter(isWaist));
      trunk = trunk.filter((bone) => !isWaist(bone));
    } else if (hips.length === 0 && centers.length > 0) hips = centers;
    else roots.push(...centers);
    if (hips.length === 0 && trunk.some(isWaist)) {
      hips = trunk.filter(isWaist);
      trunk = trunk.filter((bone) => !isWaist(bone));
    }
    if (hips.length === 0 && hasLegs && roots.length > 0) hips = [roots.pop()!];
    const word = (bone: number) => this.#names[bone].word;
    if (
      hips.length === 0 &&
      hasLegs &&
      trunk.filter((bone) => word(bone) === word(trunk[0])).length > 1
    ) {
      hips = [trunk.shift()!];
      if (necks.length === 0 && heads.length === 0) {
        // Rigify's spine ends with the neck, 004 and 005, and the head, 006.
        const above = trunk.filter((bone) => numberOf(this.#names[bone]) >= 4);
        trunk = trunk.filter((bone) => !above.includes(bone));
        necks.push(...above);
      }
    }
    if (
      heads.length === 0 &&
      (necks.length > 1 ||
        (necks.length === 1 && trunk.length > 1 && word(necks[0]) === word(trunk[0])))
    ) {
      heads.push(necks.pop()!);
    }
    this.#set("root", roots);
    // A second bone with the same word belongs to a second rig.
    this.#set(
      "hips",
      hips.filter((bone, at) => at === 0 || word(bone) !== word(hips[0])),
    );
    this.#setTrunk(trunk);
    this.#set("upperNeck", necks.length > 1 ? [necks.pop()!] : []);
    this.#set("neck", necks);
    this.#set("head", heads.slice(0, 1));
    for (const part of ["headTop", "jaw"] as const)
      this.#set(part, this.#bones(part, "").slice(0, 1));
    for (const side of ["left", "right"] as const) {
      this.#set(`${side} eye`, this.#bones("eye", side).slice(0, 1));
    }
  }

  #setTrunk(trunk: readonly number[]): void {
    const last = trunk.length - 1;
    if (last === 0) {
      const { height } = this.#names[trunk[0]];
      const isUpper = height >= UPPER_CHEST_HEIGHT;
      this.#set(isUpper ? "upperChest" : height >= CHEST_HEIGHT ? "chest" : "spine", trunk);
    } else if (last > 0) {
      // First, middle and last bone are spine, chest and upper chest. The others are further bones of these.
      const chest = Math.ceil(last / 2);
      this.#set("spine", trunk.slice(0, chest));
      this.#set("chest", trunk.slice(chest, Math.max(last, chest + 1)));
      this.#set("upperChest", last > chest ? trunk.slice(last) : []);
    }
  }

  #readArm(side: Side): void {
    const bones = (meaning: Meaning) => this.#bones(meaning, side);
    const arms = bones("arm");
    if (this.#isNumbered(arms) && !this.#has("upperArm", "lowerArm", "elbow")) {
      // Numbered from the body to the hand.
      const chain = arms.length > 3 ? ["shoulder", ...ARM] : ARM;
      chain.forEach((part, at) => this.#set(inSide(side, part), arms.slice(at, at + 1)));
    }
    const hasForearm = this.#has("lowerArm", "elbow");
    let upper = bones("upperArm");
    let lower = bones("lowerArm").length > 0 ? bones("lowerArm") : bones("elbow");
    let shoulder = bones("shoulder");
    if (this.#has("upperArm")) {
      if (!hasForearm) lower = arms;
    } else if (this.#has("arm")) {
      upper = arms;
    } else if (hasForearm || this.#has("collar", "scapula")) {
      upper = shoulder;
      shoulder = [];
    }
    this.#set(
      inSide(side, "shoulder"),
      this.#alongChain([...bones("collar"), ...shoulder, ...bones("scapula")]),
    );
    this.#setLimb(inSide(side, "upperArm"), upper, side, ["upperArm", "arm"]);
    this.#setLimb(inSide(side, "lowerArm"), lower, side, ["lowerArm", "elbow"]);

    const hands = [...bones("wrist"), ...bones("hand")];
    const palms = bones("palm");
    // Kinect, SMPL and Meta have a bone in the middle of the hand that others call the hand.
    const hand = hands.shift() ?? palms.shift();
    this.#set(inSide(side, "hand"), hand === undefined ? [] : [hand]);
    if (palms.length > 1) {
      // Rigify numbers the metacarpals of the four fingers.
      palms.forEach((bone, at) => {
        if (at < 4) this.#set(inSide(side, `${FINGERS[at + 1]} metacarpal`), [bone]);
      });
    } else hands.push(...palms);
    this.#set(inSide(side, "palm"), hands.slice(0, 1));
    for (const part of ["fingerBase", "fingers"] as const) {
      this.#set(inSide(side, part), bones(part).slice(0, 1));
    }
  }

  #readLeg(side: Side): void {
    const bones = (meaning: Meaning) => this.#bones(meaning, side);
    const legs = bones("leg");
    if (this.#isNumbered(legs) && !this.#has("upperLeg", "lowerLeg", "hip", "knee")) {
      LEG.forEach((part, at) => this.#set(inSide(side, part), legs.slice(at, at + 1)));
    }
    const shins = bones("lowerLeg").length > 0 ? bones("lowerLeg") : bones("knee");
    let upper = bones("upperLeg");
    let lower = shins;
    let hipJoint = bones("hip");
    if (!this.#has("upperLeg")) {
      if (this.#has("leg") && this.#has("lowerLeg", "knee")) upper = legs;
      else [upper, hipJoint] = [hipJoint, []];
    }
    if (upper !== legs && !this.#has("lowerLeg") && this.#has("leg")) lower = legs;
    this.#set(inSide(side, "hipJoint"), hipJoint.slice(0, 1));
    this.#setLimb(inSide(side, "upperLeg"), upper, side, ["upperLeg"]);
    this.#setLimb(inSide(side, "lowerLeg"), lower, side, ["lowerLeg"]);

    // In a rig with ankles, the foot is the bone beyond the ankle.
    const chain = [...bones("ankle").slice(0, 1), ...bones("foot").slice(0, 1)];
    const foot = chain.shift();
    this.#set(inSide(side, "foot"), foot === undefined ? [] : [foot, ...bones("midFoot")]);
    for (const meaning of ["ball", "toes", "toesTip"] as const)
      chain.push(...bones(meaning).slice(0, 1));
    if (chain.length === 1 && this.#names[chain[0]].meaning === "toesTip") {
      this.#set(inSide(side, "toesTip"), chain);
      return;
    }
    this.#set(inSide(side, "toes"), chain.slice(0, 1));
    this.#set(inSide(side, "toesTip"), chain.slice(1, 2));
  }

  /** Sorts by depth only: these words come in different orders. */
  #alongChain(bones: number[]): number[] {
    const depths = this.#depths;
    return depths === null ? bones : [...bones].sort((a, b) => depths[a] - depths[b]);
  }

  /** Bones of a limb, and those that only twist: within its chain, or leaves on it. */
  #setLimb(part: BodyPart, bones: number[], side: Side, meanings: readonly Meaning[]): void {
    const twists = this.#names.flatMap(({ meaning, isTwist, ...name }, bone) =>
      isTwist && name.side === side && meanings.includes(meaning!) ? [bone] : [],
    );
    // Daz bends a limb by one bone and twists it by the next; MMD's 腕捩 is such a bone too.
    const isInChain = this.#names.some(({ word }) => /bend$|[^\x00-\x7F]/.test(word));
    this.#set(part, isInChain ? [...bones, ...twists] : bones);
    if (!isInChain) for (const bone of twists) this.#hangsOn.set(bone, part);
  }

  #readFinger(side: Side, finger: Finger): void {
    const bones = this.#names.flatMap((name, bone) =>
      name.finger?.finger === finger && name.side === side ? [bone] : [],
    );
    const names = bones.map((bone) => this.#names[bone]);
    fingerBonesOf(finger, names).forEach((part, at) => {
      this.#set(inSide(side, `${finger} ${part}`), [bones[at]]);
    });
  }
}

const CHEST_HEIGHT = 7;
const UPPER_CHEST_HEIGHT = 9;
const ARM = ["upperArm", "lowerArm", "hand"];
const LEG = ["upperLeg", "lowerLeg", "foot", "toes"];

/** A bone without a number comes before the first that has one. */
const numberOf = ({ number }: BoneName) => number ?? -1;

const inSide = (side: Side, part: string): BodyPart => (side === "" ? part : `${side} ${part}`);

/** A part without its side, and without the number of a further bone: `left upperArm+1` is an upperArm. */
export const kindOf = (part: BodyPart): string => part.replace(/^(left|right) |\+\d+$/g, "");

/** `left `, `right ` or nothing. */
export const sideOf = (part: BodyPart): string => /^(left|right) /.exec(part)?.[0] ?? "";

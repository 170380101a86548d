// Bone names: what part of a body a bone is, by the naming conventions of the field, and whose child
// it then is. One table for Mixamo and Ready Player Me, Unity's HumanBodyBones, VRM 0 and 1 (and
// VRoid's nodes), Biped, CMU's BVH and ASF, and Unreal's mannequin.
import type { Skeleton } from "../frame.ts";

/** A part of a body; those with a side are `left` or `right` and the table's word: `left upperArm`. */
export type BodyPart = string;

interface Row {
  readonly part: string;
  /** The nearest of these that a skeleton has is the parent. */
  readonly under: readonly string[];
  /** Names without their side, in lower case, letters and digits only. */
  readonly names: string;
}

const TRUNK = ["upperChest", "chest", "spine", "lowerBack", "hips", "root"];

const CENTRE: readonly Row[] = [
  { part: "root", under: [], names: "root bip01 bip001" },
  { part: "hips", under: ["root"], names: "hips hip pelvis" },
  { part: "lowerBack", under: ["hips", "root"], names: "lowerback" },
  { part: "spine", under: TRUNK.slice(3), names: "spine spine01 upperback" },
  { part: "chest", under: TRUNK.slice(2), names: "chest spine1 spine02 thorax" },
  { part: "upperChest", under: TRUNK.slice(1), names: "upperchest spine2 spine3 spine03" },
  { part: "neck", under: TRUNK, names: "neck neck01 lowerneck" },
  { part: "upperNeck", under: ["neck", ...TRUNK], names: "neck1 neck02 upperneck" },
  { part: "head", under: ["upperNeck", "neck", ...TRUNK], names: "head" },
  { part: "headTop", under: ["head"], names: "headtop headtopend headnub headend" },
  { part: "jaw", under: ["head"], names: "jaw" },
];

const SIDES: readonly Row[] = [
  { part: "eye", under: ["head"], names: "eye faceeye" },
  { part: "shoulder", under: TRUNK, names: "shoulder clavicle collar" },
  { part: "upperArm", under: ["shoulder", ...TRUNK], names: "upperarm arm humerus" },
  { part: "lowerArm", under: ["upperArm"], names: "lowerarm forearm radius" },
  { part: "wrist", under: ["lowerArm"], names: "wrist" },
  { part: "hand", under: ["wrist", "lowerArm"], names: "hand" },
  { part: "hipJoint", under: ["hips", "root"], names: "hipjoint" },
  {
    part: "upperLeg",
    under: ["hipJoint", "hips", "root"],
    names: "upperleg upleg thigh femur hip",
  },
  { part: "lowerLeg", under: ["upperLeg"], names: "lowerleg leg calf tibia shin" },
  { part: "foot", under: ["lowerLeg"], names: "foot" },
  { part: "toes", under: ["foot"], names: "toes toe toebase toe0 ball" },
  { part: "toesTip", under: ["toes"], names: "toeend toebaseend toe0nub toesend" },
  { part: "fingerBase", under: ["hand"], names: "fingerbase" },
  { part: "fingers", under: ["fingerBase", "hand"], names: "fingers" },
  // One convention's second bone is another's first: the order is what all agree on.
  ...fingerRows("thumb", 0, ["metacarpal", "proximal", "intermediate", "distal", "tip"]),
  ...fingerRows("index", 1, ["proximal", "intermediate", "distal", "tip"]),
  ...fingerRows("middle", 2, ["proximal", "intermediate", "distal", "tip"]),
  ...fingerRows("ring", 3, ["proximal", "intermediate", "distal", "tip"]),
  ...fingerRows("little", 4, ["proximal", "intermediate", "distal", "tip"]),
];

function fingerRows(finger: string, number: number, bones: readonly string[]): Row[] {
  const words = finger === "little" ? ["little", "pinky"] : [finger];
  // Mixamo and VRoid count the thumb's bones from the metacarpal; thumb3 is the distal one.
  const counted = finger === "thumb" ? ["metacarpal", "proximal", "distal", "tip"] : bones;
  return bones.map((bone, order) => {
    const count = counted.indexOf(bone) + 1;
    const names = words.flatMap((word) => [
      `${word}${bone}`,
      ...(count === 0 ? [] : [`${word}${count}`, `hand${word}${count}`, `${word}0${count}`]),
    ]);
    // Biped: Finger0, Finger01, Finger02, Finger0Nub.
    const biped = [`finger${number}`, `finger${number}1`, `finger${number}2`, `finger${number}nub`];
    if (count > 0) names.push(biped[count - 1]);
    if (finger === "thumb" && order === 0) names.push("thumb");
    const under = Array.from({ length: order }, (_, up) => bones[order - 1 - up]);
    return {
      part: `${finger} ${bone}`,
      under: [...under.map((each) => `${finger} ${each}`), "hand", "wrist"],
      names: names.join(" "),
    };
  });
}

const PARTS_BY_NAME = new Map<string, BodyPart>();
const PARENTS_OF_PART = new Map<BodyPart, readonly BodyPart[]>();

for (const { part, under, names } of CENTRE) {
  PARENTS_OF_PART.set(part, under);
  for (const name of names.split(" ")) PARTS_BY_NAME.set(name, part);
}
const sided = new Set(SIDES.map(({ part }) => part));
for (const side of ["left", "right"]) {
  for (const { part, under, names } of SIDES) {
    const parents = under.map((each) => (sided.has(each) ? `${side} ${each}` : each));
    PARENTS_OF_PART.set(`${side} ${part}`, parents);
    for (const name of names.split(" ")) {
      for (const spelled of [side + name, name + side, side[0] + name, name + side[0]]) {
        if (!PARTS_BY_NAME.has(spelled)) PARTS_BY_NAME.set(spelled, `${side} ${part}`);
      }
    }
  }
}

// What tools put before every name: mixamorig:Hips, Bip01 Pelvis, J_Bip_C_Hips, Armature|Hips.
const PREFIX = /^(.*[:|])?(mixamorig\d*|bip0*1[ _.]|j_(bip|adj)_(c_)?|cc_base_)?/i;

/** The part of a body that a bone is by its name; undefined for a name of no convention. */
export function bodyPartOf(name: string): BodyPart | undefined {
  return PARTS_BY_NAME.get(fold(name.replace(PREFIX, ""))) ?? PARTS_BY_NAME.get(fold(name));
}

const fold = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** What a skeleton's bones are, and where each hangs. */
export interface NamedSkeleton {
  /** By bone; of two bones that would be the same part, the first is. */
  readonly parts: readonly (BodyPart | undefined)[];
  /** Index of each bone's parent; -1: the root transform; -2: not known. */
  readonly parents: Int32Array;
  /** `said`: by the sender; `named`: by the table; `unknown`: no bone's parent is known. */
  readonly parentsFrom: "said" | "named" | "unknown";
}

export const PARENT_ROOT = -1;
export const PARENT_UNKNOWN = -2;

// One bone called `Head` or `hand` is no body yet, but a head with two hands is.
const NAMED_SHARE_MIN = 0.25;

/** Finds parts and parents. Parents that the sender says count; else those of the naming convention. */
export function nameSkeleton({ boneNames, boneParents }: Skeleton): NamedSkeleton {
  const indexByPart = new Map<BodyPart, number>();
  const parts = boneNames.map((name, index) => {
    const part = bodyPartOf(name);
    if (part === undefined || indexByPart.has(part)) return undefined;
    indexByPart.set(part, index);
    return part;
  });
  const parents = new Int32Array(boneNames.length).fill(PARENT_UNKNOWN);
  if (boneParents !== undefined) {
    const indexByName = new Map(boneNames.map((name, index) => [name, index]));
    boneParents.forEach((parent, index) => {
      parents[index] = parent === null ? PARENT_ROOT : (indexByName.get(parent) ?? PARENT_ROOT);
    });
    return { parts, parents, parentsFrom: "said" };
  }
  if (indexByPart.size === 0 || indexByPart.size < boneNames.length * NAMED_SHARE_MIN) {
    return { parts: parts.map(() => undefined), parents, parentsFrom: "unknown" };
  }
  parts.forEach((part, index) => {
    if (part === undefined) return;
    const known = PARENTS_OF_PART.get(part)!.find((each) => indexByPart.has(each));
    parents[index] = known === undefined ? PARENT_ROOT : indexByPart.get(known)!;
  });
  return { parts, parents, parentsFrom: "named" };
}

// Bone parents: on what each part of a body hangs, for senders that name bones and no parents.
import { FINGER_BONES, FINGERS } from "./bone-words.ts";
import { kindOf, sideOf } from "./bone-parts.ts";
import type { BodyPart, RigParts } from "./bone-parts.ts";

const TRUNK = ["upperChest", "chest", "spine", "hips", "root"];

/** The nearest of these that a rig has is the parent. */
const UNDER: Readonly<Record<string, readonly string[]>> = {
  root: [],
  hips: ["root"],
  spine: ["hips", "root"],
  chest: TRUNK.slice(2),
  upperChest: TRUNK.slice(1),
  neck: TRUNK,
  upperNeck: ["neck", ...TRUNK],
  head: ["upperNeck", "neck", ...TRUNK],
  headTop: ["head"],
  jaw: ["head"],
  eye: ["head"],
  shoulder: TRUNK,
  upperArm: ["shoulder", ...TRUNK],
  lowerArm: ["upperArm"],
  hand: ["lowerArm"],
  palm: ["hand"],
  fingerBase: ["hand"],
  fingers: ["fingerBase", "palm", "hand"],
  hipJoint: ["hips", "root"],
  upperLeg: ["hipJoint", "hips", "root"],
  lowerLeg: ["upperLeg"],
  foot: ["lowerLeg"],
  toes: ["foot"],
  toesTip: ["toes"],
  ...Object.fromEntries(
    FINGERS.flatMap((finger) =>
      FINGER_BONES.map((bone, at) => [
        `${finger} ${bone}`,
        [
          ...FINGER_BONES.slice(0, at)
            .map((each) => `${finger} ${each}`)
            .reverse(),
          "hand",
        ],
      ]),
    ),
  ),
};

/** The index of the bone that each hangs on; `root` where it is nothing, `unknown` for bones of no part. */
export function parentsByPart(
  { parts, hangsOn, isSpineBesideHips }: RigParts,
  { root, unknown }: { root: number; unknown: number },
): Int32Array {
  const indices = new Map<BodyPart, number>();
  parts.forEach((part, bone) => part !== undefined && indices.set(part, bone));
  /** Of several bones that make up a part, the one farthest along it. */
  const last = (part: BodyPart): number | undefined => {
    let count = 0;
    while (indices.has(`${part}+${count + 1}`)) count++;
    return indices.get(count === 0 ? part : `${part}+${count}`);
  };
  return Int32Array.from(parts, (part, bone) => {
    if (part === undefined) return indices.get(hangsOn.get(bone) ?? "") ?? unknown;
    const [, first, count] = /^(.*?)(?:\+(\d+))?$/.exec(part)!;
    if (count !== undefined)
      return indices.get(count === "1" ? first : `${first}+${Number(count) - 1}`)!;
    const kind = kindOf(part);
    for (const above of UNDER[kind] ?? []) {
      // Legs hang on a pelvis below the hips, the spine on the hips themselves.
      if (above === "hips" && TRUNK.includes(kind)) {
        const hips = isSpineBesideHips ? undefined : indices.get("hips");
        if (hips !== undefined) return hips;
      } else {
        const parent = last(sideOf(part) + above) ?? last(above);
        if (parent !== undefined) return parent;
      }
    }
    return root;
  });
}

// Bone names: what part of a body each bone of a skeleton is, and whose child. The conventions that are
// known are listed in docs/names.md.
//
//   nameSkeleton({ boneNames: ["Hips", "LeftHip", "LeftKnee"], blendShapeNames: [] }).parts
//   // ["hips", "left upperLeg", "left lowerLeg"]
import { readBoneNames } from "./bone-name.ts";
import { inheritSides, partsByHierarchy } from "./bone-hierarchy.ts";
import { parentsByPart } from "./bone-parents.ts";
import { partsOfRig } from "./bone-parts.ts";
import type { BodyPart, RigParts } from "./bone-parts.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { Skeleton } from "../frame.ts";

export { kindOf } from "./bone-parts.ts";
export type { BodyPart } from "./bone-parts.ts";

/** What a skeleton's bones are, and where each hangs. */
export interface NamedSkeleton {
  /** By bone; of two bones that would be the same part, the first is. */
  readonly parts: readonly (BodyPart | undefined)[];
  /** Index of each bone's parent; -1: the root transform; -2: not known. */
  readonly parents: Int32Array;
  /** `said`: by the sender; `named`: by the bones' names; `unknown`: no bone's parent is known. */
  readonly parentsFrom: "said" | "named" | "unknown";
}

export const PARENT_ROOT = -1;
export const PARENT_UNKNOWN = -2;

/** The part of a body that a bone is by its name alone; undefined for a name of no convention. */
export function bodyPartOf(name: string): BodyPart | undefined {
  return nameBones([name])[0];
}

/**
 * The part that each bone of one rig is. `parents`, where they are known: the index of the bone that each
 * hangs on, below 0 for none.
 */
export function nameBones(
  boneNames: readonly string[],
  parents?: Int32Array,
  rest?: ArrayLike<number>,
): (BodyPart | undefined)[] {
  const names = readBoneNames(boneNames);
  if (parents === undefined) return partsOfRig(names, null).parts;
  const sided = inheritSides(names, parents);
  const { parts } = partsOfRig(sided, depthsOf(parents));
  return partsByHierarchy(parts, sided, parents, rest);
}

/** Finds parts and parents. Parents that the sender says count; else those that the names tell. */
export function nameSkeleton(skeleton: Skeleton): NamedSkeleton {
  const { boneNames, rest } = skeleton;
  const { parents, parentsFrom } = parentsOf(skeleton);
  if (parentsFrom === "unknown") {
    return { parts: boneNames.map(() => undefined), parents, parentsFrom };
  }
  const isTree = parentsFrom === "said" && parents.some((parent) => parent >= 0);
  const parts = isTree ? nameBones(boneNames, parents, rest) : rigOf(boneNames).parts;
  return { parts, parents, parentsFrom };
}

/** The parents alone, which costs much less where the sender says them. */
export function parentsOf({
  boneNames,
  boneParents,
  rest,
}: Skeleton): Pick<NamedSkeleton, "parents" | "parentsFrom"> {
  const said = boneParents === undefined ? undefined : indicesOf(boneNames, boneParents);
  if (said?.some((parent) => parent >= 0)) return { parents: said, parentsFrom: "said" };
  const rig = rigOf(boneNames);
  const known = rig.parts.filter((part) => part !== undefined).length;
  if (known === 0 || known < boneNames.length * NAMED_SHARE_MIN) {
    if (said !== undefined) return { parents: said, parentsFrom: "said" };
    const parents = new Int32Array(boneNames.length).fill(PARENT_UNKNOWN);
    return { parents, parentsFrom: "unknown" };
  }
  const parents = parentsByPart(rig, { root: PARENT_ROOT, unknown: PARENT_UNKNOWN });
  if (said !== undefined && !isBody(rig, parents, rest)) {
    return { parents: said, parentsFrom: "said" };
  }
  return { parents, parentsFrom: "named" };
}

// The rigs that were named last. To read a list of 100 names takes milliseconds, and a hundred players who come
// at once mostly have one of a few rigs.
const RIGS_MAX = 32;
// Room for 1,024 names of 64 characters. A list that is longer is read each time.
const RIG_KEY_LENGTH_MAX = 70_000;
const rigs = new Map<string, RigParts>();

function rigOf(boneNames: readonly string[]): RigParts {
  const key = JSON.stringify(boneNames);
  const known = rigs.get(key);
  if (known !== undefined) return known;
  const rig = partsOfRig(readBoneNames(boneNames), null);
  if (key.length > RIG_KEY_LENGTH_MAX) return rig;
  const [oldest] = rigs.keys();
  if (rigs.size >= RIGS_MAX) rigs.delete(oldest);
  rigs.set(key, rig);
  return rig;
}

// One bone called `Head` or `hand` is no body yet, but a head with two hands is.
const NAMED_SHARE_MIN = 0.25;
// Trackers have no parents in truth; a body's bones hang on one another.
const HUNG_SHARE_MIN = 0.6;

/** Whether bones that were all sent without a parent must be a body's, whose sender left parents out. */
function isBody({ parts }: RigParts, parents: Int32Array, rest?: ArrayLike<number>): boolean {
  const known = parts.filter((part) => part !== undefined).length;
  const hung = parents.filter((parent) => parent >= 0).length;
  if (hung < known * HUNG_SHARE_MIN) return false;
  // Places in the room are near those of their parents; offsets from their parents are near zero.
  if (rest === undefined) return true;
  let fromParent = 0;
  let fromZero = 0;
  parents.forEach((parent, bone) => {
    if (parent < 0) return;
    fromParent += distance(rest, bone, parent);
    fromZero += distance(rest, bone, null);
  });
  return fromZero <= fromParent;
}

function distance(rest: ArrayLike<number>, bone: number, from: number | null): number {
  const along = (axis: number) =>
    rest[bone * TRANSFORM_FLOATS + axis] -
    (from === null ? 0 : rest[from * TRANSFORM_FLOATS + axis]);
  return Math.hypot(along(0), along(1), along(2));
}

function indicesOf(
  boneNames: readonly string[],
  boneParents: readonly (string | null)[],
): Int32Array {
  const indexByName = new Map(boneNames.map((name, index) => [name, index]));
  return Int32Array.from(boneParents, (parent) =>
    parent === null ? PARENT_ROOT : (indexByName.get(parent) ?? PARENT_ROOT),
  );
}

/** How many bones are above each; a circle ends where it began. */
function depthsOf(parents: Int32Array): Int32Array {
  return parents.map((parent) => {
    let depth = 0;
    for (let up = parent; up >= 0 && depth < parents.length; up = parents[up]) depth++;
    return depth;
  });
}

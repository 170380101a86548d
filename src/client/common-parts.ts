// What two skeletons of one player have in common, so that motion continues while the skeleton changes, e.g. where
// hand tracking begins or ends.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";

/** For each bone and each blend shape of the newer skeleton its index in the older one; -1: it is new. */
export interface CommonParts {
  readonly bones: readonly number[];
  readonly blendShapes: readonly number[];
}

/** Finds parts by name. A bone whose parent is another one is new: its transform means something else. */
export function commonParts(older: Skeleton, newer: Skeleton): CommonParts {
  const bones = indicesIn(older.boneNames, newer.boneNames);
  const [olderParents, newerParents] = [older.boneParents, newer.boneParents];
  return {
    bones:
      olderParents === undefined || newerParents === undefined
        ? bones
        : bones.map((from, bone) => (olderParents[from] === newerParents[bone] ? from : -1)),
    blendShapes: indicesIn(older.blendShapeNames, newer.blendShapeNames),
  };
}

/** Writes the root, the times and the common parts of a pose of the older skeleton into `out`, one of the newer. */
export function carryPose(pose: Pose, { bones, blendShapes }: CommonParts, out: Pose): Pose {
  out.root.set(pose.root);
  bones.forEach((from, bone) => {
    if (from < 0) return;
    const at = TRANSFORM_FLOATS * from;
    out.bones.set(pose.bones.subarray(at, at + TRANSFORM_FLOATS), TRANSFORM_FLOATS * bone);
  });
  blendShapes.forEach((from, shape) => {
    if (from >= 0) out.blendShapes[shape] = pose.blendShapes[from];
  });
  out.timestamp = pose.timestamp;
  out.server_timestamp = pose.server_timestamp;
  return out;
}

function indicesIn(names: readonly string[], wanted: readonly string[]): number[] {
  const indices = new Map(names.map((name, index) => [name, index]));
  return wanted.map((name) => indices.get(name) ?? -1);
}

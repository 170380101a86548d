// Bind rest: the rest of a model's bones, whatever their pose is now. It is the bind pose of the model's skins, or the
// pose of a VRM's file.
import { Matrix4, Quaternion, Vector3 } from "three";
import type { Object3D, SkinnedMesh } from "three";
import type { VrmLike } from "./vrm-like.ts";

/** Relative difference of matrices that are the same: a skin's matrices are rounded to 4-byte floats. */
const AT_REST = 1e-3;
/** A face may move while the body rests. */
const AT_REST_SHARE = 0.9;

/** Returns the matrix of a node in the axes of a node above it. */
export type MatrixIn = (node: Object3D, ancestor: Object3D | null) => Matrix4;

export interface BindRestOptions {
  readonly model: Object3D;
  /** Parents first. */
  readonly bones: readonly Object3D[];
  /** The captured bone above each bone, or null. */
  readonly parents: readonly (Object3D | null)[];
  readonly vrm: VrmLike | null;
  readonly matrixIn: MatrixIn;
}

/** Returns the matrix of each bone at rest, in the axes of its parent. */
export function bindRest({ model, bones, parents, vrm, matrixIn }: BindRestOptions): Matrix4[] {
  const now = bones.map((bone, index) => matrixIn(bone, parents[index] ?? model));
  if (vrm !== null) return vrmRest(vrm, bones, now);
  const rests = new Map<Object3D, Matrix4>();
  for (const skin of skinsOf(model)) {
    for (const [bone, matrix] of skinRest(skin, model, matrixIn)) {
      if (!rests.has(bone)) rests.set(bone, matrix);
    }
  }
  return bones.map((bone, index) => {
    const parent = parents[index];
    const above = parent === null ? new Matrix4() : rests.get(parent)!;
    const rest = rests.get(bone) ?? above.clone().multiply(now[index]);
    rests.set(bone, rest);
    const local = above.clone().invert().multiply(rest);
    // A bone that is at rest now has better numbers than the skin.
    return isNear(local, now[index]) ? now[index] : local;
  });
}

/** The pose of the file, which is a T pose in VRM. */
function vrmRest(
  { humanoid: { humanBones, rawRestPose = {} } }: VrmLike,
  bones: readonly Object3D[],
  now: readonly Matrix4[],
): Matrix4[] {
  const restOf = new Map<Object3D, Matrix4>();
  for (const [name, bone] of Object.entries(humanBones)) {
    const { position, rotation } = rawRestPose[name] ?? {};
    if (bone === undefined || (position === undefined && rotation === undefined)) continue;
    const { node } = bone;
    const matrix = new Matrix4().compose(
      position === undefined ? node.position : new Vector3().fromArray(position),
      rotation === undefined ? node.quaternion : new Quaternion().fromArray(rotation),
      node.scale,
    );
    restOf.set(node, matrix);
  }
  return bones.map((bone, index) => {
    const rest = restOf.get(bone);
    if (rest === undefined) return now[index];
    // Nodes between two bones do not move.
    const own = new Matrix4().compose(bone.position, bone.quaternion, bone.scale);
    const restNow = now[index].clone().multiply(own.invert()).multiply(rest);
    return isNear(restNow, now[index]) ? now[index] : restNow;
  });
}

function skinsOf(model: Object3D): SkinnedMesh[] {
  const skins: SkinnedMesh[] = [];
  model.traverse((node) => {
    if ("isSkinnedMesh" in node && (node as SkinnedMesh).skeleton !== undefined) {
      skins.push(node as SkinnedMesh);
    }
  });
  return skins;
}

/** The bind pose of a skin, in the axes of the model. */
function skinRest(
  mesh: SkinnedMesh,
  model: Object3D,
  matrixIn: MatrixIn,
): (readonly [Object3D, Matrix4])[] {
  const { bones, boneInverses } = mesh.skeleton;
  const bound = bones.flatMap((bone, index) => {
    const matrix = boneInverses[index]?.clone().invert();
    return matrix === undefined || matrix.determinant() === 0 ? [] : [{ bone, matrix }];
  });
  if (bound.length === 0) return [];
  const matrixOf = new Map(bound.map(({ bone, matrix }) => [bone as Object3D, matrix]));
  const top = bound.find(({ bone }) => !hasAbove(bone, matrixOf)) ?? bound[0];
  const now = matrixIn(top.bone, model);
  let same = 0;
  let compared = 0;
  for (const { bone, matrix } of bound) {
    const above = bone.parent === null ? undefined : matrixOf.get(bone.parent);
    if (above === undefined) continue;
    compared++;
    const local = above.clone().invert().multiply(matrix);
    if (isNear(local, matrixIn(bone, bone.parent))) same++;
  }
  // A skin has a space of its own, which may have another unit and other axes. If the model is at rest now, the
  // topmost bone tells which. Otherwise it is the space of the model, of the mesh or of the bones' parent: the one in
  // which the topmost bone has moved least.
  const isAtRest = same >= compared * AT_REST_SHARE;
  const space = isAtRest
    ? now.clone().multiply(top.matrix.clone().invert())
    : nearestSpace(
        [
          new Matrix4(),
          matrixIn(mesh, model),
          matrixIn(mesh, model).multiply(mesh.bindMatrixInverse),
          top.bone.parent === null ? new Matrix4() : matrixIn(top.bone.parent, model),
        ],
        top.matrix,
        now,
      );
  return bound.map(({ bone, matrix }) => [bone, space.clone().multiply(matrix)] as const);
}

function hasAbove(bone: Object3D, others: ReadonlyMap<Object3D, unknown>): boolean {
  for (let up = bone.parent; up !== null; up = up.parent) if (others.has(up)) return true;
  return false;
}

/** The space in which a bone has moved least since it was bound, scaled to the bone's size now. */
function nearestSpace(spaces: readonly Matrix4[], bound: Matrix4, now: Matrix4): Matrix4 {
  const own = partsOf(now);
  let nearest = new Matrix4();
  let best = Infinity;
  for (const space of spaces) {
    const { scale } = partsOf(space.clone().multiply(bound));
    const size = own.scale.x / scale.x;
    if (!Number.isFinite(size)) continue;
    const sized = new Matrix4().makeScale(size, size, size).multiply(space);
    const { position, rotation } = partsOf(sized.clone().multiply(bound));
    const moved = position.distanceTo(own.position) / (own.position.length() || 1);
    const score = rotation.angleTo(own.rotation) + moved;
    if (score < best) [nearest, best] = [sized, score];
  }
  return nearest;
}

function partsOf(matrix: Matrix4) {
  const [position, rotation, scale] = [new Vector3(), new Quaternion(), new Vector3()];
  matrix.decompose(position, rotation, scale);
  return { position, rotation, scale };
}

function isNear(a: Matrix4, b: Matrix4): boolean {
  const size = Math.max(...a.elements.map(Math.abs));
  return a.elements.every((value, at) => Math.abs(value - b.elements[at]) <= size * AT_REST);
}

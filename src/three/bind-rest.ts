// Bind rest: how the bones of a model rest, whatever they do right now: as its skins were bound, or as a VRM's
// file has them.
import { Matrix4, Quaternion, Vector3 } from "three";
import type { Object3D, SkinnedMesh } from "three";
import type { VrmLike } from "./vrm-like.ts";

/** Of local transforms; a skin's own numbers are floats of four bytes. */
const AT_REST = 1e-3;
/** A face may be at work while the body rests. */
const AT_REST_SHARE = 0.9;

/** Makes the matrix of a node in the axes of another, however far above. */
export type MatrixIn = (node: Object3D, ancestor: Object3D | null) => Matrix4;

export interface BindRestOptions {
  readonly model: Object3D;
  /** Parents first. */
  readonly bones: readonly Object3D[];
  /** The bone that each bone hangs on; null: the model. */
  readonly parents: readonly (Object3D | null)[];
  readonly vrm: VrmLike | null;
  readonly matrixIn: MatrixIn;
}

/** The matrix of each bone at rest, in the axes of its parent. */
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
    // Where it rests right now, its own numbers are better than those of the skin.
    return isNear(local, now[index]) ? now[index] : local;
  });
}

/** The file's own pose: VRM asks for a T pose in it. */
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
    // What is between two bones does not move by itself.
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

/** Where a skin was bound to its bones, in the axes of the model. */
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
  // The skin's own space may be of another unit, or lie on its back. At rest the topmost bone tells where it
  // is; else it is that of the model, of the mesh, or of what the bones hang on: the one in which the topmost
  // bone has moved least.
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

/** The space in which a bone that was bound has moved least, in the unit that it has now. */
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

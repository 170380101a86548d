// Captured rig: finds the bones and blend shapes of a model once, and reads their pose every frame.
import { Matrix4, Quaternion, Vector3 } from "three";
import type { Mesh, Object3D, SkinnedMesh } from "three";
import { createPose, TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { bindRest } from "./bind-rest.ts";
import { isVrm } from "./vrm-like.ts";
import type { VrmExpressionLike, VrmLike } from "./vrm-like.ts";

interface MorphTarget {
  readonly mesh: Mesh;
  readonly dictionary: Readonly<Record<string, number>>;
}

export class CapturedRig {
  readonly skeleton: Skeleton;
  readonly pose: Pose;
  readonly #model: Object3D | VrmLike;
  readonly #object: Object3D;
  /** Where bones and faces are searched: the object, and bones of a skin that are not below it. */
  readonly #roots: readonly Object3D[];
  /** Parents first. */
  readonly #bones: readonly Object3D[];
  /** The parent of each bone: a captured bone, or the model. */
  readonly #parents: readonly Object3D[];
  /** Names of the nodes when they were found. */
  readonly #names: readonly string[];
  readonly #faces: readonly MorphTarget[];
  readonly #expressions: readonly VrmExpressionLike[];
  /** For each blend shape the index in `#faces` and that of the morph target. */
  readonly #weights: readonly (readonly [face: number, influence: number])[];
  /** The model's scale when it was found. It is part of the topmost bones and not of the root. */
  readonly #unit = new Vector3(1, 1, 1);
  #cursor = 0;

  constructor(model: Object3D | VrmLike) {
    this.#model = model;
    this.#object = isVrm(model) ? model.scene : model;
    this.#roots = rootsOf(this.#object);
    const named = isVrm(model) ? humanBonesOf(model) : bonesOf(this.#roots);
    const names = uniqueNames(Array.from(named.values()));
    const bones = [...named.keys()];
    const indexOf = new Map(bones.map((bone, index) => [bone, index]));
    const above = bones.map((bone) => {
      let up = bone.parent;
      while (up !== null && up !== this.#object && !indexOf.has(up)) up = up.parent;
      return up !== null && indexOf.has(up) ? up : null;
    });
    this.#bones = bones;
    this.#names = bones.map(({ name }) => name);
    this.#parents = above.map((parent) => parent ?? this.#object);
    this.#faces = facesOf(this.#roots);
    this.#expressions = isVrm(model) ? (model.expressionManager?.expressions ?? []) : [];
    const weights = new Map<string, readonly [number, number]>();
    if (this.#expressions.length === 0) {
      this.#faces.forEach(({ dictionary }, face) => {
        for (const [name, influence] of Object.entries(dictionary)) {
          if (!weights.has(name)) weights.set(name, [face, influence]);
        }
      });
    }
    this.#weights = [...weights.values()];
    this.#readRoot();
    this.#unit.copy(scale);
    const rests = bindRest({
      model: this.#object,
      bones,
      parents: above,
      vrm: isVrm(model) ? model : null,
      matrixIn: (node, ancestor) => matrixIn(node, ancestor, new Matrix4()),
    });
    const rest = new Float32Array(bones.length * TRANSFORM_FLOATS);
    rests.forEach((matrix, index) => {
      if (above[index] === null) matrix.premultiply(unitMatrix.makeScale(...this.#unit.toArray()));
      matrix.decompose(position, quaternion, scale);
      writeTransform(position, quaternion, scale, rest, index * TRANSFORM_FLOATS);
    });
    this.skeleton = {
      boneNames: names,
      boneParents: above.map((parent) => (parent === null ? null : names[indexOf.get(parent)!])),
      blendShapeNames:
        this.#expressions.length > 0
          ? this.#expressions.map(({ expressionName }) => expressionName)
          : [...weights.keys()],
      rest,
    };
    this.pose = createPose(this.skeleton);
  }

  /** Whether this is a rig of this model, and the model has not changed. Nothing is allocated. */
  isOf(model: Object3D | VrmLike): boolean {
    if (model !== this.#model) return false;
    if (isVrm(model)) return true;
    this.#cursor = 0;
    let faces = 0;
    for (let index = 0; index < this.#roots.length; index++) {
      faces = this.#countKnown(this.#roots[index], faces);
    }
    return faces === this.#faces.length && this.#cursor === this.#bones.length;
  }

  /** Writes the pose of this moment. Nothing is allocated. */
  read(): void {
    const { root, bones, blendShapes } = this.pose;
    this.#readRoot();
    scale.divide(this.#unit);
    writeTransform(position, quaternion, scale, root, 0);
    const { x, y, z } = this.#unit;
    const isUnit = x === 1 && y === 1 && z === 1;
    for (let index = 0; index < this.#bones.length; index++) {
      const bone = this.#bones[index];
      const parent = this.#parents[index];
      const at = index * TRANSFORM_FLOATS;
      const isTop = parent === this.#object;
      if (bone.parent === parent && bone.matrixAutoUpdate && (isUnit || !isTop)) {
        writeTransform(bone.position, bone.quaternion, bone.scale, bones, at);
        continue;
      }
      matrixIn(bone, parent, matrix);
      if (isTop) matrix.premultiply(unitMatrix.makeScale(x, y, z));
      matrix.decompose(position, quaternion, scale);
      writeTransform(position, quaternion, scale, bones, at);
    }
    for (let shape = 0; shape < this.#expressions.length; shape++) {
      blendShapes[shape] = this.#expressions[shape].weight;
    }
    for (let shape = 0; shape < this.#weights.length; shape++) {
      const [face, influence] = this.#weights[shape];
      blendShapes[shape] = this.#faces[face].mesh.morphTargetInfluences?.[influence] ?? 0;
    }
  }

  #readRoot(): void {
    this.#object.updateWorldMatrix(true, false);
    this.#object.matrixWorld.decompose(position, quaternion, scale);
  }

  /** Counts known faces, and known bones in `#cursor`. Infinity if one of them is not known. */
  #countKnown(node: Object3D, counted: number): number {
    let faces = counted;
    const { morphTargetDictionary } = node as Mesh;
    if (morphTargetDictionary !== undefined) {
      if (this.#faces[faces]?.dictionary !== morphTargetDictionary) return Infinity;
      faces++;
    }
    if (isBone(node)) {
      if (node !== this.#bones[this.#cursor] || node.name !== this.#names[this.#cursor]) {
        return Infinity;
      }
      this.#cursor++;
    }
    for (let index = 0; index < node.children.length; index++) {
      faces = this.#countKnown(node.children[index], faces);
    }
    return faces;
  }
}

const position = new Vector3();
const quaternion = new Quaternion();
const scale = new Vector3();
const matrix = new Matrix4();
const unitMatrix = new Matrix4();
const inverse = new Matrix4();

const isBone = (node: Object3D) => "isBone" in node;

/** The raw bones of a VRM with VRM's names, parents first. */
function humanBonesOf({ scene, humanoid }: VrmLike): Map<Object3D, string> {
  const nameOf = new Map<Object3D, string>();
  for (const [name, bone] of Object.entries(humanoid.humanBones)) {
    if (bone !== undefined) nameOf.set(bone.node, name);
  }
  const bones = new Map<Object3D, string>();
  scene.traverse((node) => {
    const name = nameOf.get(node);
    if (name !== undefined) bones.set(node, name);
  });
  return bones;
}

/** The object, and the topmost bones of a skin if they are not below it. */
function rootsOf(object: Object3D): Object3D[] {
  const below = new Set<Object3D>();
  object.traverse((node) => below.add(node));
  const roots = (object as Partial<SkinnedMesh>).skeleton?.bones.filter(
    (bone) => !below.has(bone) && (bone.parent === null || !isBone(bone.parent)),
  );
  return [object, ...(roots ?? [])];
}

/** Bones with their names, parents first. */
function bonesOf(roots: readonly Object3D[]): Map<Object3D, string> {
  const bones = new Map<Object3D, string>();
  for (const root of roots) {
    root.traverse((node) => {
      if (isBone(node)) bones.set(node, node.name);
    });
  }
  return bones;
}

function facesOf(roots: readonly Object3D[]): MorphTarget[] {
  const faces: MorphTarget[] = [];
  for (const root of roots) {
    root.traverse((node) => {
      const { morphTargetDictionary: dictionary } = node as Mesh;
      if (dictionary !== undefined) faces.push({ mesh: node as Mesh, dictionary });
    });
  }
  return faces;
}

/** Skeletons name parents, so each bone needs a name of its own. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const base = name || "bone";
    let unique = base;
    for (let count = 2; taken.has(unique); count++) unique = `${base}_${count}`;
    taken.add(unique);
    return unique;
  });
}

/** Writes the matrix of a node in the axes of another one, which may be anywhere in the scene. */
function matrixIn(node: Object3D, ancestor: Object3D | null, out: Matrix4): Matrix4 {
  out.copy(localMatrix(node));
  let up = node.parent;
  while (up !== null && up !== ancestor) {
    out.premultiply(localMatrix(up));
    up = up.parent;
  }
  if (up === null && ancestor !== null)
    out.premultiply(inverse.copy(ancestor.matrixWorld).invert());
  return out;
}

function localMatrix(node: Object3D): Matrix4 {
  if (node.matrixAutoUpdate) node.updateMatrix();
  return node.matrix;
}

function writeTransform(
  place: Vector3,
  rotation: Quaternion,
  size: Vector3,
  out: Float32Array,
  at: number,
): void {
  out[at] = place.x;
  out[at + 1] = place.y;
  out[at + 2] = place.z;
  out[at + 3] = rotation.x;
  out[at + 4] = rotation.y;
  out[at + 5] = rotation.z;
  out[at + 6] = rotation.w;
  out[at + 7] = size.x;
  out[at + 8] = size.y;
  out[at + 9] = size.z;
}

// avatar-sync/three: poses on three.js models. It imports nothing of three.js and works on whatever has
// the shape of an Object3D.
//
//   const binding = bindPose(gltf.scene, player.skeleton);
//   binding.missing;                     // bones that the model does not have
//   binding.apply(pose);                 // each time the screen is drawn; nothing is allocated
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";

/** The part of an Object3D (a Bone, a Group, a SkinnedMesh) that a pose is applied to. */
export interface Object3DLike {
  readonly name: string;
  readonly position: { set(x: number, y: number, z: number): unknown };
  readonly quaternion: { set(x: number, y: number, z: number, w: number): unknown };
  readonly scale: { set(x: number, y: number, z: number): unknown };
  readonly children: readonly Object3DLike[];
  readonly morphTargetDictionary?: { readonly [name: string]: number } | undefined;
  readonly morphTargetInfluences?: number[] | undefined;
}

export interface BindOptions {
  /**
   * The model's name of a bone or blend shape, by the skeleton's: `{ Hips: "mixamorigHips" }`. Of several,
   * a bone drives the first that there is and a blend shape all: `{ blink: ["eyeBlinkLeft",
   * "eyeBlinkRight"] }`. An empty list leaves it out.
   */
  readonly names?: { readonly [name: string]: string | readonly string[] };
  /** What weights are multiplied with: 0.01 for Unity's 0..100. 1 unless set. */
  readonly weightScale?: number;
}

/** A skeleton's names, found in a model. */
export interface PoseBinding {
  readonly skeleton: Skeleton;
  /** The model's object for each of the skeleton's bones; undefined where it has none. */
  readonly bones: readonly (Object3DLike | undefined)[];
  /** Names of bones without a match in the model. */
  readonly missing: readonly string[];
  /** Names of blend shapes without a match in the model. */
  readonly missingBlendShapes: readonly string[];
  /**
   * Writes a pose of the skeleton to the model: the root transform to the object itself, each bone's to
   * the bone, each weight to every mesh that has the blend shape. Where several are mapped to one, the
   * largest weight counts.
   */
  apply(pose: Pose): void;
}

interface MorphTarget {
  readonly mesh: Object3DLike;
  readonly influence: number;
  /** Indices of the skeleton's blend shapes that drive it. */
  readonly shapes: number[];
}

/**
 * Finds a skeleton's bones and blend shapes in a model, once.
 *
 * A name matches as it is; else as three.js's GLTFLoader writes it (white space as `_`, none of
 * `[].:/`); else regardless of case and of all but letters and digits, a bone only where just one is left. A
 * blend shape also matches without what stands before its last dot, as Maya exports it.
 *
 * Transforms are copied as they are, positions and scales too: the model's bones must rest as the
 * player's do, and be of the same length.
 * @param object the model, or a group around it: the root transform is applied to it.
 */
export function bindPose(
  object: Object3DLike,
  skeleton: Skeleton,
  options: BindOptions = {},
): PoseBinding {
  const { names = {}, weightScale = 1 } = options;
  const bonesByName = new NameIndex<Object3DLike>();
  const targetsByName = new NameIndex<MorphTarget>();
  indexModel(object, object, bonesByName, targetsByName);
  const modelNames = (name: string) => [Object.hasOwn(names, name) ? names[name] : name].flat();
  const bones = skeleton.boneNames.map((name) => {
    for (const wanted of modelNames(name)) {
      const bone = bonesByName.exact(wanted)?.[0] ?? onlyOne(bonesByName.loose(wanted));
      if (bone !== undefined) return bone;
    }
    return undefined;
  });
  const targetsByShape = skeleton.blendShapeNames.map((name) =>
    modelNames(name).flatMap(
      (wanted) => targetsByName.exact(wanted) ?? targetsByName.loose(wanted) ?? [],
    ),
  );
  targetsByShape.forEach((targets, shape) => targets.forEach(({ shapes }) => shapes.push(shape)));
  const driven = [...new Set(targetsByShape.flat())];
  return {
    skeleton,
    bones,
    missing: skeleton.boneNames.filter((_, index) => bones[index] === undefined),
    missingBlendShapes: skeleton.blendShapeNames.filter(
      (_, shape) => targetsByShape[shape].length === 0,
    ),
    apply(pose) {
      applyTransform(object, pose.root, 0);
      for (let index = 0; index < bones.length; index++) {
        const bone = bones[index];
        if (bone !== undefined) applyTransform(bone, pose.bones, index * TRANSFORM_FLOATS);
      }
      for (let index = 0; index < driven.length; index++) {
        applyWeight(driven[index], pose.blendShapes, weightScale);
      }
    },
  };
}

function applyTransform(object: Object3DLike, values: Float32Array, at: number): void {
  object.position.set(values[at], values[at + 1], values[at + 2]);
  object.quaternion.set(values[at + 3], values[at + 4], values[at + 5], values[at + 6]);
  object.scale.set(values[at + 7], values[at + 8], values[at + 9]);
}

function applyWeight(target: MorphTarget, weights: Float32Array, scale: number): void {
  const { mesh, influence, shapes } = target;
  let weight = weights[shapes[0]];
  for (let index = 1; index < shapes.length; index++) {
    weight = Math.max(weight, weights[shapes[index]]);
  }
  // Asked for anew: three.js replaces the array when a geometry changes.
  if (mesh.morphTargetInfluences !== undefined)
    mesh.morphTargetInfluences[influence] = weight * scale;
}

/** All objects below `root` by name, and all blend shapes of all meshes. */
function indexModel(
  object: Object3DLike,
  root: Object3DLike,
  bones: NameIndex<Object3DLike>,
  targets: NameIndex<MorphTarget>,
): void {
  if (object !== root) bones.add(object.name, object);
  // A face, its teeth and its lashes may each have `jawOpen`.
  for (const [name, influence] of Object.entries(object.morphTargetDictionary ?? {})) {
    const target = { mesh: object, influence, shapes: [] };
    targets.add(name, target, name.slice(name.lastIndexOf(".") + 1));
  }
  for (const child of object.children) indexModel(child, root, bones, targets);
}

function onlyOne<Value>(values: readonly Value[] | undefined): Value | undefined {
  return values?.length === 1 ? values[0] : undefined;
}

/** Values by name. */
class NameIndex<Value> {
  readonly #exact = new Map<string, Value[]>();
  readonly #loose = new Map<string, Value[]>();

  /** `alias` is another name that matches loosely. */
  add(name: string, value: Value, alias: string = name): void {
    append(this.#exact, name, value);
    for (const each of new Set([fold(name), fold(alias)])) append(this.#loose, each, value);
  }

  /** What has this name, as it is or as GLTFLoader writes it. */
  exact(name: string): readonly Value[] | undefined {
    return this.#exact.get(name) ?? this.#exact.get(sanitize(name));
  }

  /** What has this name but for case, spaces and signs. */
  loose(name: string): readonly Value[] | undefined {
    return this.#loose.get(fold(name));
  }
}

function append<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  if (name === "") return;
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** As three.js's PropertyBinding.sanitizeNodeName, which GLTFLoader applies to every name. */
function sanitize(name: string): string {
  return name.replaceAll(/\s/g, "_").replaceAll(/[[\].:/]/g, "");
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

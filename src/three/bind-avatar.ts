// Bind avatar: shows a player on a rigged model, whatever the names, axes, lengths and unit of its bones.
//
//   const avatar = bindAvatar(gltf.scene);          // or a VRM of three-vrm
//   scene.add(avatar.object);
//   avatar.apply(player.skeleton, pose, timeMs);    // in the render loop; nothing is allocated
import { Group } from "three";
import type { Object3D } from "three";
import { checkPoseSize, isSameSkeleton } from "../codec/frame.ts";
import type { Pose, Skeleton } from "../codec/frame.ts";
import { matchBones } from "../codec/rig/bone-match.ts";
import { nameSkeleton } from "../codec/rig/bone-names.ts";
import type { NameMap } from "../codec/rig/name-map.ts";
import { Retarget } from "../codec/rig/retarget.ts";
import type { Fit } from "../codec/rig/retarget.ts";
import { WeightRange } from "../codec/rig/weight-range.ts";
import type { BlendShapeRange } from "../codec/rig/weight-range.ts";
import type { Avatar } from "./avatar.ts";
import { disposeModel } from "./dispose.ts";
import { ModelFace } from "./model-face.ts";
import { ModelRest, writeNode } from "./model-rest.ts";
import { isVrm } from "./vrm-like.ts";
import type { VrmLike } from "./vrm-like.ts";

export interface BindAvatarOptions {
  /**
   * Names that follow no convention, from the player's to the model's: `{ Hips: "bone_17" }`. With a list, a bone
   * drives the first that the model has, and a blend shape drives all. An empty list leaves it out.
   */
  readonly names?: NameMap;
  /** Factor of all weights. Unset: 1 or 0.01, by the range of the player's weights. */
  readonly weightScale?: number;
}

/** How well a model fits a player's skeleton. */
export interface AvatarMatch {
  readonly boneCount: number;
  readonly missingBones: readonly string[];
  readonly blendShapeCount: number;
  readonly missingBlendShapes: readonly string[];
  /** Null before the first pose, and if the model has none of the player's bones. */
  readonly fit: Fit | null;
}

/** A model that shows a player. */
export interface BoundAvatar extends Avatar {
  /** Of the skeleton of the last `apply` or `bind`. */
  readonly match: AvatarMatch;
  /** The model's size divided by the player's. The model keeps its size; only the position of its hips is scaled. */
  readonly scale: number;
  /** The largest weight that the player sends, if its info says so (`blendShapeRange`). Unset: guessed. */
  blendShapeRange: BlendShapeRange | undefined;
  /** Finds a skeleton's bones and blend shapes in the model. `apply` does this when the skeleton changes. */
  bind(skeleton: Skeleton): void;
  /** Says that in `pose` the player is at rest: upright and in the pose of the model's rest, mostly a T pose. */
  matchRest(skeleton: Skeleton, pose: Pose): void;
  /** Call it after you moved the model to another place: springs begin at rest there. */
  settle(): void;
}

/**
 * Retargets players onto a rigged model: a GLTF scene, any Object3D with bones, or a VRM of three-vrm.
 *
 * The current pose of the model counts as its rest, so bind it before you animate it. The model becomes a child of
 * `object`, and the avatar moves its bones from then on.
 *
 * Bones are found by their names: those of Mixamo, VRM, Unity, Biped, CMU and Unreal, and mixtures of them. Each bone
 * points where the player's does, and the model keeps its proportions. If the model has the player's own skeleton,
 * positions and scales of bones are shown too.
 *
 * @example
 * ```ts
 * import { bindAvatar } from "avatar-sync/three";
 * import { Scene } from "three";
 * import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
 *
 * const scene = new Scene();
 * const { scene: model } = await new GLTFLoader().loadAsync("robot.glb");
 * const avatar = bindAvatar(model);
 * scene.add(avatar.object);
 * ```
 */
export function bindAvatar(
  model: Object3D | VrmLike,
  options: BindAvatarOptions = {},
): BoundAvatar {
  return new ModelAvatar(model, options);
}

// After a pause hair would fly: springs move at most this far at once.
const STEP_MAX_MS = 50;

class ModelAvatar implements BoundAvatar {
  readonly object = new Group();
  blendShapeRange: BlendShapeRange | undefined;
  readonly #vrm: VrmLike | null;
  readonly #options: BindAvatarOptions;
  readonly #rest: ModelRest;
  readonly #locals: Float32Array<ArrayBuffer>;
  #binding: Binding | null = null;
  #retarget: Retarget | null = null;
  #range: WeightRange | null = null;
  #appliedMs: number | null = null;
  #isSettled = false;

  constructor(model: Object3D | VrmLike, options: BindAvatarOptions) {
    this.#options = options;
    this.#vrm = isVrm(model) ? model : null;
    // Otherwise each update of the VRM would overwrite the pose with its normalized bones.
    if (this.#vrm !== null) this.#vrm.humanoid.autoUpdateHumanBones = false;
    this.object.add(isVrm(model) ? model.scene : model);
    // Bounds of a skinned mesh do not follow its bones: it would be culled while it is in view.
    this.object.traverse((node) => {
      if ("isSkinnedMesh" in node) node.frustumCulled = false;
    });
    this.#rest = new ModelRest(this.object);
    this.#locals = this.#rest.locals.slice();
  }

  bind(skeleton: Skeleton): void {
    const last = this.#binding?.skeleton;
    // New blend shapes do not change the rest of the bones.
    if (last !== undefined && !isSame(bonesOf(last), bonesOf(skeleton))) this.#retarget = null;
    this.#rest.restoreFace();
    // Other bones or blend shapes do not change what the sender's weights mean.
    this.#range ??= new WeightRange(skeleton.blendShapeNames);
    this.#binding = {
      skeleton,
      nodes: matchBones(skeleton.boneNames, {
        nodes: this.#rest.modelNodes,
        humanoid: this.#humanoid(),
        names: this.#options.names,
        parts: nameSkeleton(skeleton).parts,
        parents: this.#rest.sample.tree.parents,
      }),
      face: new ModelFace({
        model: this.object,
        expressions: this.#vrm?.expressionManager?.expressions ?? [],
        blendShapeNames: skeleton.blendShapeNames,
        names: this.#options.names,
      }),
    };
  }

  apply(skeleton: Skeleton, pose: Pose, timeMs?: number): void {
    const { face } = this.#bound(skeleton, pose);
    const range = this.#range!;
    const retarget = (this.#retarget ??= this.#createRetarget(pose, false));
    const { position, quaternion, scale } = this.object;
    position.fromArray(pose.root, 0);
    quaternion.fromArray(pose.root, 3);
    scale.fromArray(pose.root, 7);
    retarget.apply(pose, this.#locals);
    const { driven } = retarget;
    for (let index = 0; index < driven.length; index++) {
      writeNode(this.#rest.nodes[driven[index]], this.#locals, driven[index]);
    }
    range.declared = this.blendShapeRange;
    range.observe(pose.blendShapes);
    const weightScale = this.#options.weightScale ?? 1 / range.max;
    face.applyExpressions(pose.blendShapes, weightScale);
    this.#updateVrm(timeMs);
    face.applyMorphTargets(pose.blendShapes, weightScale);
  }

  matchRest(skeleton: Skeleton, pose: Pose): void {
    this.#bound(skeleton, pose);
    this.#retarget = this.#createRetarget(pose, true);
  }

  settle(): void {
    this.#isSettled = false;
  }

  get scale(): number {
    return this.#retarget?.scale ?? 1;
  }

  get match(): AvatarMatch {
    const { skeleton, nodes, face } = this.#binding ?? {};
    const { boneNames = [], blendShapeNames = [] } = skeleton ?? {};
    return {
      boneCount: boneNames.length,
      missingBones: boneNames.filter((_, bone) => nodes![bone] < 0),
      blendShapeCount: blendShapeNames.length,
      missingBlendShapes: face?.missing ?? [],
      fit: this.#retarget?.fit ?? null,
    };
  }

  dispose(): void {
    this.object.removeFromParent();
    disposeModel(this.object);
  }

  #bound(skeleton: Skeleton, pose: Pose): Binding {
    if (this.#binding === null || !isSame(this.#binding.skeleton, skeleton)) this.bind(skeleton);
    // A pose of fewer bones would write `undefined` into the model.
    checkPoseSize(pose, skeleton);
    return this.#binding!;
  }

  #humanoid(): ReadonlyMap<string, number> | undefined {
    if (this.#vrm === null) return undefined;
    const found = new Map<string, number>();
    for (const [name, bone] of Object.entries(this.#vrm.humanoid.humanBones)) {
      const node = bone === undefined ? -1 : this.#rest.nodes.indexOf(bone.node);
      if (node >= 0) found.set(name, node);
    }
    return found;
  }

  #createRetarget(pose: Pose, isRest: boolean): Retarget {
    this.#rest.restore();
    this.#locals.set(this.#rest.locals);
    this.#isSettled = false;
    const { skeleton, nodes } = this.#binding!;
    return new Retarget({ model: this.#rest.sample, nodes, skeleton, pose, isRest });
  }

  #updateVrm(timeMs: number | undefined): void {
    if (this.#vrm === null) return;
    if (!this.#isSettled) {
      this.#isSettled = true;
      this.object.updateWorldMatrix(true, true);
      this.#vrm.springBoneManager?.reset();
    }
    const elapsedMs = (timeMs ?? 0) - (this.#appliedMs ?? timeMs ?? 0);
    if (timeMs !== undefined) this.#appliedMs = timeMs;
    this.#vrm.update(Math.min(Math.max(elapsedMs, 0), STEP_MAX_MS) / 1000);
  }
}

/** What was found of a skeleton in the model. */
interface Binding {
  readonly skeleton: Skeleton;
  /** The model's node for each bone, or -1. */
  readonly nodes: Int32Array;
  readonly face: ModelFace;
}

const isSame = (a: Skeleton, b: Skeleton) => a === b || isSameSkeleton(a, b);

const bonesOf = (skeleton: Skeleton): Skeleton => ({ ...skeleton, blendShapeNames: [] });

// Dropped model: a GLB or VRM file of the visitor's own, driven by the names of its bones and blend
// shapes. A chunk of its own, loaded when somebody drops one; what it read goes nowhere.
import { Group } from "three";
import type { Object3D } from "three";
import { VRMUtils } from "@pixiv/three-vrm";
import type { VRM } from "@pixiv/three-vrm";
import { bindPose } from "../../src/client/three.ts";
import type { PoseBinding } from "../../src/client/three.ts";
import { isSameSkeleton } from "../../src/codec/index.ts";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import { boneNamesIn, humanoidOf } from "./model-bones.ts";
import { ModelFace } from "./model-face.ts";
import { readModelFile } from "./model-file.ts";
import type { ModelFile } from "./model-file.ts";
import { ModelRest } from "./model-rest.ts";
import { Retarget } from "./retarget.ts";
import type { Fit } from "./retarget.ts";
import type { Rig } from "../stage/rig.ts";

/** What of a skeleton a model does not have, and how their bones rest. */
export interface Match {
  readonly boneCount: number;
  readonly missingBones: readonly string[];
  readonly blendShapeCount: number;
  readonly missingBlendShapes: readonly string[];
  /** Null before the first pose. */
  readonly fit: Fit | null;
}

const bonesOf = ({ skeleton }: Rig): Skeleton => ({ ...skeleton, blendShapeNames: [] });

// After a pause, hair would fly: springs are stepped no further at once.
const STEP_MAX_S = 0.05;

export class DroppedModel {
  readonly object: Object3D = new Group();
  readonly #vrm: VRM | null;
  readonly #rest: ModelRest;
  #rig: Rig | null = null;
  #bones: PoseBinding | null = null;
  #face: ModelFace | null = null;
  #retarget: Retarget | null = null;
  #weightScale = 1;
  #isSettled = false;

  private constructor({ scene, vrm }: ModelFile) {
    this.#vrm = vrm;
    this.object.add(scene);
    this.#rest = new ModelRest(this.object);
  }

  /** @throws {Error} for what is no glTF, or needs what this page does not have. */
  static async read(file: File): Promise<DroppedModel> {
    return new DroppedModel(await readModelFile(file));
  }

  /** Finds the bones and blend shapes of a player in this model. */
  bind(rig: Rig, weightScale = 1): void {
    // With other blend shapes it still rests as it did.
    const hasSameBones = this.#rig !== null && isSameSkeleton(bonesOf(this.#rig), bonesOf(rig));
    this.#rig = rig;
    if (!hasSameBones) {
      const { boneNames } = rig.skeleton;
      const names = boneNamesIn(this.object, humanoidOf(this.object, this.#vrm), boneNames);
      this.#bones = bindPose(this.object, bonesOf(rig), { names });
      this.#retarget = null;
    }
    this.#bindFace(rig, weightScale);
  }

  apply(pose: Pose, { weightScale, seconds }: { weightScale: number; seconds: number }): void {
    if (this.#rig === null) return;
    if (weightScale !== this.#weightScale) this.#bindFace(this.#rig, weightScale);
    const retarget = (this.#retarget ??= this.#createRetarget(this.#rig, pose, false));
    const { position, quaternion, scale } = this.object;
    position.fromArray(pose.root, 0);
    quaternion.fromArray(pose.root, 3);
    scale.fromArray(pose.root, 7);
    if (retarget.fit === "same") this.#bones?.apply(pose);
    else retarget.apply(pose);
    this.#face?.applyExpressions(pose);
    if (!this.#isSettled) this.#settleSprings();
    this.#vrm?.update(Math.min(seconds, STEP_MAX_S));
    this.#face?.applyMorphTargets(pose);
  }

  /** The player stands in `pose` as this model does at rest. */
  matchRest(pose: Pose): void {
    if (this.#rig !== null) this.#retarget = this.#createRetarget(this.#rig, pose, true);
  }

  /** It was put elsewhere: what swings is not to be thrown there. */
  settle(): void {
    this.#isSettled = false;
  }

  /** Its size in sizes of the player. */
  get scale(): number {
    return this.#retarget === null || this.#retarget.fit === "same" ? 1 : this.#retarget.scale;
  }

  get match(): Match {
    const { boneNames = [], blendShapeNames = [] } = this.#rig?.skeleton ?? {};
    return {
      boneCount: boneNames.length,
      missingBones: this.#bones?.missing ?? [],
      blendShapeCount: blendShapeNames.length,
      missingBlendShapes: this.#face?.missing ?? [],
      fit: this.#retarget?.fit ?? null,
    };
  }

  dispose(): void {
    this.object.removeFromParent();
    VRMUtils.deepDispose(this.object);
  }

  #bindFace({ skeleton: { blendShapeNames } }: Rig, weightScale: number): void {
    const expressions = this.#vrm?.expressionManager?.expressions ?? [];
    this.#weightScale = weightScale;
    this.#face = new ModelFace({ model: this.object, expressions, blendShapeNames, weightScale });
  }

  #createRetarget({ named }: Rig, pose: Pose, isRest: boolean): Retarget {
    this.#rest.restore();
    this.#isSettled = false;
    // What was bound is an Object3D: nothing else is below one.
    const nodes = (this.#bones?.bones ?? []) as readonly (Object3D | undefined)[];
    return new Retarget({ object: this.object, rest: this.#rest, nodes, named, pose, isRest });
  }

  #settleSprings(): void {
    this.#isSettled = true;
    this.object.updateWorldMatrix(true, true);
    this.#vrm?.springBoneManager?.reset();
  }
}

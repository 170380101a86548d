// VRM: what avatar-sync/three uses of @pixiv/three-vrm's VRM, by its shape. Nothing of three-vrm is imported.
import type { Object3D } from "three";

/** A VRM as @pixiv/three-vrm loads it (`gltf.userData.vrm`), of VRM 0 or 1. */
export interface VrmLike {
  readonly scene: Object3D;
  readonly humanoid: {
    readonly humanBones: {
      readonly [bone: string]: { readonly node: Object3D } | undefined;
    };
    readonly rawRestPose?: {
      readonly [bone: string]:
        | {
            readonly position?: readonly number[] | undefined;
            readonly rotation?: readonly number[] | undefined;
          }
        | undefined;
    };
    /** Set to false: the model's own bones are moved, and not three-vrm's normalized ones. */
    autoUpdateHumanBones?: boolean;
  };
  readonly expressionManager?:
    | { readonly expressions: readonly VrmExpressionLike[] }
    | undefined
    | null;
  readonly springBoneManager?: { reset(): void } | undefined | null;
  update(deltaSeconds: number): void;
}

export interface VrmExpressionLike {
  readonly expressionName: string;
  weight: number;
}

/** Whether a model is a VRM and not an Object3D. */
export const isVrm = (model: Object3D | VrmLike): model is VrmLike => "humanoid" in model;

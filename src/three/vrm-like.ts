// VRM: the members of @pixiv/three-vrm's VRM that avatar-sync/three uses. three-vrm itself is not imported.
import type { Object3D } from "three";

/** A VRM 0 or VRM 1 that @pixiv/three-vrm has loaded: `gltf.userData.vrm`. */
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
    /** `bindAvatar` sets this to false, because it moves the raw bones. */
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
  /** What it moves. An expression of the file that moves nothing counts as missing. */
  readonly binds?: readonly unknown[];
}

/**
 * Whether a model is a VRM and not an Object3D.
 * @throws {TypeError} for anything else, e.g. a whole GLTF, or the missing VRM of a file that is none.
 */
export function isVrm(model: Object3D | VrmLike): model is VrmLike {
  // Not by `instanceof`: a page may contain two copies of three.js. JavaScript passes anything.
  const given: unknown = model;
  if (typeof given === "object" && given !== null) {
    if ("humanoid" in given) return true;
    if ("isObject3D" in given) return false;
  }
  throw new TypeError("model: expected an Object3D (of a GLTF its scene) or a VRM");
}

// Capture pose: reads a model's bones and face as a skeleton and a pose, to publish.
//
//   let captured: CapturedPose | undefined;
//   captured = capturePose(gltf.scene, captured);       // each frame; nothing is allocated
//   room.publishPose(captured.skeleton, captured.pose);
import type { Object3D } from "three";
import type { Pose, Skeleton } from "../codec/index.ts";
import { CapturedRig } from "./captured-rig.ts";
import type { VrmLike } from "./vrm-like.ts";

export interface CapturedPose {
  /** Names, parents and rests of the bones, and names of the blend shapes. */
  readonly skeleton: Skeleton;
  /** The pose of this moment. Metres, right-handed, Y up: `coordinateSystem: "gltf"`. */
  readonly pose: Pose;
}

/**
 * Reads the skeleton and the pose of a model: a GLTF scene, a SkinnedMesh, any Object3D with bones below it, or a
 * VRM of three-vrm.
 *
 * - **Bones** have the names of their nodes. Those of a VRM have VRM's names (`leftUpperArm`). They are the VRM's raw
 *   bones, not the normalized ones, because only raw bones include constraints and look exactly as on screen.
 * - **The root** is the model's transform in the world. Nodes between the model and its topmost bones (an armature,
 *   often with another unit or rotation) become part of these bones, and so does the model's scale at the first
 *   capture. So positions are metres. If the model's scale changes later, the root's scale does.
 * - **The rest** is the bind pose of the model's skins, or the pose of a VRM's file. For a model without either it is
 *   the pose at the first capture.
 * - **Blend shapes** are the expressions of a VRM, or the morph targets of all meshes. Weights are 0..1.
 *
 * @param out The last result. Its arrays are written again and nothing is allocated. The skeleton stays the same object
 * while the model has the same bones and blend shapes; otherwise a new result is returned.
 *
 * @example
 * ```ts
 * import { connect } from "avatar-sync/client";
 * import { capturePose } from "avatar-sync/three";
 * import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
 *
 * const { scene: model } = await new GLTFLoader().loadAsync("robot.glb");
 * const room = connect("http://localhost:8080", { player: "me", info: { coordinateSystem: "gltf" } });
 * let captured = capturePose(model);
 * setInterval(() => {
 *   captured = capturePose(model, captured);
 *   room.publishPose(captured.skeleton, captured.pose);
 * }, 1000 / 30);
 * ```
 */
export function capturePose(model: Object3D | VrmLike, out?: CapturedPose): CapturedPose {
  const rig = out instanceof CapturedRig && out.isOf(model) ? out : new CapturedRig(model);
  rig.read();
  return rig;
}

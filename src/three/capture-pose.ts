// Capture pose: a model's bones and face as a skeleton and a pose, to publish.
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
  /** Of this moment. Metres, right-handed, Y up: three.js's own axes, `coordinateSystem: "gltf"`. */
  readonly pose: Pose;
}

/**
 * Reads the skeleton and the pose of a model: a GLTF scene, a SkinnedMesh, any Object3D with bones below it, or a
 * VRM of three-vrm.
 *
 * Bones keep their names; those of a VRM have VRM's (`leftUpperArm`) and are the model's own, not three-vrm's
 * normalized ones: those are what is on screen, constraints included. What is above the topmost bones (an
 * armature, in another unit or lying on its back) and the model's own scale at the first capture become part of
 * these bones, so that the pose is in metres; later growth is the root's scale. The root is where the model is in
 * the world.
 *
 * The rest is that of the skin's bind pose, or of the VRM's file; of a model without either it is the pose at the
 * first capture. Blend shapes are a VRM's expressions, or else the morph targets of all meshes, with weights 0..1.
 *
 * @param out the last result: its arrays are written again, and nothing is allocated. While the model has the
 * same bones and blend shapes, the skeleton stays the same object.
 */
export function capturePose(model: Object3D | VrmLike, out?: CapturedPose): CapturedPose {
  const rig = out instanceof CapturedRig && out.isOf(model) ? out : new CapturedRig(model);
  rig.read();
  return rig;
}

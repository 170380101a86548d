// Left-handed to right-handed and back. Unity is left-handed; glTF, three.js and Godot are right-handed;
// all have Y up and metres, so mirroring x converts either way: position (-x, y, z), rotation
// (x, -y, -z, w). Scales and weights stay.
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { AvatarFrame, Pose, Quaternion, Vector3 } from "../codec/index.ts";
import { COORDINATE_SYSTEMS } from "../protocol/index.ts";
import type { CoordinateSystem } from "../protocol/index.ts";

/** The coordinate system of players that name none: the one that the original clients send. */
export const DEFAULT_COORDINATE_SYSTEM: CoordinateSystem = "unity";

/** The coordinate system that a player's info names. */
export function coordinateSystemOf(info: Readonly<Record<string, unknown>>): CoordinateSystem {
  const named = info["coordinateSystem"];
  return COORDINATE_SYSTEMS.find((each) => each === named) ?? DEFAULT_COORDINATE_SYSTEM;
}

/** Converts a pose in place from one handedness to the other. Twice is the pose as it was. */
export function mirrorPose(pose: Pose): Pose {
  mirrorTransforms(pose.root);
  mirrorTransforms(pose.bones);
  return pose;
}

/** Converts a frame in place from one handedness to the other. Twice is the frame as it was. */
export function mirrorFrame(frame: AvatarFrame): AvatarFrame {
  mirrorPosition(frame.rootTransform.worldPosition);
  mirrorRotation(frame.rootTransform.worldRotation);
  for (const { localPosition, localRotation } of frame.bones) {
    mirrorPosition(localPosition);
    mirrorRotation(localRotation);
  }
  return frame;
}

/** Converts transforms of 10 floats each in place from one handedness to the other. */
export function mirrorTransforms(transforms: Float32Array): void {
  for (let at = 0; at < transforms.length; at += TRANSFORM_FLOATS) {
    transforms[at] = -transforms[at];
    transforms[at + 4] = -transforms[at + 4];
    transforms[at + 5] = -transforms[at + 5];
  }
}

function mirrorPosition(position: Vector3): void {
  position.x = -position.x;
}

function mirrorRotation(rotation: Quaternion): void {
  rotation.y = -rotation.y;
  rotation.z = -rotation.z;
}

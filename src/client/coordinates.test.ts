import { expect, test } from "bun:test";
import fc from "fast-check";
import { anyFrame } from "../../test/frames.ts";
import { createPose, poseOf, skeletonOf } from "../codec/index.ts";
import type { Quaternion, Vector3 } from "../codec/index.ts";
import { identityFrame } from "../codec/index.ts";
import { coordinateSystemOf, mirrorFrame, mirrorPose } from "./coordinates.ts";

test("converting twice is the pose as it was, bit for bit", () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const skeleton = skeletonOf(frame);
      const pose = poseOf(frame, createPose(skeleton));
      expect(mirrorPose(mirrorPose(poseOf(frame, createPose(skeleton))))).toEqual(pose);
      expect(mirrorFrame(mirrorFrame(structuredClone(frame)))).toEqual(frame);
    }),
  );
});

test("a frame and its pose convert alike", () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const skeleton = skeletonOf(frame);
      const pose = mirrorPose(poseOf(frame, createPose(skeleton)));
      expect(poseOf(mirrorFrame(frame), createPose(skeleton))).toEqual(pose);
    }),
  );
});

function rotate({ x, y, z, w }: Quaternion, v: Vector3): Vector3 {
  const [tx, ty, tz] = [2 * (y * v.z - z * v.y), 2 * (z * v.x - x * v.z), 2 * (x * v.y - y * v.x)];
  return {
    x: v.x + w * tx + y * tz - z * ty,
    y: v.y + w * ty + z * tx - x * tz,
    z: v.z + w * tz + x * ty - y * tx,
  };
}

test("rotating and then mirroring is mirroring and then rotating by the converted rotation", () => {
  const part = fc.double({ min: -1, max: 1, noNaN: true });
  const parts = fc.record({ x: part, y: part, z: part, w: part });
  fc.assert(
    fc.property(parts, parts, (rotation, v) => {
      const length = Math.hypot(rotation.x, rotation.y, rotation.z, rotation.w);
      fc.pre(length > 1e-3);
      const { x, y, z, w } = rotation;
      const unit = { x: x / length, y: y / length, z: z / length, w: w / length };
      const turned = rotate(unit, v);
      const frame = identityFrame();
      frame.rootTransform.worldRotation = { ...unit };
      const { worldRotation } = mirrorFrame(frame).rootTransform;
      const mirrored = rotate(worldRotation, { ...v, x: -v.x });
      expect(mirrored.x).toBeCloseTo(-turned.x, 9);
      expect(mirrored.y).toBeCloseTo(turned.y, 9);
      expect(mirrored.z).toBeCloseTo(turned.z, 9);
    }),
  );
});

test("a player that names no coordinate system is Unity's", () => {
  expect(coordinateSystemOf({})).toBe("unity");
  expect(coordinateSystemOf({ coordinateSystem: "gltf" })).toBe("gltf");
  expect(coordinateSystemOf({ coordinateSystem: 3 })).toBe("unity");
});

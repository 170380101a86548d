import { describe, expect, test } from "bun:test";
import { Box3, InstancedMesh, Matrix4, Mesh, Quaternion, Vector3 } from "three";
import type { BufferAttribute } from "three";
import { createPose } from "../../codec/index.ts";
import type { Pose, Skeleton } from "../../codec/index.ts";
import { at, DANCING, NAMES, poseOf, roomAxes, STANDING, T_POSE } from "../../../test/t-pose.ts";
import { DefaultBody } from "./default-body.ts";

const SKELETON: Skeleton = {
  boneNames: NAMES,
  boneParents: NAMES.map((name) => T_POSE[name][0]),
  blendShapeNames: [],
};
const PLAYER = { axes: roomAxes };

function limbsOf(body: DefaultBody): InstancedMesh {
  let found: InstancedMesh | undefined;
  body.object.traverse((object) => {
    if (object instanceof InstancedMesh) found = object;
  });
  return found!;
}

/** Where limbs begin, in the room. */
function limbOrigins(body: DefaultBody): Vector3[] {
  body.object.updateMatrixWorld(true);
  const limbs = limbsOf(body);
  return Array.from({ length: limbs.count }, (_, index) => {
    const matrix = new Matrix4();
    limbs.getMatrixAt(index, matrix);
    return new Vector3().setFromMatrixPosition(matrix.premultiply(limbs.matrixWorld));
  });
}

const nearest = (points: readonly Vector3[], to: Vector3) =>
  Math.min(...points.map((point) => point.distanceTo(to)));

describe("a default body", () => {
  for (const [what, rotation, scale] of [
    ["upright", [0, 0, 0, 1], [1, 1, 1]],
    ["turned", [0.5, 0.5, 0.5, 0.5], [1, 1, 1]],
    ["turned, and scaled unevenly", [0, 0.6, 0, 0.8], [2, 0.5, 3]],
  ] as const) {
    test(`is where its player is: root ${what}`, () => {
      const body = new DefaultBody();
      const pose = poseOf(PLAYER, STANDING);
      pose.root.set([3, 1, -2, ...rotation, ...scale]);
      body.apply(SKELETON, pose);
      expect(body.object.position.toArray()).toEqual([3, 1, -2]);
      expect(Array.from(pose.root.subarray(3, 7))).toEqual([...body.object.quaternion]);
      expect(body.object.scale.toArray()).toEqual([...scale]);
      const origins = limbOrigins(body);
      const root = new Matrix4().compose(
        new Vector3(3, 1, -2),
        new Quaternion(...rotation),
        new Vector3(...scale),
      );
      for (const name of ["LeftUpperArm", "RightLowerLeg", "Spine"]) {
        expect(nearest(origins, at(name).applyMatrix4(root))).toBeLessThan(1e-5);
      }
    });
  }

  test("keeps its parts while the skeleton's content is the same, and builds others for another", () => {
    const body = new DefaultBody();
    const pose = poseOf(PLAYER, DANCING);
    body.apply(SKELETON, pose);
    const limbs = limbsOf(body);
    body.apply({ ...SKELETON, boneNames: [...NAMES] }, pose);
    expect(limbsOf(body)).toBe(limbs);
    const hands: Skeleton = { boneNames: ["LeftHand", "RightHand"], blendShapeNames: [] };
    body.apply(hands, createPose(hands));
    expect(limbsOf(body).count).toBe(2);
    body.apply(SKELETON, pose);
    expect(limbsOf(body).count).toBe(limbs.count);
  });

  test("refuses a pose of another skeleton", () => {
    const other: Skeleton = { boneNames: ["Hips"], blendShapeNames: ["jawOpen"] };
    expect(() => new DefaultBody().apply(SKELETON, createPose(other))).toThrow(RangeError);
  });

  test("a player without bones has three axes where its root is", () => {
    const nothing: Skeleton = { boneNames: [], blendShapeNames: [] };
    const pose = createPose(nothing);
    pose.root.set([1, 2, 3, 0, 0, 0, 1, 1, 1, 1]);
    const body = new DefaultBody();
    body.apply(nothing, pose);
    const shown = body.object.children.filter(({ type, visible }) => type !== "Group" && visible);
    expect(shown.map(({ type }) => type)).toEqual(["AxesHelper"]);
    body.apply(SKELETON, poseOf(PLAYER, STANDING));
    expect(shown[0].visible).toBe(false);
  });

  for (const [of, blendShapeNames] of [
    ["ARKit's names", ["jawOpen", "eyeBlinkLeft", "mouthSmileLeft"]],
    ["names that nobody knows", ["Foo", "Bar"]],
  ] as const) {
    test(`[22] blend shapes of ${of} alone are drawn as a head, at a head's height above the root`, () => {
      const face: Skeleton = { boneNames: [], blendShapeNames };
      const pose = createPose(face);
      pose.root.set([1, 0, 3, 0, 0, 0, 1, 1, 1, 1]);
      pose.blendShapes.fill(0.8);
      const body = new DefaultBody();
      body.apply(face, pose);
      body.object.updateWorldMatrix(true, true);
      const drawn = new Box3();
      body.object.traverseVisible((part) => {
        if (!(part instanceof Mesh) || part instanceof InstancedMesh) return;
        const { position } = part.geometry.attributes;
        const box = new Box3().setFromBufferAttribute(position as BufferAttribute);
        drawn.union(box.applyMatrix4(part.matrixWorld));
      });
      const middle = drawn.getCenter(new Vector3());
      expect(middle.x).toBeCloseTo(1, 1);
      expect(middle.y).toBeWithin(1.5, 1.9);
      expect(middle.z).toBeCloseTo(3, 0);
      expect(drawn.getSize(new Vector3()).y).toBeWithin(0.18, 0.4);
    });
  }

  test("frees what it has made, and leaves its parent", () => {
    const body = new DefaultBody();
    const hands: Skeleton = { boneNames: ["LeftHand", "RightHand"], blendShapeNames: [] };
    const parts = new Set<{ addEventListener(type: "dispose", listener: () => void): void }>();
    const see = (skeleton: Skeleton, pose: Pose) => {
      body.apply(skeleton, pose);
      body.object.traverse((object) => {
        if (!(object instanceof Mesh)) return;
        for (const part of [object.geometry, object.material].flat()) parts.add(part);
      });
    };
    see(SKELETON, poseOf(PLAYER, STANDING));
    see(hands, createPose(hands));
    const freed = new Set<object>();
    for (const part of parts) part.addEventListener("dispose", () => freed.add(part));
    const parent = new DefaultBody().object;
    parent.add(body.object);
    body.dispose();
    expect(freed).toEqual(parts);
    expect(body.object.parent).toBeNull();
  });
});

test("the range that a player declares counts, and lasts when its skeleton changes", () => {
  const body = new DefaultBody();
  const scaleOf = (blendShapeNames: readonly string[], weight: number) => {
    const skeleton = { boneNames: [], blendShapeNames };
    const pose = createPose(skeleton);
    pose.blendShapes.fill(weight);
    body.apply(skeleton, pose);
    return body.posture.expressions.weightScale;
  };
  expect(scaleOf(["jawOpen"], 1)).toBe(1);
  body.blendShapeRange = 100;
  expect(scaleOf(["jawOpen"], 1)).toBe(0.01);
  expect(scaleOf(["jawOpen", "mouthPucker"], 1)).toBe(0.01);
  body.blendShapeRange = undefined;
  expect(scaleOf(["jawOpen"], 1)).toBe(1);
});

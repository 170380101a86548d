// Retargeting as plain numbers; with bodies and real clips: src/three/bind-avatar.test.ts and
// test/three-models.test.ts.
import { expect, test } from "bun:test";
import { createPose } from "../frame.ts";
import type { Pose, Skeleton } from "../frame.ts";
import { boneTree } from "./forward-kinematics.ts";
import { Retarget } from "./retarget.ts";
import { RigSample } from "./rig-sample.ts";

const HALF = Math.SQRT1_2;
const UNTURNED = [0, 0, 0, 1];
/** A quarter turn about +z: +x to +y. */
const QUARTER = [0, 0, HALF, HALF];
const BACK = [0, 0, -HALF, HALF];

const bone = (position: readonly number[], rotation: readonly number[], scale = 1) => [
  ...position,
  ...rotation,
  scale,
  scale,
  scale,
];

const SKELETON: Skeleton = {
  boneNames: ["Hips", "LeftUpperArm", "LeftLowerArm"],
  boneParents: [null, "Hips", "LeftUpperArm"],
  blendShapeNames: [],
};

/** The left arm of the player points along its own +x. */
const PLAYER_REST = Float32Array.from([
  ...bone([0, 1, 0], UNTURNED),
  ...bone([0.2, 0.5, 0], UNTURNED),
  ...bone([0.3, 0, 0], UNTURNED),
]);

/** A model of twice the size, in whose armature all is in centimetres; its arm points along +y. */
const MODEL = new RigSample(
  Float32Array.from([
    ...bone([0, 0, 0], UNTURNED),
    ...bone([0, 0, 0], UNTURNED, 0.01),
    ...bone([0, 200, 0], UNTURNED),
    ...bone([40, 100, 0], BACK),
    ...bone([0, 60, 0], UNTURNED),
  ]),
  boneTree([-1, 0, 1, 2, 3]),
);
const NODES = [2, 3, 4];

const poseOf = (skeleton: Skeleton, bones: ArrayLike<number>): Pose => {
  const pose = createPose(skeleton);
  pose.bones.set(bones);
  return pose;
};

/** The local transforms of the model's nodes, after a pose. */
function moved(retarget: Retarget, pose: Pose): number[][] {
  const locals = new Float32Array(50);
  retarget.apply(pose, locals);
  return Array.from({ length: 5 }, (_, node) => [...locals.subarray(node * 10, node * 10 + 10)]);
}

const near = (values: readonly number[]) =>
  values.map((value) => expect.closeTo(value, 5) as number);

test("a model at rest stays there while a player of known rest is at rest", () => {
  const skeleton = { ...SKELETON, rest: PLAYER_REST };
  const raised = PLAYER_REST.slice();
  raised.set(QUARTER, 13);
  const retarget = new Retarget({
    model: MODEL,
    nodes: NODES,
    skeleton,
    pose: poseOf(skeleton, raised),
  });
  expect([retarget.fit, retarget.scale]).toEqual(["known", expect.closeTo(2, 5)]);
  expect(retarget.driven).toEqual(NODES);
  const atRest = moved(retarget, poseOf(skeleton, PLAYER_REST));
  expect(atRest[2].slice(0, 7)).toEqual(near([0, 200, 0, ...UNTURNED]));
  expect(atRest[3].slice(3, 7)).toEqual(near(BACK));
  // Its arm points up: the model's bone, which lies along +y, is not turned at all.
  const up = moved(retarget, poseOf(skeleton, raised));
  expect(up[3].slice(3, 7)).toEqual(near(UNTURNED));
});

test("only rotations of a retargeted model are written, and where its hips are", () => {
  const skeleton = { ...SKELETON, rest: PLAYER_REST };
  const pose = poseOf(skeleton, PLAYER_REST);
  const retarget = new Retarget({ model: MODEL, nodes: NODES, skeleton, pose });
  const locals = new Float32Array(50).fill(7);
  retarget.apply(pose, locals);
  const written = Array.from(locals, (value, index) => (value === 7 ? -1 : index % 10));
  expect(written.slice(0, 20)).toEqual(Array(20).fill(-1));
  expect(written.slice(20, 30)).toEqual([0, 1, 2, 3, 4, 5, 6, -1, -1, -1]);
  expect(written.slice(30, 40)).toEqual([-1, -1, -1, 3, 4, 5, 6, -1, -1, -1]);
});

test("a model of the same skeleton gets positions and scales too, without what it has on top", () => {
  const bones = Float32Array.from([
    ...bone([0, 2, 0], UNTURNED, 0.01),
    ...bone([40, 100, 0], BACK),
    ...bone([0, 60, 0], UNTURNED),
  ]);
  const retarget = new Retarget({
    model: MODEL,
    nodes: NODES,
    skeleton: SKELETON,
    pose: poseOf(SKELETON, bones),
  });
  expect([retarget.fit, retarget.scale]).toEqual(["same", 1]);
  bones.set([0.5, 2.1, 0], 0);
  bones.set([1, 61, 2], 20);
  bones.set([1, 2, 3], 27);
  const [, , hips, , lowerArm] = moved(retarget, poseOf(SKELETON, bones));
  expect(hips).toEqual(near([50, 210, 0, ...UNTURNED, 1, 1, 1]));
  expect(lowerArm).toEqual([1, 61, 2, ...UNTURNED, 1, 2, 3]);
});

test("bones that the model does not have move nothing", () => {
  const pose = poseOf(SKELETON, PLAYER_REST);
  const retarget = new Retarget({ model: MODEL, nodes: [-1, -1, -1], skeleton: SKELETON, pose });
  expect(retarget.driven).toEqual([]);
  expect(moved(retarget, pose).flat()).toEqual(Array(50).fill(0));
});

test("bones above the hips that the model does not have move its hips", () => {
  const skeleton: Skeleton = {
    boneNames: ["Root", ...SKELETON.boneNames],
    boneParents: [null, "Root", "Hips", "LeftUpperArm"],
    blendShapeNames: [],
  };
  // Hips of an armature that lies down in centimetres, upright below a root that raises it.
  const bones = Float32Array.from([
    ...bone([1, 0, 0], QUARTER, 0.01),
    ...bone([200, 0, 0], BACK),
    ...bone([40, 100, 0], BACK),
    ...bone([0, 60, 0], UNTURNED),
  ]);
  const pose = poseOf(skeleton, bones);
  const retarget = new Retarget({ model: MODEL, nodes: [-1, ...NODES], skeleton, pose });
  expect(retarget.fit).toBe("same");
  const [, , hips] = moved(retarget, pose);
  expect(hips).toEqual(near([100, 200, 0, ...UNTURNED, 1, 1, 1]));
});

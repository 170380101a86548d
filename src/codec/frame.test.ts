import { expect, test } from "bun:test";
import { createPose, isSameSkeleton } from "./frame.ts";
import type { Skeleton } from "./frame.ts";

const names = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
const IDENTITY = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
const rest = new Float32Array([0, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0.6, 0, 0, 0, 0, 1, 2, 2, 2]);

test("a new pose is a body: no rotation, scale 1, weights 0", () => {
  const pose = createPose(names);
  expect([...pose.root]).toEqual(IDENTITY);
  expect([...pose.bones]).toEqual([...IDENTITY, ...IDENTITY]);
  expect([...pose.blendShapes]).toEqual([0]);
  expect([pose.timestamp, pose.server_timestamp]).toEqual([0, 0]);
});

test("a new pose of a skeleton with a rest is a copy of the rest", () => {
  const pose = createPose({ ...names, rest });
  expect([...pose.root]).toEqual(IDENTITY);
  expect(pose.bones).toEqual(rest);
  expect(pose.bones.buffer).not.toBe(rest.buffer);
});

test("a rest that does not have 10 floats a bone is refused with both counts", () => {
  for (const length of [0, 10, 30]) {
    const skeleton = { ...names, rest: new Float32Array(length) };
    expect(() => createPose(skeleton)).toThrow(
      new RangeError(`the rest has ${length} numbers; expected 20 for 2 bones`),
    );
  }
});

test("skeletons are the same by content, and any difference makes another one", () => {
  const make = (): Skeleton => ({
    boneNames: ["Hips", "Head"],
    boneParents: [null, "Hips"],
    blendShapeNames: ["jawOpen"],
    rest: rest.slice(),
  });
  expect(isSameSkeleton(make(), make())).toBe(true);
  const { rest: _, ...withoutRest } = make();
  const others: Skeleton[] = [
    { ...make(), boneNames: ["Hips", "Neck"] },
    { ...make(), boneNames: ["Head", "Hips"] },
    { ...make(), boneParents: [null, null] },
    { ...make(), blendShapeNames: [] },
    { ...make(), rest: rest.map((value, index) => (index === 11 ? value + 0.01 : value)) },
    withoutRest,
  ];
  for (const other of others) {
    expect([isSameSkeleton(make(), other), isSameSkeleton(other, make())]).toEqual([false, false]);
  }
});

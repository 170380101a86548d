import { expect, test } from "bun:test";
import type { AvatarFrame } from "../frame.ts";
import { ExpressionReader, restExpression } from "./expression.ts";

const read = (weights: Record<string, number>) => {
  const reader = new ExpressionReader({ boneNames: [], blendShapeNames: Object.keys(weights) });
  return reader.read(Float32Array.from(Object.values(weights)), restExpression());
};

test("ARKit's and VRM's names move the same face", () => {
  const arkit = read({ jawOpen: 0.5, eyeBlinkLeft: 1, mouthSmileLeft: 1, mouthSmileRight: 1 });
  expect(arkit).toMatchObject({ jaw: 0.5, blinkLeft: 1, blinkRight: 0, smile: 1 });
  expect(read({ Blink_L: 1, Joy: 1 })).toMatchObject({ blinkLeft: 1, smile: 1 });
  expect(read({ "face_bs.jawOpen": 1 }).jaw).toBe(1);
});

test("names of one movement are one in any spelling", () => {
  for (const name of [
    "eyeBlink_L",
    "EyesClosedL",
    "Eye_Left_Blink",
    "head_geo_eyeBlinkLeft",
    "EYEBLINKLEFT",
  ]) {
    expect([name, read({ [name]: 1 }).blinkLeft]).toEqual([name, 1]);
  }
});

test("Unity's weights are 0..100", () => {
  expect(read({ jawOpen: 50, browInnerUp: 0 }).jaw).toBeCloseTo(0.5, 5);
});

test("08-face-unity-noise-at-rest is a face at rest", async () => {
  const file = Bun.file(
    `${import.meta.dir}/../../../test/inputs/08-face-unity-noise-at-rest.frame.json`,
  );
  const { blendShapes } = (await file.json()) as AvatarFrame;
  const face = read(Object.fromEntries(blendShapes.map(({ name, weight }) => [name, weight])));
  expect(face.jaw).toBeCloseTo(0.014, 5);
  expect(face.blinkLeft).toBeCloseTo(0.009, 5);
  expect(face.blinkRight).toBeCloseTo(0.008, 5);
});

test("a weight of 3 among weights of 0..1 opens the mouth no longer than it is there", () => {
  const reader = new ExpressionReader({
    boneNames: [],
    blendShapeNames: ["jawOpen", "mouthPucker"],
  });
  const jawAt = (jaw: number) => reader.read(Float32Array.of(jaw, 0.3), restExpression()).jaw;
  for (let frame = 0; frame < 30; frame++) expect(jawAt(0.5)).toBeCloseTo(0.5, 5);
  expect(jawAt(3)).toBe(1);
  for (let frame = 0; frame < 30; frame++) expect(jawAt(0.5)).toBeCloseTo(0.5, 5);
});

test("names that say nothing are no face", () => {
  const blendShapeNames = ["constructor", "Fnord", "", "L", "Hair_A", "__proto__"];
  expect(new ExpressionReader({ boneNames: [], blendShapeNames }).isExpressive).toBe(false);
});

test("a weight that is no number moves nothing", () => {
  expect(read({ jawOpen: NaN, mouthPucker: 0.5 })).toMatchObject({ jaw: 0, pucker: 0.4 });
});

import { expect, test } from "bun:test";
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

test("Unity's weights are 0..100", () => {
  expect(read({ jawOpen: 50, browInnerUp: 0 }).jaw).toBeCloseTo(0.5, 5);
});

test("names that say nothing are no face", () => {
  const skeleton = { boneNames: [], blendShapeNames: ["constructor", "Fnord"] };
  expect(new ExpressionReader(skeleton).isExpressive).toBe(false);
});

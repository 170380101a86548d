import { expect, test } from "bun:test";
import { FACE_BLEND_SHAPES, faceWeights } from "./face-motion.ts";

const FRAMES_PER_SECOND = 60;
const SECONDS = 24;

const frames = Array.from({ length: SECONDS * FRAMES_PER_SECOND + 1 }, (_, frame) =>
  faceWeights(frame / FRAMES_PER_SECOND, new Float32Array(FACE_BLEND_SHAPES.length)),
);
const curve = (name: string) => frames.map((frame) => frame[FACE_BLEND_SHAPES.indexOf(name)]);
const risesAbove = (values: readonly number[], level: number) =>
  values.filter((value, index) => value > level && values[index - 1] <= level).length;

test("[21] the made-up face blinks, speaks and smiles", () => {
  expect(FACE_BLEND_SHAPES.length).toBe(52);
  expect(risesAbove(curve("eyeBlinkLeft"), 0.8)).toBe(8);
  expect(risesAbove(curve("mouthSmileLeft"), 0.7)).toBe(2);
  // 11 s of speech have 30 syllables and more.
  expect(risesAbove(curve("jawOpen"), 0.1)).toBeGreaterThan(30);
});

test("[21] weights are 0 to 1, and change from frame to frame as a face can", () => {
  for (const [index, frame] of frames.entries()) {
    for (const [shape, weight] of frame.entries()) {
      expect(weight).toBeWithin(0, 1.0001);
      // A blink takes 90 ms to close: 5 frames and more.
      if (index > 0) expect(Math.abs(weight - frames[index - 1][shape])).toBeLessThan(0.35);
    }
  }
  // The period ends as it begins.
  for (const [shape, weight] of frames[0].entries()) {
    expect(frames.at(-1)![shape]).toBeCloseTo(weight, 5);
  }
});

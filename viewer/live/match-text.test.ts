import { expect, test } from "bun:test";
import { matchText } from "./match-text.ts";

const ALL = {
  boneCount: 3,
  missingBones: [],
  blendShapeCount: 0,
  missingBlendShapes: [],
  fit: "same",
} as const;

test("a model that has everything is told in one sentence", () => {
  expect(matchText("me.glb", ALL)).toBe("me.glb: 3 of 3 bones found.");
});

test("what is missing is named, bones and blend shapes apart", () => {
  const match = {
    ...ALL,
    missingBones: ["Tail"],
    blendShapeCount: 2,
    missingBlendShapes: ["wink"],
  };
  expect(matchText("me.glb", match)).toBe(
    "me.glb: 2 of 3 bones found, 1 of 2 blend shapes. Not in the model: Tail. " +
      "Blend shapes not in the model: wink.",
  );
});

test("of a thousand missing bones a hundred are named", () => {
  const missingBones = Array.from({ length: 1024 }, (_, index) => `b${index}`);
  const text = matchText("me.glb", { ...ALL, boneCount: 1024, missingBones });
  expect(text).toContain("0 of 1024 bones found");
  expect(text).toEndWith("b98, b99 and 924 more.");
});

test("a guess is called one, with what makes it exact", () => {
  expect(matchText("me.glb", { ...ALL, fit: "guessed" })).toContain("press “Match rest pose”");
  expect(matchText("me.glb", { ...ALL, fit: "matched" })).toEndWith("Its rest pose is matched.");
});

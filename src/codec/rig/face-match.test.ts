import { expect, test } from "bun:test";
import { matchFace, weightOf } from "./face-match.ts";
import type { NameMap } from "./name-map.ts";

/** Names of the blend shapes that drive each morph target. */
function drivers(
  blendShapeNames: readonly string[],
  morphTargets: readonly string[],
  names?: NameMap,
) {
  const match = matchFace(blendShapeNames, { expressions: [], morphTargets, names });
  const shown = match.morphTargets.map(({ target, shapes }) => [
    `${target} ${morphTargets[target]}`,
    shapes.map((shape) => blendShapeNames[shape]),
  ]);
  return [Object.fromEntries(shown), match.missing];
}

test("a blend shape drives the morph target of every mesh that has it", () => {
  expect(drivers(["jawOpen"], ["blink", "jawOpen", "jawOpen"])).toEqual([
    { "1 jawOpen": ["jawOpen"], "2 jawOpen": ["jawOpen"] },
    [],
  ]);
});

test("what is before the last dot of a morph target does not count", () => {
  expect(drivers(["JawOpen", "tongueOut"], ["face_bs.jawOpen", "teeth_bs.jawOpen"])).toEqual([
    { "0 face_bs.jawOpen": ["JawOpen"], "1 teeth_bs.jawOpen": ["JawOpen"] },
    ["tongueOut"],
  ]);
});

test("names may be mapped to several; of several that drive one, the largest weight counts", () => {
  const shapes = ["blink", "Blink_L", "left out"];
  const names = {
    blink: ["eyeBlinkLeft", "eyeBlinkRight"],
    Blink_L: "eyeBlinkLeft",
    "left out": [],
  };
  const morphTargets = ["eyeBlinkLeft", "eyeBlinkRight", "left out"];
  expect(drivers(shapes, morphTargets, names)).toEqual([
    { "0 eyeBlinkLeft": ["blink", "Blink_L"], "1 eyeBlinkRight": ["blink"] },
    ["left out"],
  ]);
  const [left, right] = matchFace(shapes, { expressions: [], morphTargets, names }).morphTargets;
  const weights = Float32Array.of(0.25, 0.75, 1);
  expect([left, right].map((driven) => weightOf(driven, weights))).toEqual([0.75, 0.25]);
});

test("an expression of the very name comes before one that VRM 0 called so", () => {
  const match = matchFace(["A"], { expressions: ["aa", "A"], morphTargets: [] });
  expect(match.expressions).toEqual([{ target: 1, shapes: [0] }]);
});

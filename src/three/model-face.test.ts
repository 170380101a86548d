import { describe, expect, test } from "bun:test";
import { BufferGeometry, Group, Mesh } from "three";
import { VRMExpression } from "@pixiv/three-vrm";
import { ModelFace } from "./model-face.ts";

interface Face {
  readonly expressions?: readonly string[];
  /** Those that move nothing. */
  readonly unbound?: readonly string[];
  readonly morphTargets?: readonly string[];
}

const BIND = { applyWeight() {}, clearAppliedWeight() {} };

/** What a model shows of these weights: by expression and by morph target, all but zeros. */
function shown(
  weights: Readonly<Record<string, number>>,
  { expressions: names = [], unbound = [], morphTargets = [] }: Face,
  weightScale = 1,
) {
  const mesh = new Mesh(new BufferGeometry());
  mesh.morphTargetDictionary = Object.fromEntries(morphTargets.map((name, index) => [name, index]));
  mesh.morphTargetInfluences = morphTargets.map(() => 0);
  const expressions = names.map((name) => {
    const expression = new VRMExpression(name);
    if (!unbound.includes(name)) expression.addBind(BIND);
    return expression;
  });
  const blendShapeNames = Object.keys(weights);
  const model = new Group().add(mesh);
  const face = new ModelFace({ model, expressions, blendShapeNames });
  const values = Float32Array.from(Object.values(weights));
  face.applyExpressions(values, weightScale);
  face.applyMorphTargets(values, weightScale);
  const all = [
    ...expressions.map(({ expressionName, weight }) => [expressionName, weight] as const),
    ...morphTargets.map((name, index) => [name, mesh.morphTargetInfluences![index]] as const),
  ];
  return [Object.fromEntries(all.filter(([, weight]) => weight !== 0)), face.missing];
}

test("expressions are found by the names of VRM 1, of VRM 0, and of the model's own", () => {
  const expressions = ["aa", "blinkLeft", "happy", "relaxed", "eyeSquintLeft"];
  expect(shown({ aa: 1, blinkLeft: 0.5 }, { expressions })).toEqual([
    { aa: 1, blinkLeft: 0.5 },
    [],
  ]);
  const vrm0 = { A: 1, Blink_L: 0.5, JOY: 0.25, Fun: 0.125, EyeSquintLeft: 0.75 };
  const vrm1 = { aa: 1, blinkLeft: 0.5, happy: 0.25, relaxed: 0.125, eyeSquintLeft: 0.75 };
  expect(shown(vrm0, { expressions })).toEqual([vrm1, []]);
});

test("weights are those of Unity where it says so, and an expression has no more than all of it", () => {
  const expressions = ["aa", "blink", "oh"];
  const weights = { aa: 25, blink: 130, oh: -20 };
  expect(shown(weights, { expressions }, 0.01)).toEqual([{ aa: 0.25, blink: 1 }, []]);
});

test("an expression comes before a morph target of its name, which it may be made of", () => {
  const face = { expressions: ["aa"], morphTargets: ["A", "jawOpen"] };
  expect(shown({ A: 0.5, jawOpen: 0.25 }, face)).toEqual([{ aa: 0.5, jawOpen: 0.25 }, []]);
});

describe("what a model does not have", () => {
  test("of VRM is shown by ARKit's blend shapes, or by visemes", () => {
    const morphTargets = ["eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft"];
    expect(shown({ Blink: 0.5, aa: 1, Joy: 0.25, ih: 1 }, { morphTargets })).toEqual([
      { eyeBlinkLeft: 0.5, eyeBlinkRight: 0.5, jawOpen: 1, mouthSmileLeft: 0.25 },
      ["ih"],
    ]);
    const visemes = ["viseme_aa", "jawOpen"];
    expect(shown({ A: 0.5 }, { morphTargets: visemes })).toEqual([{ viseme_aa: 0.5 }, []]);
  });

  test("of ARKit is shown by VRM's eyes and mouth, but no emotion", () => {
    const weights = { eyeBlinkLeft: 1, eyeBlinkRight: 0.5, jawOpen: 0.75, mouthSmileLeft: 1 };
    const expressions = ["blinkLeft", "blinkRight", "aa", "happy"];
    expect(shown(weights, { expressions })).toEqual([
      { blinkLeft: 1, blinkRight: 0.5, aa: 0.75 },
      ["mouthSmileLeft"],
    ]);
    expect(shown(weights, { expressions: ["blink"] })).toEqual([
      { blink: 1 },
      ["jawOpen", "mouthSmileLeft"],
    ]);
  });

  test("is said", () => {
    expect(shown({ tongueOut: 1 }, {})).toEqual([{}, ["tongueOut"]]);
  });
});

test("what another player left on the face is taken off", () => {
  const expression = new VRMExpression("happy");
  expression.weight = 1;
  const model = new Group();
  const options = { model, expressions: [expression], blendShapeNames: [] };
  new ModelFace(options).applyExpressions(new Float32Array(0), 1);
  expect(expression.weight).toBe(0);
});

test("[16] an expression that binds nothing is missing, and its name's morph target is used", () => {
  const expressions = ["aa", "happy"];
  const weights = { aa: 1, happy: 0.5 };
  expect(shown(weights, { expressions, unbound: ["aa"] })).toEqual([{ happy: 0.5 }, ["aa"]]);
  expect(shown(weights, { expressions, unbound: expressions })).toEqual([{}, expressions]);
  expect(shown({ aa: 1 }, { expressions: ["aa"], unbound: ["aa"], morphTargets: ["aa"] })).toEqual([
    { aa: 1 },
    [],
  ]);
});

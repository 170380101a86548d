// Face match: finds the expressions and morph targets of a model that each blend shape of a player drives.
import { standInsOf, VRM0_NAMES } from "./expression-names.ts";
import { NameIndex } from "./name-index.ts";
import { mappedNames } from "./name-map.ts";
import type { NameMap } from "./name-map.ts";

export interface FaceMatchOptions {
  /** Names of the model's expressions (VRM). An expression may move several morph targets. */
  readonly expressions: readonly string[];
  /** Names of the morph targets of all meshes. A name may occur twice: face and teeth both have `jawOpen`. */
  readonly morphTargets: readonly string[];
  readonly names?: NameMap | undefined;
}

/** An expression or a morph target and the blend shapes that drive it. The largest weight counts. */
export interface Driven {
  /** Index in `expressions` or `morphTargets`. */
  readonly target: number;
  /** Indices of the player's blend shapes. */
  readonly shapes: readonly number[];
}

export interface FaceMatch {
  readonly expressions: readonly Driven[];
  readonly morphTargets: readonly Driven[];
  /** Names of blend shapes that drive nothing in this model. */
  readonly missing: readonly string[];
}

/**
 * A blend shape drives the targets of its name. If the model has none, it drives those that show the same in
 * another convention (ARKit, VRM 0 and 1, visemes). An expression is preferred to a morph target of its name,
 * because the expression may be made of that morph target.
 */
export function matchFace(
  blendShapeNames: readonly string[],
  { expressions, morphTargets, names = {} }: FaceMatchOptions,
): FaceMatch {
  const byExpression = new NameIndex<number>();
  for (const [index, name] of expressions.entries()) {
    byExpression.add(name, index);
    const vrm0 = Object.hasOwn(VRM0_NAMES, name) ? VRM0_NAMES[name] : name;
    if (!expressions.includes(vrm0)) byExpression.add(vrm0, index);
  }
  const byMorphTarget = new NameIndex<number>();
  for (const [index, name] of morphTargets.entries()) {
    // Maya exports `face_bs.jawOpen`.
    byMorphTarget.add(name, index, name.slice(name.lastIndexOf(".") + 1));
  }
  const find = (index: NameIndex<number>, name: string) => index.exact(name) ?? index.loose(name);
  const isKnown = (name: string) => find(byExpression, name) ?? find(byMorphTarget, name);
  const drivers = {
    expressions: new Map<number, number[]>(),
    morphTargets: new Map<number, number[]>(),
  };
  const missing: string[] = [];
  for (const [shape, name] of blendShapeNames.entries()) {
    const choices = mappedNames(names, name);
    const wanted = choices ?? [[name], ...standInsOf(name)].find((all) => all.some(isKnown)) ?? [];
    let isFound = false;
    for (const each of wanted) {
      const found = find(byExpression, each);
      const [map, targets] =
        found === undefined
          ? [drivers.morphTargets, find(byMorphTarget, each) ?? []]
          : [drivers.expressions, found];
      for (const target of targets) {
        isFound = true;
        const shapes = map.get(target);
        if (shapes === undefined) map.set(target, [shape]);
        else if (!shapes.includes(shape)) shapes.push(shape);
      }
    }
    if (!isFound) missing.push(name);
  }
  return {
    expressions: drivenOf(drivers.expressions),
    morphTargets: drivenOf(drivers.morphTargets),
    missing,
  };
}

const drivenOf = (map: ReadonlyMap<number, readonly number[]>): Driven[] =>
  Array.from(map, ([target, shapes]) => ({ target, shapes }));

/** The largest of the weights that drive a target. */
export function weightOf({ shapes }: Driven, weights: Float32Array): number {
  let weight = weights[shapes[0]];
  for (let index = 1; index < shapes.length; index++) {
    weight = Math.max(weight, weights[shapes[index]]);
  }
  return weight;
}

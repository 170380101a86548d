// Model face: a player's blend shapes on a model's VRM expressions and morph targets.
import type { Object3D } from "three";
import type { VRMExpression } from "@pixiv/three-vrm";
import { bindPose } from "../../src/client/three.ts";
import type { Object3DLike, PoseBinding } from "../../src/client/three.ts";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import { ALL_STAND_INS, standInsOf, VRM0_NAMES } from "../../src/codec/rig/expression-names.ts";

export interface ModelFaceOptions {
  readonly model: Object3D;
  readonly expressions: readonly VRMExpression[];
  readonly blendShapeNames: Skeleton["blendShapeNames"];
  /** What weights are multiplied with. */
  readonly weightScale: number;
}

export class ModelFace {
  /** Blend shapes that the model has nothing for. */
  readonly missing: readonly string[];
  readonly #expressions: readonly VRMExpression[];
  readonly #weights: number[];
  readonly #byExpression: PoseBinding;
  readonly #byMorphTarget: PoseBinding;

  constructor({ model, expressions, blendShapeNames, weightScale }: ModelFaceOptions) {
    this.#expressions = expressions;
    this.#weights = expressions.map(() => 0);
    const face = faceOf(expressions, this.#weights);
    // An expression comes first: its file says which morph targets it is made of.
    const [expressed, morphed] = [face, model].map((object) => {
      const names = [...blendShapeNames, ...ALL_STAND_INS];
      const binding = bindPose(object, { boneNames: [], blendShapeNames: names });
      const isMissing = new Set(binding.missingBlendShapes);
      return new Set(names.filter((name) => !isMissing.has(name)));
    });
    const toExpressions: Record<string, readonly string[]> = {};
    const toMorphTargets: Record<string, readonly string[]> = {};
    for (const name of blendShapeNames) {
      const known = [[name], ...standInsOf(name)].find((choice) =>
        choice.some((each) => expressed.has(each) || morphed.has(each)),
      );
      toExpressions[name] = (known ?? []).filter((each) => expressed.has(each));
      toMorphTargets[name] = (known ?? []).filter((each) => !expressed.has(each));
    }
    const skeleton = { boneNames: [], blendShapeNames };
    this.#byExpression = bindPose(face, skeleton, { names: toExpressions, weightScale });
    this.#byMorphTarget = bindPose(model, skeleton, { names: toMorphTargets, weightScale });
    const isMissing = new Set(this.#byMorphTarget.missingBlendShapes);
    this.missing = this.#byExpression.missingBlendShapes.filter((name) => isMissing.has(name));
  }

  /** Sets the expressions' weights, which the VRM's own update takes to the morph targets. */
  applyExpressions(pose: Pose): void {
    this.#byExpression.apply(pose);
    for (let index = 0; index < this.#expressions.length; index++) {
      this.#expressions[index].weight = Math.min(1, Math.max(0, this.#weights[index]));
    }
  }

  /** Comes after that update, which clears what its expressions are made of; sets the root transform too. */
  applyMorphTargets(pose: Pose): void {
    this.#byMorphTarget.apply(pose);
  }
}

const IGNORED = { set() {} };

/** What looks like a mesh that has each expression as a morph target. */
function faceOf(expressions: readonly VRMExpression[], weights: number[]): Object3DLike {
  const indices: Record<string, number> = {};
  for (const [index, { expressionName }] of expressions.entries()) {
    if (Object.hasOwn(VRM0_NAMES, expressionName)) indices[VRM0_NAMES[expressionName]] ??= index;
    indices[expressionName] = index;
  }
  return {
    name: "",
    position: IGNORED,
    quaternion: IGNORED,
    scale: IGNORED,
    children: [],
    morphTargetDictionary: indices,
    morphTargetInfluences: weights,
  };
}

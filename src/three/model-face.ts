// Model face: a player's blend shapes on a model's VRM expressions and morph targets.
import type { Mesh, Object3D } from "three";
import { matchFace, weightOf } from "../codec/rig/face-match.ts";
import type { FaceMatch } from "../codec/rig/face-match.ts";
import type { NameMap } from "../codec/rig/name-map.ts";
import type { VrmExpressionLike } from "./vrm-like.ts";

export interface ModelFaceOptions {
  readonly model: Object3D;
  readonly expressions: readonly VrmExpressionLike[];
  readonly blendShapeNames: readonly string[];
  readonly names?: NameMap | undefined;
}

interface MorphTarget {
  readonly name: string;
  readonly mesh: Mesh;
  readonly influence: number;
}

export class ModelFace {
  /** Names of blend shapes that drive nothing in this model. */
  readonly missing: readonly string[];
  readonly #expressions: readonly VrmExpressionLike[];
  /** Those that move something. */
  readonly #bound: readonly VrmExpressionLike[];
  readonly #morphTargets: readonly MorphTarget[];
  readonly #match: FaceMatch;

  constructor({ model, expressions, blendShapeNames, names }: ModelFaceOptions) {
    this.#expressions = expressions;
    const bound = expressions.filter(({ binds }) => binds?.length !== 0);
    this.#bound = bound;
    this.#morphTargets = morphTargetsOf(model);
    this.#match = matchFace(blendShapeNames, {
      expressions: bound.map(({ expressionName }) => expressionName),
      morphTargets: this.#morphTargets.map(({ name }) => name),
      names,
    });
    this.missing = this.#match.missing;
  }

  /**
   * Sets the weights of all expressions. The VRM's update then applies them to morph targets. Expressions that no
   * blend shape drives become 0.
   */
  applyExpressions(weights: Float32Array, scale: number): void {
    for (let index = 0; index < this.#expressions.length; index++) {
      this.#expressions[index].weight = 0;
    }
    const { expressions } = this.#match;
    for (let index = 0; index < expressions.length; index++) {
      const weight = weightOf(expressions[index], weights) * scale;
      this.#bound[expressions[index].target].weight = Math.min(1, Math.max(0, weight));
    }
  }

  /** Call it after the VRM's update, which clears the morph targets of its expressions. */
  applyMorphTargets(weights: Float32Array, scale: number): void {
    const { morphTargets } = this.#match;
    for (let index = 0; index < morphTargets.length; index++) {
      const { mesh, influence } = this.#morphTargets[morphTargets[index].target];
      // Read again: three.js replaces the array when a geometry changes.
      if (mesh.morphTargetInfluences !== undefined) {
        mesh.morphTargetInfluences[influence] = weightOf(morphTargets[index], weights) * scale;
      }
    }
  }
}

function morphTargetsOf(model: Object3D): MorphTarget[] {
  const targets: MorphTarget[] = [];
  model.traverse((node) => {
    const mesh = node as Mesh;
    for (const [name, influence] of Object.entries(mesh.morphTargetDictionary ?? {})) {
      targets.push({ name, mesh, influence });
    }
  });
  return targets;
}

// Expression: what a face shows, from blend shapes of any convention in docs/names.md.
import type { Skeleton } from "../frame.ts";
import { effectOf } from "./expression-names.ts";
import type { Expression } from "./expression-names.ts";
import { WeightRange } from "./weight-range.ts";

export type { Expression } from "./expression-names.ts";

export type ExpressionName = keyof Expression;

export function restExpression(): Expression {
  return { jaw: 0, blinkLeft: 0, blinkRight: 0, smile: 0, pucker: 0, browLeft: 0, browRight: 0 };
}

interface Effect {
  readonly shape: number;
  readonly changes: readonly (readonly [ExpressionName, number])[];
}

/** Reads expressions from the weights of one skeleton. */
export class ExpressionReader {
  /** The range of the sender's weights: pass it on to the reader of its next skeleton. */
  readonly range: WeightRange;
  readonly #effects: readonly Effect[];

  constructor({ blendShapeNames }: Skeleton, range = new WeightRange(blendShapeNames)) {
    this.range = range;
    this.#effects = blendShapeNames.flatMap((name, shape) => {
      const effect = effectOf(name);
      if (effect === undefined) return [];
      return [{ shape, changes: Object.entries(effect) as [ExpressionName, number][] }];
    });
  }

  /** Whether any blend shape is known. */
  get isExpressive(): boolean {
    return this.#effects.length > 0;
  }

  /** What weights are multiplied with. */
  get weightScale(): number {
    return 1 / this.range.max;
  }

  read(weights: Float32Array, out: Expression): Expression {
    this.range.observe(weights);
    const scale = this.weightScale;
    out.jaw = out.blinkLeft = out.blinkRight = out.smile = out.pucker = 0;
    out.browLeft = out.browRight = 0;
    for (const { shape, changes } of this.#effects) {
      const weight = weights[shape] * scale;
      if (weight === 0 || Number.isNaN(weight)) continue;
      for (const [name, share] of changes) out[name] += share * weight;
    }
    out.jaw = clamp(out.jaw, 0);
    out.pucker = clamp(out.pucker, 0);
    out.blinkLeft = clamp(out.blinkLeft, -0.3);
    out.blinkRight = clamp(out.blinkRight, -0.3);
    out.smile = clamp(out.smile, -1);
    out.browLeft = clamp(out.browLeft, -1);
    out.browRight = clamp(out.browRight, -1);
    return out;
  }
}

const clamp = (value: number, min: number) => Math.min(1, Math.max(min, value));

// Expression: what a face shows, from blend shapes of ARKit's or VRM's names.
import type { Skeleton } from "../frame.ts";

/** Each 0..1; brows -1..1. */
export interface Expression {
  jaw: number;
  blinkLeft: number;
  blinkRight: number;
  smile: number;
  /** Rounded lips: 1 is an "oo". */
  pucker: number;
  browLeft: number;
  browRight: number;
}

export type ExpressionName = keyof Expression;

export function restExpression(): Expression {
  return { jaw: 0, blinkLeft: 0, blinkRight: 0, smile: 0, pucker: 0, browLeft: 0, browRight: 0 };
}

/** What each blend shape does, by its name in lower case, letters only. ARKit first, then VRM 0 and 1. */
const EFFECTS: Readonly<Record<string, Partial<Expression>>> = {
  jawopen: { jaw: 1 },
  mouthopen: { jaw: 1 },
  eyeblinkleft: { blinkLeft: 1 },
  eyeblinkright: { blinkRight: 1 },
  mouthsmileleft: { smile: 0.5 },
  mouthsmileright: { smile: 0.5 },
  mouthfrownleft: { smile: -0.5 },
  mouthfrownright: { smile: -0.5 },
  mouthpucker: { pucker: 0.8 },
  mouthfunnel: { pucker: 0.6, jaw: 0.15 },
  browinnerup: { browLeft: 0.7, browRight: 0.7 },
  browouterupleft: { browLeft: 0.6 },
  browouterupright: { browRight: 0.6 },
  browdownleft: { browLeft: -1 },
  browdownright: { browRight: -1 },
  eyewideleft: { blinkLeft: -0.3 },
  eyewideright: { blinkRight: -0.3 },
  blink: { blinkLeft: 1, blinkRight: 1 },
  blinkl: { blinkLeft: 1 },
  blinkr: { blinkRight: 1 },
  blinkleft: { blinkLeft: 1 },
  blinkright: { blinkRight: 1 },
  a: { jaw: 0.8 },
  aa: { jaw: 0.8 },
  i: { jaw: 0.15 },
  ih: { jaw: 0.15 },
  u: { jaw: 0.2, pucker: 0.9 },
  ou: { jaw: 0.2, pucker: 0.9 },
  e: { jaw: 0.35 },
  ee: { jaw: 0.35 },
  o: { jaw: 0.55, pucker: 0.6 },
  oh: { jaw: 0.55, pucker: 0.6 },
  joy: { smile: 1 },
  happy: { smile: 1 },
  fun: { smile: 0.7 },
  relaxed: { smile: 0.5 },
  sorrow: { smile: -0.7, browLeft: 0.4, browRight: 0.4 },
  sad: { smile: -0.7, browLeft: 0.4, browRight: 0.4 },
  angry: { smile: -0.4, browLeft: -1, browRight: -1 },
  surprised: { jaw: 0.5, browLeft: 1, browRight: 1 },
};

interface Effect {
  readonly shape: number;
  readonly changes: readonly (readonly [ExpressionName, number])[];
}

/** Reads expressions from the weights of one skeleton. */
export class ExpressionReader {
  readonly #effects: readonly Effect[];
  // Unity's weights are 0..100: one above this says so.
  #weightScale = 1;

  constructor({ blendShapeNames }: Skeleton) {
    this.#effects = blendShapeNames.flatMap((name, shape) => {
      // Maya exports `face_bs.jawOpen`.
      const short = name.slice(name.lastIndexOf(".") + 1);
      const folded = short.toLowerCase().replaceAll(/[^a-z]/g, "");
      const effect = Object.hasOwn(EFFECTS, folded) ? EFFECTS[folded] : undefined;
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
    return this.#weightScale;
  }

  read(weights: Float32Array, out: Expression): Expression {
    for (let index = 0; index < weights.length; index++) {
      if (weights[index] > WEIGHT_OF_ONE_MAX) this.#weightScale = 0.01;
    }
    out.jaw = out.blinkLeft = out.blinkRight = out.smile = out.pucker = 0;
    out.browLeft = out.browRight = 0;
    for (const { shape, changes } of this.#effects) {
      const weight = weights[shape] * this.#weightScale;
      if (weight === 0) continue;
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

const WEIGHT_OF_ONE_MAX = 2.5;

const clamp = (value: number, min: number) => Math.min(1, Math.max(min, value));

// Weight range: whether a sender's weights go to 1, or to 100 as in Unity. The sender may declare it. Otherwise
// it is guessed from one or two seconds of weights, so that a single wrong value has no lasting effect.

/** The largest weight of a sender's blend shapes, as it may say in its info: `blendShapeRange`. */
export type BlendShapeRange = 1 | 100;

// Senders of 0..1 may exaggerate a little. Senders of 0..100 have noise of 1 or 2 at rest.
const OVER_ONE = 1.3;
// No sender of 0..1 exaggerates this much. Any expression of 0..100 is beyond it.
const FAR_OVER_ONE = 5;
// Below this nothing is shown, and a weight tells nothing.
const REST_MAX = 0.1;

// One second at 120 Hz. A single frame of a 5 Hz sender is observed 48 times: while it comes and goes.
const SCORE_MAX = 120;
const SCORE_OF_FIRST = 30;
const SCORE_TO_CHANGE = 10;
// Several weights beyond 1 at once are no accident of one.
const SCORE_OF_SEVERAL = 3;
// After this many moving poses beyond 1 (2.5 s at 120 Hz), a face that rests at 0.9 is still one of 0..100.
// A single wrong frame is observed at most 48 times.
const MOVES_TO_BE_SURE = 300;

/** Finds out the range of one sender. Nothing is allocated in `observe`. */
export class WeightRange {
  /** What the sender says; undefined: it is guessed. */
  declared: BlendShapeRange | undefined;
  #guess: BlendShapeRange = 1;
  // Above 0 for 100, below for 1.
  #score = 0;
  #hasBegun = false;
  #isSure = false;
  #movesOver = 0;
  #lastLargest = 0;
  #firstOver = -1;
  #hasSeveralOver = false;
  #largest = 0;

  /** Unity calls a mesh's blend shapes `blendShape1.jawOpen`: 100 is then assumed until weights tell. */
  constructor(blendShapeNames: readonly string[] = []) {
    if (blendShapeNames.some((name) => /^blendShape\d*\./i.test(name))) {
      this.#guess = 100;
      this.#score = SCORE_OF_FIRST;
      this.#hasBegun = true;
    }
  }

  get max(): BlendShapeRange {
    return this.declared ?? this.#guess;
  }

  /** Looks at the weights of a pose as it is shown. */
  observe(weights: ArrayLike<number>): void {
    if (this.declared !== undefined || this.#isSure) return;
    let overs = 0;
    let isAtRest = true;
    let largest = 0;
    for (let shape = 0; shape < weights.length; shape++) {
      const weight = weights[shape];
      if (weight > REST_MAX) isAtRest = false;
      if (weight > largest) largest = weight;
      if (weight > OVER_ONE) {
        overs++;
        if (this.#firstOver < 0) this.#firstOver = shape;
        else if (this.#firstOver !== shape) this.#hasSeveralOver = true;
      }
    }
    if (isAtRest) return;
    if (overs > 0 && largest !== this.#lastLargest) this.#movesOver++;
    this.#lastLargest = largest;
    this.#largest = Math.max(this.#largest, largest);
    if (this.#hasBegun) this.#count(overs, largest);
    else this.#begin(overs);
  }

  /** The first face that is not at rest is believed, but not for long if others differ. */
  #begin(overs: number): void {
    this.#hasBegun = true;
    this.#score = overs > 0 ? SCORE_OF_FIRST : -SCORE_OF_FIRST;
    this.#guess = overs > 0 ? 100 : 1;
  }

  #count(overs: number, largest: number): void {
    const several = overs > 1 && largest > FAR_OVER_ONE ? SCORE_OF_SEVERAL : 1;
    const score = this.#score + (overs > 0 ? several : -1);
    this.#score = Math.min(SCORE_MAX, Math.max(-SCORE_MAX, score));
    if (this.#score > SCORE_TO_CHANGE) this.#guess = 100;
    else if (this.#score < -SCORE_TO_CHANGE) this.#guess = 1;
    this.#isSure =
      this.#score === SCORE_MAX &&
      this.#movesOver >= MOVES_TO_BE_SURE &&
      this.#hasSeveralOver &&
      this.#largest > FAR_OVER_ONE;
  }
}

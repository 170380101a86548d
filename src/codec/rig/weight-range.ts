// Weight range: whether a sender's blend shapes go to 1 or, as Unity's do, to 100. What it says counts; else
// its weights tell, over a second or two, so that one wrong value changes nothing for long.

/** The largest weight of a sender's blend shapes, as it may say in its info: `blendShapeRange`. */
export type BlendShapeRange = 1 | 100;

// Who sends 0..1 may exaggerate a little; who sends 0..100 has noise of 1 or 2 at rest.
const OVER_ONE = 1.3;
// No exaggeration of 0..1 gets here; an expression of 0..100 does.
const FAR_OVER_ONE = 5;
// Below this nothing is shown, and a weight tells nothing.
const REST_MAX = 0.1;

// A second at 120 Hz. A single frame of a sender of 5 Hz is seen 48 times while the next is awaited.
const SCORE_MAX = 120;
const SCORE_OF_FIRST = 30;
const SCORE_TO_CHANGE = 10;
// Several weights beyond 1 at once are no accident of one.
const SCORE_OF_SEVERAL = 3;
// A face that has moved beyond 1 in so many poses, at least 2.5 seconds, is not doubted when it rests at 0.9.
// One frame between two others is seen moving at most 48 times.
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

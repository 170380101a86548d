// Small whole numbers for things that come and go: the lowest free one first, so that they stay small. A number
// that was given back rests for a while, so that what is late never shows on another thing.

/** How long an index is not given again: longer than anything of its last holder can be under way [S32]. */
export const INDEX_REST_MS = 60_000;

// 270 players a second, for a minute. Where more come and go, the one that has rested longest is given again, so
// that neither memory nor indices grow.
const RESTING_MAX = 16_384;

// As many as interest in a crowd tells apart.
const INDICES_MAX = 65_536;

/** Indices are below this, unless there were more players than `playersMax`. */
export function indexCountFor(playersMax: number): number {
  return Math.min(playersMax + RESTING_MAX, INDICES_MAX);
}

interface RestingIndex {
  readonly index: number;
  readonly givenMs: number;
}

export class IndexPool {
  // The highest first.
  readonly #free: number[] = [];
  // The longest first.
  readonly #resting: RestingIndex[] = [];
  #next = 0;

  take(nowMs: number): number {
    this.#wake(nowMs);
    return this.#free.pop() ?? this.#next++;
  }

  give(index: number, nowMs: number): void {
    this.#resting.push({ index, givenMs: nowMs });
    if (this.#resting.length > RESTING_MAX) this.#release(this.#resting.shift()!);
  }

  /** Frees what has rested. */
  #wake(nowMs: number): void {
    const stillAt = this.#resting.findIndex(({ givenMs }) => nowMs - givenMs < INDEX_REST_MS);
    if (stillAt === 0) return;
    const count = stillAt < 0 ? this.#resting.length : stillAt;
    for (const rested of this.#resting.splice(0, count)) this.#release(rested);
  }

  #release({ index }: RestingIndex): void {
    this.#free.splice(placeOf(index, this.#free), 0, index);
  }
}

/** How many numbers of a falling row are greater. */
function placeOf(value: number, falling: readonly number[]): number {
  let low = 0;
  let high = falling.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (falling[middle] > value) low = middle + 1;
    else high = middle;
  }
  return low;
}

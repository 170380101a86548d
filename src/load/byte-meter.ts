// How many bytes one receiver was sent in a second, by the server's clock: in any second, and in each whole one.

const TENTHS = 10;
const TENTH_MS = 1000 / TENTHS;

/** What the receivers of a process count together. */
export interface ByteCounts {
  /** A receiver's whole second. */
  addSecond(bytes: number): void;
  /** A receiver's any second, at every tenth of one. */
  addAnySecond(bytes: number): void;
}

export class ByteMeter {
  readonly #tenths = new Float64Array(TENTHS);
  #tenth = -1;
  #sum = 0;

  /** Adds a message. `out` is told of the seconds that ended before it, from `startMs` to `endMs`. */
  add(bytes: number, ms: number, { startMs, endMs }: Span, out: ByteCounts): void {
    const tenth = Math.floor(ms / TENTH_MS);
    if (this.#tenth < 0) this.#tenth = tenth;
    for (; this.#tenth < tenth; this.#tenth++) {
      const endedMs = (this.#tenth + 1) * TENTH_MS;
      if (endedMs - 1000 >= startMs && endedMs <= endMs) {
        out.addAnySecond(this.#sum);
        if ((this.#tenth + 1) % TENTHS === 0) out.addSecond(this.#sum);
      }
      const oldest = (this.#tenth + 1) % TENTHS;
      this.#sum -= this.#tenths[oldest];
      this.#tenths[oldest] = 0;
    }
    this.#tenths[this.#tenth % TENTHS] += bytes;
    this.#sum += bytes;
  }
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

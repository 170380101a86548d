// Frame times: how long the page's own JavaScript took for each of the last frames.

// One second: a slow start is forgotten soon.
const FRAMES_MAX = 60;

export class FrameTimes {
  readonly #ms = new Float64Array(FRAMES_MAX);
  #count = 0;

  add(ms: number): void {
    this.#ms[this.#count++ % FRAMES_MAX] = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** The milliseconds that this share of the last frames did not exceed; 0 before the first frame. */
  percentile(share: number): number {
    const held = this.#ms.slice(0, Math.min(this.#count, FRAMES_MAX)).toSorted();
    return held[Math.min(held.length - 1, Math.floor(held.length * share))] ?? 0;
  }
}

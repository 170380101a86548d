// Frame times: what the page's own JavaScript took of the last frames.

// A second of them: what was slow at the start is forgotten soon.
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

  /** Milliseconds that this share of the frames stayed within; 0 before the first. */
  percentile(share: number): number {
    const held = this.#ms.slice(0, Math.min(this.#count, FRAMES_MAX)).toSorted();
    return held[Math.min(held.length - 1, Math.floor(held.length * share))] ?? 0;
  }
}

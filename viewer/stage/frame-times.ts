// Frame times: what the page's own JavaScript took of the last frames.

const FRAMES_MAX = 240;

export class FrameTimes {
  readonly #ms = new Float64Array(FRAMES_MAX);
  #count = 0;

  add(ms: number): void {
    this.#ms[this.#count++ % FRAMES_MAX] = ms;
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Milliseconds that this share of the frames stayed within; 0 before the first. */
  percentile(share: number): number {
    const held = this.#ms.slice(0, Math.min(this.#count, FRAMES_MAX)).toSorted();
    return held[Math.min(held.length - 1, Math.floor(held.length * share))] ?? 0;
  }
}

// Ring buffer: the last n numbers, in order, in memory that is allocated once.

export class RingBuffer {
  readonly #values: Float64Array;
  #next = 0;

  /** Starts filled with NaN, which means "not known". */
  constructor(length: number) {
    this.#values = new Float64Array(length).fill(Number.NaN);
  }

  push(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
  }

  /** Oldest first. Unknown values are null, as uPlot expects. */
  toArray(): (number | null)[] {
    const { length } = this.#values;
    return Array.from({ length }, (_, index) => {
      const value = this.#values[(this.#next + index) % length];
      return Number.isNaN(value) ? null : value;
    });
  }
}

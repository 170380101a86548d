// Ring buffer: the last so many numbers, in order; memory is taken once.

export class RingBuffer {
  readonly #values: Float64Array;
  #next = 0;

  /** Filled with NaN: nothing is known of the time before. */
  constructor(length: number) {
    this.#values = new Float64Array(length).fill(Number.NaN);
  }

  push(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
  }

  /** Oldest first; null where nothing is known, as charts have it. */
  toArray(): (number | null)[] {
    const { length } = this.#values;
    return Array.from({ length }, (_, index) => {
      const value = this.#values[(this.#next + index) % length];
      return Number.isNaN(value) ? null : value;
    });
  }
}

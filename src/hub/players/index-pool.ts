// Small whole numbers for things that come and go: the lowest free one first, so that they stay small.

export class IndexPool {
  readonly #free: number[] = [];
  #next = 0;

  take(): number {
    if (this.#free.length === 0) return this.#next++;
    this.#free.sort((a, b) => b - a);
    return this.#free.pop()!;
  }

  give(index: number): void {
    this.#free.push(index);
  }
}

// Counts by name, e.g. refusals by their code. Names are our own, so there are few.

export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Names that were counted, and how often. */
  get counts(): Iterable<[name: string, count: number]> {
    return this.#counts;
  }
}

// How long it takes to choose what each receiver of a crowd is sent: timed for 1 of 17 receivers and ticks, so that the
// clock costs nothing. This tells what a crowd costs, and decides nothing.

// A prime: with any number of receivers all of them take turns.
const TIMED_EVERY = 17;
// A choice takes 10 to 100 us. Longer than this, another process had the core.
const TIMED_MS_MAX = 2;

export class SelectionTime {
  #count = 0;
  #timedCount = 0;
  #timedMs = 0;

  /** Of all choices so far, by the mean of those that were timed. */
  get seconds(): number {
    return this.#timedCount === 0 ? 0 : (this.#timedMs / 1000 / this.#timedCount) * this.#count;
  }

  /** A choice begins. @returns what `end` needs. */
  begin(): number {
    return this.#count++ % TIMED_EVERY === 0 ? performance.now() : -1;
  }

  end(begun: number): void {
    if (begun < 0) return;
    const ms = performance.now() - begun;
    if (ms > TIMED_MS_MAX) return;
    this.#timedMs += ms;
    this.#timedCount++;
  }
}

// Events and bytes: how many ever, and a second over a sliding second. Constant memory and no timers.

const WINDOW_MS = 1000;

/** Counts what happens; the rate is the last full window faded into the running one. */
export class RateMeter {
  #eventsTotal = 0;
  #bytesTotal = 0;
  #windowStartMs = 0;
  // Totals where the running window began, and what the last full one held.
  #eventsBefore = 0;
  #bytesBefore = 0;
  #previousEvents = 0;
  #previousBytes = 0;

  get eventsTotal(): number {
    return this.#eventsTotal;
  }

  get bytesTotal(): number {
    return this.#bytesTotal;
  }

  add(bytes: number, nowMs: number, events = 1): void {
    this.#roll(nowMs);
    this.#eventsTotal += events;
    this.#bytesTotal += bytes;
  }

  /** Goes on from where another meter ended: its totals count here, its rates are over. */
  absorb({ eventsTotal, bytesTotal }: RateMeter): void {
    this.#eventsTotal += eventsTotal;
    this.#eventsBefore += eventsTotal;
    this.#bytesTotal += bytesTotal;
    this.#bytesBefore += bytesTotal;
  }

  /** Events a second at `nowMs`. */
  eventsPerSecond(nowMs: number): number {
    const remaining = this.#remaining(nowMs);
    return this.#eventsTotal - this.#eventsBefore + this.#previousEvents * remaining;
  }

  /** Bytes a second at `nowMs`. */
  bytesPerSecond(nowMs: number): number {
    const remaining = this.#remaining(nowMs);
    return this.#bytesTotal - this.#bytesBefore + this.#previousBytes * remaining;
  }

  /** How much of the last full window still counts. */
  #remaining(nowMs: number): number {
    this.#roll(nowMs);
    return 1 - (nowMs - this.#windowStartMs) / WINDOW_MS;
  }

  #roll(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs >= 0 && elapsedMs < WINDOW_MS) return;
    const isNext = elapsedMs >= 0 && elapsedMs < 2 * WINDOW_MS;
    this.#previousEvents = isNext ? this.#eventsTotal - this.#eventsBefore : 0;
    this.#previousBytes = isNext ? this.#bytesTotal - this.#bytesBefore : 0;
    this.#eventsBefore = this.#eventsTotal;
    this.#bytesBefore = this.#bytesTotal;
    this.#windowStartMs = isNext ? this.#windowStartMs + WINDOW_MS : nowMs;
  }
}

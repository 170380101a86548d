// Events and bytes per second over a sliding second, in constant memory and no timers.

const WINDOW_MS = 1000;

/** Counts what happens; the rate is the last full window faded into the running one. */
export class RateMeter {
  #windowStartMs = 0;
  #events = 0;
  #bytes = 0;
  #previousEvents = 0;
  #previousBytes = 0;

  add(bytes: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#events++;
    this.#bytes += bytes;
  }

  /** Events and bytes a second at `nowMs`. */
  rate(nowMs: number): { eventsPerSecond: number; bytesPerSecond: number } {
    this.#roll(nowMs);
    const remaining = 1 - (nowMs - this.#windowStartMs) / WINDOW_MS;
    return {
      eventsPerSecond: this.#events + this.#previousEvents * remaining,
      bytesPerSecond: this.#bytes + this.#previousBytes * remaining,
    };
  }

  #roll(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs >= 0 && elapsedMs < WINDOW_MS) return;
    const isNext = elapsedMs >= 0 && elapsedMs < 2 * WINDOW_MS;
    this.#previousEvents = isNext ? this.#events : 0;
    this.#previousBytes = isNext ? this.#bytes : 0;
    this.#events = 0;
    this.#bytes = 0;
    this.#windowStartMs = isNext ? this.#windowStartMs + WINDOW_MS : nowMs;
  }
}

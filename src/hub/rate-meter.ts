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

  /** Events a second at `nowMs`. */
  eventsPerSecond(nowMs: number): number {
    const remaining = this.#remaining(nowMs);
    return this.#events + this.#previousEvents * remaining;
  }

  /** Bytes a second at `nowMs`. */
  bytesPerSecond(nowMs: number): number {
    const remaining = this.#remaining(nowMs);
    return this.#bytes + this.#previousBytes * remaining;
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
    this.#previousEvents = isNext ? this.#events : 0;
    this.#previousBytes = isNext ? this.#bytes : 0;
    this.#events = 0;
    this.#bytes = 0;
    this.#windowStartMs = isNext ? this.#windowStartMs + WINDOW_MS : nowMs;
  }
}

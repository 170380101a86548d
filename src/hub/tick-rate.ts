// How often a room fans out. At its set rate while the server keeps up; slower when ticks come late, so
// that what is sent stays fresh, and back again when they are on time.

// Under load the tick is never shorter than this: below, a late event loop is only jitter.
const LOADED_INTERVAL_MIN_MS = 20;
// 4 Hz: slower than this and motion is no longer motion.
const LOADED_INTERVAL_MAX_MS = 250;
const LENGTHEN = 1.25;
const SHORTEN = 1.1;
// Half a tick late on average: the next tick would begin before this one is through.
const LATE_SHARE = 0.5;
const ON_TIME_SHARE = 0.15;
// Weight of the newest tick in the running mean: some ten ticks, a third of a second.
const NEWEST_WEIGHT = 0.1;
const SHORTEN_AFTER_MS = 1000;

/** Adapts one room's interval between ticks to how late they come. */
export class TickRate {
  /** Extra interval under load; 0 when there is none. */
  #loadedMs = 0;
  #meanLatenessMs = 0;
  #changedMs = 0;

  /** Milliseconds between ticks for a room whose set interval is `baseMs`; 0: at once. */
  intervalMs(baseMs: number): number {
    return Math.max(baseMs, this.#loadedMs);
  }

  /** Takes note of a tick that came `latenessMs` after its time. */
  observe(latenessMs: number, baseMs: number, nowMs: number): void {
    this.#meanLatenessMs += (latenessMs - this.#meanLatenessMs) * NEWEST_WEIGHT;
    const interval = Math.max(this.intervalMs(baseMs), LOADED_INTERVAL_MIN_MS);
    if (this.#meanLatenessMs > interval * LATE_SHARE) {
      const longer = Math.min(interval * LENGTHEN, LOADED_INTERVAL_MAX_MS);
      if (longer <= this.#loadedMs) return;
      this.#loadedMs = longer;
      // The longer tick gets a chance to be enough before the next step.
      this.#meanLatenessMs = 0;
      this.#changedMs = nowMs;
      return;
    }
    if (this.#loadedMs === 0 || this.#meanLatenessMs > interval * ON_TIME_SHARE) return;
    if (nowMs - this.#changedMs < SHORTEN_AFTER_MS) return;
    const shorter = this.#loadedMs / SHORTEN;
    this.#loadedMs = shorter <= Math.max(baseMs, LOADED_INTERVAL_MIN_MS) ? 0 : shorter;
    this.#changedMs = nowMs;
  }
}

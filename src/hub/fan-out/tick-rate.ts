// How often a room fans out, and how fast its publishers may publish. As set while the server keeps up;
// slower when ticks come late, so that what is sent stays fresh, and back again when they are on time.

// Under load no interval is shorter than this: below, a late event loop is only jitter.
const LOADED_INTERVAL_MIN_MS = 20;
// 4 Hz: slower than this and motion is no longer motion.
const PUBLISH_INTERVAL_MAX_MS = 250;
const TICK_INTERVAL_MAX_MS = 250;
// Publishers slow down first. They are spread in time, so that each of four ticks carries a quarter of
// them and is sent in a quarter of the time: a longer tick would carry more of them, for as much work
// and more delay. Where publishers do not obey, the tick grows in the end.
const TICKS_PER_FRAME = 4;
const LENGTHEN = 1.25;
const SHORTEN = 1.1;
// Half a tick late on average: the next tick would begin before this one is through.
const LATE_SHARE = 0.5;
const ON_TIME_SHARE = 0.15;
// Weight of the newest tick in the running mean: some ten ticks, a third of a second.
const NEWEST_WEIGHT = 0.1;
const SHORTEN_AFTER_MS = 1000;

/** Adapts one room's intervals to how late its ticks come. */
export class TickRate {
  /** Interval between a publisher's frames that the server can carry; 0: whatever they like. */
  #loadedMs = 0;
  #meanLatenessMs = 0;
  #changedMs = 0;

  /** Milliseconds between ticks for a room whose set interval is `baseMs`; 0: at once. */
  intervalMs(baseMs: number): number {
    if (this.#loadedMs === 0) return baseMs;
    const loadedMs = Math.min(this.#loadedMs / TICKS_PER_FRAME, TICK_INTERVAL_MAX_MS);
    return Math.max(baseMs, LOADED_INTERVAL_MIN_MS, loadedMs);
  }

  /** Milliseconds between the frames of one publisher. Faster than this they only replace each other. */
  publishIntervalMs(baseMs: number): number {
    return Math.max(baseMs, Math.min(this.#loadedMs, PUBLISH_INTERVAL_MAX_MS));
  }

  /** Takes note of a tick that came `latenessMs` after its time. */
  observe(latenessMs: number, baseMs: number, nowMs: number): void {
    this.#meanLatenessMs += (latenessMs - this.#meanLatenessMs) * NEWEST_WEIGHT;
    const interval = Math.max(this.intervalMs(baseMs), LOADED_INTERVAL_MIN_MS);
    const shortestMs = Math.max(baseMs, LOADED_INTERVAL_MIN_MS);
    if (this.#meanLatenessMs > interval * LATE_SHARE) {
      const longer = Math.max(this.#loadedMs, shortestMs) * LENGTHEN;
      this.#loadedMs = Math.min(longer, TICK_INTERVAL_MAX_MS * TICKS_PER_FRAME);
      // The longer interval gets a chance to be enough before the next step.
      this.#meanLatenessMs = 0;
      this.#changedMs = nowMs;
      return;
    }
    if (this.#loadedMs === 0 || this.#meanLatenessMs > interval * ON_TIME_SHARE) return;
    if (nowMs - this.#changedMs < SHORTEN_AFTER_MS) return;
    const shorter = this.#loadedMs / SHORTEN;
    this.#loadedMs = shorter <= shortestMs ? 0 : shorter;
    this.#changedMs = nowMs;
  }
}

// Lets frames through at the rate that the server asks for. A 90 Hz publisher that is told 30 Hz sends
// every third frame, evenly.

// A frame may come this share of an interval early: capture jitters, and a 30 Hz publisher that is told
// 30 Hz must not lose every other frame to it. What comes early makes the next one due no earlier.
const EARLY_SHARE = 0.25;

export class RateGate {
  /** Frames a second; 0: no limit. */
  rateHz = 0;
  #dueMs = 0;

  /** True if a frame may go now; it is then counted as gone. */
  admits(nowMs: number): boolean {
    if (this.rateHz <= 0) return true;
    const intervalMs = 1000 / this.rateHz;
    // The rate may have risen since: what is due is never further away than one interval.
    const dueMs = Math.min(this.#dueMs, nowMs + intervalMs);
    if (nowMs < dueMs - EARLY_SHARE * intervalMs) return false;
    // After a pause it goes on from now, without catching up.
    this.#dueMs = Math.max(dueMs, nowMs - intervalMs) + intervalMs;
    return true;
  }
}

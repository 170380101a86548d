// Limits frames to the rate that the server asks for. A 90 Hz publisher that is told 30 Hz sends every third
// frame, evenly.

// A frame may come this share of an interval early, and the times of later frames stay. Capture jitters, and
// a 30 Hz publisher that is told 30 Hz must not lose every other frame to that.
const EARLY_SHARE = 0.25;
// From a faster source, the frame after one that was just too early comes this late.
const LATE_SHARE = 1 - EARLY_SHARE;

export class RateGate {
  #rateHz = 0;
  #dueMs = -Infinity;

  /** Frames a second; 0: no limit. */
  set rateHz(rateHz: number) {
    this.#rateHz = rateHz;
    this.#dueMs = -Infinity;
  }

  /** Whether a frame may be sent now. It then counts as sent. */
  admits(nowMs: number): boolean {
    if (this.#rateHz <= 0) return true;
    const intervalMs = 1000 / this.#rateHz;
    if (nowMs < this.#dueMs - EARLY_SHARE * intervalMs) return false;
    // After a pause intervals begin now: nothing is caught up.
    const isPunctual = nowMs <= this.#dueMs + LATE_SHARE * intervalMs;
    this.#dueMs = (isPunctual ? this.#dueMs : nowMs) + intervalMs;
    return true;
  }
}

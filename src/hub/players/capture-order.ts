// The order in which a player's frames were captured. A frame that was overtaken by a newer one on its way must not
// replace it. A clock that was set back looks the same at first, but its frames keep coming.

/** `set-back`: newer, although the sender's clock says otherwise, because that clock was set back. */
export type CaptureVerdict = "newer" | "older" | "set-back";

// No frame is overtaken by so much and still comes.
const OVERTAKEN_MAX_MS = 10_000;
// Frames that were overtaken come all at once. Those of a clock that was set back are as far apart as they were
// captured, give or take half, for this long.
const SET_BACK_AFTER_MS = 100;
const PACE_TOLERANCE = 0.5;
// Whatever their times are: a player does not stand still for longer.
const REFUSE_MAX_MS = 1000;

/** Judges one player's frames as they come. Time is passed in. */
export class CaptureOrder {
  #newestMs = -Infinity;
  // The first of the older frames that came since the last newer one.
  #olderMs: number | null = null;
  #olderArrivalMs = 0;

  /** Capture times are on any one clock. A frame of the same time as the newest is newer. */
  judge(captureMs: number, arrivalMs: number): CaptureVerdict {
    if (captureMs >= this.#newestMs) {
      this.#accept(captureMs);
      return "newer";
    }
    if (this.#newestMs - captureMs > OVERTAKEN_MAX_MS || this.#isSetBack(captureMs, arrivalMs)) {
      this.#accept(captureMs);
      return "set-back";
    }
    if (this.#olderMs === null || captureMs < this.#olderMs) {
      // The earliest arrival stays: it counts how long frames have been refused.
      if (this.#olderMs === null) this.#olderArrivalMs = arrivalMs;
      this.#olderMs = captureMs;
    }
    return "older";
  }

  #isSetBack(captureMs: number, arrivalMs: number): boolean {
    if (this.#olderMs === null) return false;
    const sinceMs = arrivalMs - this.#olderArrivalMs;
    if (sinceMs >= REFUSE_MAX_MS) return true;
    const advancedMs = captureMs - this.#olderMs;
    return (
      sinceMs >= SET_BACK_AFTER_MS && Math.abs(advancedMs - sinceMs) <= PACE_TOLERANCE * sinceMs
    );
  }

  #accept(captureMs: number): void {
    this.#newestMs = captureMs;
    this.#olderMs = null;
  }
}

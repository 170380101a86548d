// How long after its capture a frame is shown: as soon as possible, but so late that the next frame has nearly
// always been received, to move towards.
//
// After WebRTC's NetEQ (modules/audio_coding/neteq: delay_manager, underrun_optimizer, histogram): each
// delay is taken relative to the quickest frame of the last two seconds, the largest in each interval
// goes into a histogram that forgets, and its 95th percentile is the delay to keep. It rises within two
// intervals and falls over seconds. What NetEQ measures per packet of a fixed length is here the whole
// time that a pose must last: from its own capture to the arrival of the next. That holds the frame
// interval and the jitter in one number.
//
// Lags are local time minus capture time. They hold the unknown offset of the two clocks, which cancels
// out where they are used: no clock need be in step with any other.

const BUCKET_MS = 5;
const BUCKET_COUNT = 100;
/** Motion is shown at most this long after the quickest frame: 500 ms. */
export const PLAYOUT_DELAY_MAX_MS = BUCKET_MS * BUCKET_COUNT;

const QUANTILE = 0.95;
/** Three frames of 30 Hz, nine of 90 Hz: enough to see a slow one at any rate. */
const INTERVAL_MS = 100;
// 3 % an interval: two slow ones raise the quantile (0.2 s); if a third were slow, forgetting takes 6 s.
const FORGET = 0.97;
// The first observations weigh more, or the empty histogram would count as experience. Each weighs twice its
// share, so that a slow start, while a page is still loading, is forgotten within two seconds.
const START_WEIGHT = 2;

/** Two intervals of 30 Hz, until something has been measured. */
const INITIAL_MS = 66;

// A longer gap is a pause of the publisher, not jitter: no delay could cover it.
const GAP_MAX_MS = PLAYOUT_DELAY_MAX_MS;

/** The quickest frame is that of this window and the one before it. */
const WINDOW_MS = 1000;

/** Measures one player's frames. Time is passed in. */
export class PlayoutDelay {
  #previousCaptureMs: number | null = null;
  #previousTransitMs = 0;
  #jitterMs = 0;
  // The shortest transit of this window and of the last one.
  #windowEndMs = -Infinity;
  #leastMs = Infinity;
  #leastBeforeMs = Infinity;
  readonly #histogram = new Float64Array(BUCKET_COUNT);
  #observationCount = 0;
  #intervalEndMs = -Infinity;
  #largestMs = 0;
  #delayMs = INITIAL_MS;

  /** Notes a frame: captured on the server's clock, received on the local one. In order of capture. */
  observe(captureMs: number, arrivalMs: number): void {
    const transitMs = arrivalMs - captureMs;
    this.#noteTransit(transitMs, arrivalMs);
    const gapMs = this.#previousCaptureMs === null ? Infinity : captureMs - this.#previousCaptureMs;
    this.#previousCaptureMs = captureMs;
    const changeMs = Math.abs(transitMs - this.#previousTransitMs);
    this.#previousTransitMs = transitMs;
    if (gapMs > GAP_MAX_MS) return;
    // RFC 3550, section 6.4.1: the interarrival jitter.
    this.#jitterMs += (changeMs - this.#jitterMs) / 16;
    this.#largestMs = Math.max(this.#largestMs, gapMs + transitMs - this.#quickestMs());
    if (arrivalMs < this.#intervalEndMs) return;
    this.#addObservation(this.#largestMs);
    this.#largestMs = 0;
    this.#intervalEndMs = arrivalMs + INTERVAL_MS;
  }

  /** Local time minus the capture time to show then; null before the first frame. */
  get lagMs(): number | null {
    const quickest = this.#quickestMs();
    return quickest === Infinity ? null : quickest + this.#delayMs;
  }

  /** The shortest transit of the last one to two seconds; null before the first frame. */
  get transitMs(): number | null {
    const quickest = this.#quickestMs();
    return quickest === Infinity ? null : quickest;
  }

  /** Mean change of the transit time from frame to frame, milliseconds. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Forgets everything, because the publisher's clock was set or the publisher is another one. */
  reset(): void {
    this.#previousCaptureMs = null;
    this.#jitterMs = 0;
    this.#windowEndMs = -Infinity;
    this.#leastMs = Infinity;
    this.#leastBeforeMs = Infinity;
    this.#histogram.fill(0);
    this.#observationCount = 0;
    this.#intervalEndMs = -Infinity;
    this.#largestMs = 0;
    this.#delayMs = INITIAL_MS;
  }

  #quickestMs(): number {
    return Math.min(this.#leastMs, this.#leastBeforeMs);
  }

  #noteTransit(transitMs: number, arrivalMs: number): void {
    if (arrivalMs >= this.#windowEndMs) {
      // After a pause the last window is too old: the clocks have drifted since.
      const isNextWindow = arrivalMs < this.#windowEndMs + WINDOW_MS;
      this.#leastBeforeMs = isNextWindow ? this.#leastMs : Infinity;
      this.#leastMs = Infinity;
      this.#windowEndMs = arrivalMs + WINDOW_MS;
    }
    this.#leastMs = Math.min(this.#leastMs, transitMs);
  }

  #addObservation(lastsMs: number): void {
    this.#observationCount++;
    const weight = Math.max(1 - FORGET, START_WEIGHT / (this.#observationCount + 1));
    const histogram = this.#histogram;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) histogram[bucket] *= 1 - weight;
    histogram[Math.min(BUCKET_COUNT - 1, Math.floor(lastsMs / BUCKET_MS))] += weight;
    let below = 0;
    let bucket = 0;
    while (bucket < BUCKET_COUNT - 1 && below + histogram[bucket] < QUANTILE) {
      below += histogram[bucket++];
    }
    // The bucket's upper edge: no delay in it is longer.
    this.#delayMs = (bucket + 1) * BUCKET_MS;
  }
}

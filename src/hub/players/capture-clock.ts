// When frames that are posted were captured, on the server's clock.
//
// A frame's `timestamp` is on a clock of its sender's, of which neither the unit nor the offset is known. The unit
// shows in its size if it counts from 1970, else in how fast it advances. The offset is the shortest time between timestamp and arrival of the last seconds: the
// quickest frame was delayed least, and what others took longer is delay, which must not show as uneven motion.
// Until that is known, and where timestamps follow no clock, a frame counts as captured when it came.
import { CaptureOrder } from "./capture-order.ts";

/** What `timestamp` counts. Unix seconds are expected; the others are understood too. */
const UNITS = [
  { name: "seconds", ms: 1000 },
  { name: "milliseconds", ms: 1 },
  { name: "microseconds", ms: 1e-3 },
  { name: "ticks of 100 ns", ms: 1e-4 },
  { name: "nanoseconds", ms: 1e-6 },
] as const;
type Unit = (typeof UNITS)[number];

// The unit is known once timestamps have advanced for this long, in this many frames. Delays of 100 ms change the
// pace of 300 ms by a third.
const LEARN_MS = 300;
const LEARN_FRAMES = 4;
const LEARN_PACE = 1.5;
/** Timestamps that have no unit's pace for this long follow no clock. */
const LEARN_MAX_MS = 1000;
/** Frames that may be held while the unit is learnt: 1 s at 60 Hz. */
const LEARN_FRAMES_MAX = 64;

/** The offset is the shortest of this window and the one before it. */
const WINDOW_MS = 5000;
// The offset approaches the shortest one by a share of the time that passes: motion is faster or slower by that.
const SLEW_LATER = 0.01;
const SLEW_EARLIER = 0.05;
const SLEW_OVER_MAX_MS = 1000;
/** More than this is a clock that was set, or the first quick frame after a busy start. */
const STEP_MS = 100;
// Longer delays are not believed at once: a line that stalls for a second has them.
const STEP_LATER_MS = 250;
// How much a clock may be ahead or behind over a window: the longest delay that is believed, and some drift.
const PACE_TOLERANCE_MS = 1500;

// A timestamp that stays the same for this long, in this many frames, follows no clock.
const STUCK_MS = 250;
const STUCK_FRAMES = 3;
/** Learning that begins again this often because timestamps go back: they follow no clock. */
const BACKWARDS_MAX = 3;
// Whoever posts without waiting for answers has a tenth of its frames overtaken on a line of uneven delay.
const OVERTAKEN_SHARE_MAX = 0.25;
/** A frame that is later than the quickest by less was overtaken, on any clock. */
const OVERTAKEN_DELAY_MS = 500;

// A clock that counts from 1970 is not off by more, in whatever zone it takes itself to be.
const UNIX_TOLERANCE_MS = 86_400_000;
// Whether timestamps follow a clock that counts from another moment shows in the end. Until then one that goes back
// further than frames are overtaken is no time.
const TRUSTED_AFTER_MS = 2000;

/** What is peculiar about a sender's timestamps, for whoever wrote the sender. */
const NOTES = {
  stuck: "timestamp does not advance from frame to frame; the time of arrival is taken instead",
  backwards: "timestamp goes back and forth; the time of arrival is taken instead",
  pace: "timestamp does not advance with time; the time of arrival is taken instead",
  setBack: "timestamp was set back",
  uptime: "timestamp does not count from 1970",
} as const;

interface Timed {
  readonly timestamp: number;
  readonly arrivalMs: number;
}

/** A clock that timestamps follow. */
interface Followed {
  readonly unit: Unit;
  readonly order: CaptureOrder;
  /** From when on a frame may be older by any time. */
  trustedMs: number;
  /** Arrival minus timestamp of the quickest frame, as it is applied. */
  offsetMs: number;
  windowStart: Timed;
  leastMs: number;
  leastBeforeMs: number;
  /** The clock was ahead of time in the last window. */
  wasFast: boolean;
}

/** Estimates one player's capture times. Time is passed in. */
export class CaptureClock {
  #followed: Followed | undefined;
  #learnt: Timed[] = [];
  #last: Timed | undefined;
  /** The last frame whose timestamp was another one than the frame's before. */
  #advancedMs = 0;
  #repeats = 0;
  #backwards = 0;
  /** Frames that came after a newer one while the unit is learnt. */
  #overtaken = 0;
  /** Timestamps did not follow the clock that their size is that of. */
  #isPaceNeeded = false;
  readonly #told = new Set<string>();
  #untold: string[] = [];
  /** What is peculiar about the timestamps; null if nothing is. */
  note: string | null = null;

  /** Whether capture times are those of timestamps. */
  get isFollowing(): boolean {
    return this.#followed !== undefined;
  }

  /** What is peculiar and was not told before; null if nothing is. */
  takeNote(): string | null {
    const untold = this.#untold.length === 0 ? null : this.#untold.join("; ");
    this.#untold = [];
    return untold;
  }

  /**
   * Takes note of a frame that has come. `timestamp` is its sender's; null or 0 if there is none.
   * @returns when it was captured, milliseconds of the server's clock; null: before a frame that has come already.
   */
  observe(timestamp: number | null, arrivalMs: number): number | null {
    if (timestamp === null || timestamp === 0 || !Number.isFinite(timestamp)) {
      this.#forget();
      return arrivalMs;
    }
    const last = this.#last;
    this.#last = { timestamp, arrivalMs };
    if (timestamp !== last?.timestamp) {
      this.#advancedMs = arrivalMs;
      this.#repeats = 0;
    } else if (++this.#repeats >= STUCK_FRAMES && arrivalMs - this.#advancedMs >= STUCK_MS) {
      this.#giveUp(NOTES.stuck);
      return arrivalMs;
    }
    return this.#followed === undefined
      ? this.#learn({ timestamp, arrivalMs })
      : this.#follow(this.#followed, { timestamp, arrivalMs }, last?.arrivalMs ?? arrivalMs);
  }

  #learn(frame: Timed): number {
    const { arrivalMs } = frame;
    const unix = this.#isPaceNeeded ? undefined : UNITS.find(({ ms }) => isUnixTime(frame, ms));
    if (unix !== undefined) {
      this.#learnt = [frame];
      return this.#begin(unix, frame);
    }
    const newest = this.#learnt.at(-1);
    if (newest !== undefined && frame.timestamp < newest.timestamp) {
      const isRare = ++this.#overtaken <= OVERTAKEN_SHARE_MAX * this.#learnt.length;
      if (isRare && frame.timestamp >= this.#learnt[0].timestamp) return arrivalMs;
      this.#learnt = [frame];
      this.#overtaken = 0;
      if (++this.#backwards >= BACKWARDS_MAX) this.#tell(NOTES.backwards);
      return arrivalMs;
    }
    // The first one stays: the pace is measured from it.
    if (this.#learnt.length === LEARN_FRAMES_MAX) this.#learnt.splice(1, 1);
    this.#learnt.push(frame);
    const [first] = this.#learnt;
    const spanMs = arrivalMs - first.arrivalMs;
    if (this.#learnt.length < LEARN_FRAMES || spanMs < LEARN_MS) return arrivalMs;
    const pace = (frame.timestamp - first.timestamp) / spanMs;
    const unit = UNITS.find(({ ms }) => isWithin(pace * ms, LEARN_PACE));
    if (unit !== undefined) return this.#begin(unit, frame);
    if (spanMs >= LEARN_MAX_MS) this.#giveUp(NOTES.pace);
    return arrivalMs;
  }

  /** From now on timestamps are followed. */
  #begin(unit: Unit, frame: Timed): number {
    const order = new CaptureOrder();
    const offsets = this.#learnt.map((each) => each.arrivalMs - each.timestamp * unit.ms);
    order.judge(frame.timestamp * unit.ms, frame.arrivalMs);
    const offsetMs = Math.min(...offsets);
    const isUnix = isUnixTime(frame, unit.ms);
    this.#followed = {
      unit,
      order,
      trustedMs: isUnix ? frame.arrivalMs : frame.arrivalMs + TRUSTED_AFTER_MS,
      offsetMs,
      windowStart: frame,
      leastMs: offsetMs,
      leastBeforeMs: Infinity,
      wasFast: false,
    };
    this.#learnt = [];
    this.#overtaken = 0;
    this.#backwards = 0;
    const counts = unit.name === "seconds" ? [] : [`timestamp counts ${unit.name}, not seconds`];
    const peculiar = isUnix ? counts : [...counts, NOTES.uptime];
    if (peculiar.length > 0) this.#tell(`${peculiar.join("; ")}; it is understood`);
    return this.#captureMs(this.#followed, frame);
  }

  #follow(followed: Followed, frame: Timed, lastArrivalMs: number): number | null {
    const { arrivalMs } = frame;
    const senderMs = frame.timestamp * followed.unit.ms;
    switch (followed.order.judge(senderMs, arrivalMs)) {
      case "older":
        if (arrivalMs >= followed.trustedMs || isOvertaken(followed, senderMs, arrivalMs)) {
          return null;
        }
        this.#giveUp(NOTES.backwards);
        return arrivalMs;
      case "set-back":
        followed.trustedMs = arrivalMs + TRUSTED_AFTER_MS;
        this.#tell(NOTES.setBack);
        followed.offsetMs = arrivalMs - senderMs;
        this.#openWindow(followed, frame, Infinity);
        break;
      case "newer":
        break;
    }
    if (!this.#note(followed, frame)) {
      this.#giveUp(NOTES.pace);
      return arrivalMs;
    }
    const elapsedMs = Math.min(Math.max(0, arrivalMs - lastArrivalMs), SLEW_OVER_MAX_MS);
    const wayMs = Math.min(followed.leastMs, followed.leastBeforeMs) - followed.offsetMs;
    if (wayMs < -STEP_MS || wayMs > STEP_LATER_MS) followed.offsetMs += wayMs;
    else if (wayMs > 0) followed.offsetMs += Math.min(wayMs, SLEW_LATER * elapsedMs);
    else followed.offsetMs -= Math.min(-wayMs, SLEW_EARLIER * elapsedMs);
    return this.#captureMs(followed, frame);
  }

  /** Notes a frame's offset. @returns false if timestamps have not advanced with time. */
  #note(followed: Followed, frame: Timed): boolean {
    const { unit, windowStart } = followed;
    const offsetMs = frame.arrivalMs - frame.timestamp * unit.ms;
    const spanMs = frame.arrivalMs - windowStart.arrivalMs;
    let isInPace = true;
    if (spanMs >= WINDOW_MS) {
      const aheadMs = (frame.timestamp - windowStart.timestamp) * unit.ms - spanMs;
      // One that was set forwards is ahead once.
      const isFast = aheadMs > PACE_TOLERANCE_MS;
      isInPace = aheadMs > -PACE_TOLERANCE_MS && !(isFast && followed.wasFast);
      followed.wasFast = isFast;
      // After a pause the last window is too old: the clocks have drifted since.
      this.#openWindow(followed, frame, spanMs < 2 * WINDOW_MS ? followed.leastMs : Infinity);
    }
    followed.leastMs = Math.min(followed.leastMs, offsetMs);
    return isInPace;
  }

  #openWindow(followed: Followed, frame: Timed, leastBeforeMs: number): void {
    followed.windowStart = frame;
    followed.leastBeforeMs = leastBeforeMs;
    followed.leastMs = frame.arrivalMs - frame.timestamp * followed.unit.ms;
  }

  /** Nothing was captured after it came. */
  #captureMs({ unit, offsetMs }: Followed, { timestamp, arrivalMs }: Timed): number {
    return Math.min(arrivalMs, timestamp * unit.ms + offsetMs);
  }

  /** Timestamps follow no clock. They may do so again. */
  #giveUp(note: string): void {
    this.#tell(note);
    this.#isPaceNeeded = true;
    this.#forget();
  }

  #forget(): void {
    this.#followed = undefined;
    this.#learnt = [];
    this.#overtaken = 0;
    this.#last = undefined;
    this.#repeats = 0;
  }

  #tell(note: string): void {
    this.note = note;
    if (this.#told.has(note)) return;
    this.#told.add(note);
    this.#untold.push(note);
  }
}

/** Whether an older frame is one that took a little longer than the quickest. */
function isOvertaken(
  { leastMs, leastBeforeMs }: Followed,
  senderMs: number,
  arrivalMs: number,
): boolean {
  return arrivalMs - senderMs - Math.min(leastMs, leastBeforeMs) < OVERTAKEN_DELAY_MS;
}

function isUnixTime({ timestamp, arrivalMs }: Timed, unitMs: number): boolean {
  return Math.abs(timestamp * unitMs - arrivalMs) < UNIX_TOLERANCE_MS;
}

function isWithin(ratio: number, factor: number): boolean {
  return ratio < factor && ratio > 1 / factor;
}

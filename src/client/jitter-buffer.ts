// Jitter buffer: holds one player's poses until they are shown, a little after they were captured, so that
// uneven arrival does not become uneven motion. Poses of one skeleton; time is passed in.
//
//   buffer.push(pose, { captureMs, arrivalMs, isOld: false });
//   buffer.sample(nowMs, out);   // 60 times a second: interpolated, nothing allocated
import { createBlankPose } from "../codec/frame.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { carryPose, commonParts } from "./common-parts.ts";
import { dampedAheadMs, extrapolatePose } from "./extrapolate.ts";
import type { LastSteps } from "./extrapolate.ts";
import { copyPose, interpolatePose, showPose } from "./interpolate.ts";
import { PLAYOUT_DELAY_MAX_MS, PlayoutDelay } from "./playout-delay.ts";

/** When a pose was captured and received. */
export interface PoseTiming {
  /** On the server's clock, milliseconds. */
  readonly captureMs: number;
  /** On the local clock, milliseconds. */
  readonly arrivalMs: number;
  /** How long ago it was captured when it came, milliseconds; 0, the default, if that is not known. */
  readonly ageMs?: number;
  /** Its publisher's jumps, modulo 4: motion does not lead to a pose of another count. Default: 0. */
  readonly teleports?: number;
  /** The pose is the state sent to a newcomer, which tells nothing about how long frames take. */
  readonly isOld: boolean;
}

interface HeldPose {
  captureMs: number;
  arrivalMs: number;
  /** If it is the last one, it is shown exactly from this local time on. */
  settledMs: number;
  teleports: number;
  pose: Pose;
}

// 500 ms of 90 Hz are 45 poses. Memory is allocated when they are needed.
const POSES_MAX = 64;

// Frames come in order, so a capture time before the newest means that the publisher's clock was set back.
// After more than a small correction the measured delay no longer counts: it is another clock's.
const STEP_BACK_MS = 250;

// A step of motion is at least this long: over the 11 ms of 90 Hz, tracking noise would look like speed.
const STEP_MIN_MS = 30;
// Two poses further apart than this are a pause, and have no speed.
const STEP_MAX_MS = 250;

// A change of the delay is shown as slower or faster motion, never as a jump. More delay is reached quickly, at
// half speed, because motion stutters until then. Less delay is reached slowly, because it only saves time: 5 %
// faster for the last 50 ms, and as fast as brings it within a second before that, up to 25 % faster.
const SLOWER = 0.5;
const FASTER_MIN = 0.05;
const FASTER_MAX = 0.25;
const FASTER_WITHIN_MS = 1000;
/** More than this is a change of a clock, not of the delay. */
const LAG_STEP_MS = 1000;

// Motion ends on the newest pose this long after its capture, unless the delay is longer. The rest of a second is for
// senders whose time of capture is not known, but that of their frame's arrival at the server, and for clocks.
const SETTLED_WITHIN_MS = 600;
/** What motion is ahead then is taken back over this time. */
const FADE_MS = 100;
// A line takes no longer. A pose that is older came late for another reason, or its time of capture is wrong.
const AGE_MAX_MS = 550;
const AGE_BELIEVED_MAX_MS = 2000;
// A lag that is longer than the delay by more than this is made up for at whatever speed it takes, because frames may
// have ended.
const OVERDUE_MAX_MS = 250;

export class JitterBuffer {
  #skeleton: Skeleton;
  // In order of capture. The first `#count` are held; the others are free.
  readonly #held: HeldPose[] = [];
  #count = 0;
  readonly #delay = new PlayoutDelay();
  // The lag that motion is shown with, which approaches the one that the delay asks for.
  #lagMs: number | null = null;
  #sampledMs = 0;
  #shownMs = -Infinity;
  #lateFrames = 0;
  // Overwritten at each use.
  #steps: LastSteps | undefined;

  constructor(skeleton: Skeleton) {
    this.#skeleton = skeleton;
  }

  /** The skeleton of the poses. */
  get skeleton(): Skeleton {
    return this.#skeleton;
  }

  /** Frames that came after the time to show them. */
  get lateFrames(): number {
    return this.#lateFrames;
  }

  /** Mean change of the transit time from frame to frame (RFC 3550), milliseconds. */
  get jitterMs(): number {
    return this.#delay.jitterMs;
  }

  /** Local time of arrival minus capture time, of the quickest frame lately; null before the first frame. */
  get transitMs(): number | null {
    return this.#delay.transitMs;
  }

  /** Local time minus the capture time that is shown at it, milliseconds; null before the first frame. */
  get lagMs(): number | null {
    return this.#lagMs ?? this.#delay.lagMs;
  }

  /**
   * Continues with the poses of another skeleton, of which `first` is the first. Bones and blend shapes that
   * both skeletons have keep their poses, and so their motion. The others have always been as in `first`.
   */
  setSkeleton(skeleton: Skeleton, first: Pose): void {
    const parts = commonParts(this.#skeleton, skeleton);
    this.#skeleton = skeleton;
    this.#held.length = this.#count;
    for (const held of this.#held) {
      const carried = copyPose(first, createBlankPose(skeleton));
      held.pose = carryPose(held.pose, parts, carried);
    }
  }

  /**
   * Copies the next pose. One that comes after its time counts as late and is kept, because nothing better is
   * known of the time after it.
   */
  push(pose: Pose, { captureMs, arrivalMs, ageMs = 0, isOld, teleports = 0 }: PoseTiming): void {
    if (this.#count > 0 && captureMs < this.#newest().captureMs - STEP_BACK_MS) {
      this.#delay.reset();
      this.#lagMs = null;
      this.#shownMs = -Infinity;
    }
    // Poses that came earlier with a later capture time were stamped by a wrong clock.
    while (this.#count > 0 && this.#newest().captureMs >= captureMs) this.#count--;
    const { lagMs } = this;
    if (!isOld) {
      if (lagMs !== null && captureMs < arrivalMs - lagMs) this.#lateFrames++;
      this.#delay.observe(captureMs, arrivalMs);
    }
    if (lagMs !== null) this.#release(arrivalMs - lagMs);
    const held = this.#take();
    held.captureMs = captureMs;
    held.arrivalMs = arrivalMs;
    held.teleports = teleports;
    const believedMs = ageMs < AGE_BELIEVED_MAX_MS ? Math.min(Math.max(ageMs, 0), AGE_MAX_MS) : 0;
    held.settledMs = arrivalMs + SETTLED_WITHIN_MS - believedMs;
    copyPose(pose, held.pose);
  }

  /**
   * Writes the pose to show at local time `nowMs`. Rotations have unit length.
   * @returns false before the first pose: `out` is then unchanged.
   * @throws {RangeError} if `out` has another number of bones or blend shapes.
   */
  sample(nowMs: number, out: Pose): boolean {
    if (this.#count === 0) return false;
    const shownMs = this.#advance(nowMs);
    let index = this.#count - 1;
    while (index >= 0 && this.#held[index].captureMs > shownMs) index--;
    if (index === this.#count - 1) {
      this.#sampleAhead(shownMs, nowMs, out);
    } else if (index < 0) {
      showPose(this.#held[0].pose, out);
    } else {
      const older = this.#held[index];
      const newer = this.#held[index + 1];
      if (newer.teleports !== older.teleports) {
        showPose(older.pose, out);
        return true;
      }
      const t = (shownMs - older.captureMs) / (newer.captureMs - older.captureMs);
      interpolatePose(older.pose, newer.pose, t, out);
    }
    return true;
  }

  /** Beyond the newest pose: continues as the last poses moved, and settles on the newest. */
  #sampleAhead(shownMs: number, nowMs: number, out: Pose): void {
    const newest = this.#newest();
    const leftShare = Math.min(Math.max((newest.settledMs - nowMs) / FADE_MS, 0), 1);
    const aheadMs = leftShare * dampedAheadMs(shownMs - newest.captureMs);
    const older = this.#stepBefore(this.#count - 1);
    const oldest = older < 0 ? -1 : this.#stepBefore(older);
    if (aheadMs === 0 || oldest < 0) {
      showPose(newest.pose, out);
      return;
    }
    const newestStepMs = newest.captureMs - this.#held[older].captureMs;
    const olderStepMs = this.#held[older].captureMs - this.#held[oldest].captureMs;
    if (newestStepMs > STEP_MAX_MS || olderStepMs > STEP_MAX_MS) {
      showPose(newest.pose, out);
      return;
    }
    const { pose } = newest;
    const steps = (this.#steps ??= {
      oldest: pose,
      older: pose,
      newest: pose,
      olderStepMs,
      newestStepMs,
    });
    steps.oldest = this.#held[oldest].pose;
    steps.older = this.#held[older].pose;
    steps.newest = pose;
    steps.olderStepMs = olderStepMs;
    steps.newestStepMs = newestStepMs;
    extrapolatePose(steps, aheadMs, out);
  }

  /** The pose that is a step of motion before the one at `index`; -1 if there is none. */
  #stepBefore(index: number): number {
    const { captureMs, teleports } = this.#held[index];
    const endMs = captureMs - STEP_MIN_MS;
    let before = index - 1;
    while (before >= 0 && this.#held[before].captureMs > endMs) before--;
    return before >= 0 && this.#held[before].teleports === teleports ? before : -1;
  }

  /** The capture time to show at `nowMs`. */
  #advance(nowMs: number): number {
    const newest = this.#newest();
    const wantedMs = this.#delay.lagMs;
    // Only old state so far: show it unchanged.
    if (wantedMs === null) return newest.captureMs;
    const elapsedMs = Math.max(0, nowMs - this.#sampledMs);
    const lagMs = this.#approachLag(wantedMs, elapsedMs);
    const plannedMs = newest.captureMs + wantedMs;
    const dueMs = Math.max(
      Math.min(plannedMs, newest.arrivalMs + PLAYOUT_DELAY_MAX_MS),
      Math.min(plannedMs + OVERDUE_MAX_MS, newest.settledMs - FADE_MS),
    );
    let shownMs = nowMs - lagMs;
    if (nowMs >= dueMs) shownMs = Math.max(shownMs, newest.captureMs);
    else if (this.#shownMs !== -Infinity) {
      const share = elapsedMs / (dueMs - nowMs + elapsedMs);
      shownMs = Math.max(shownMs, this.#shownMs + (newest.captureMs - this.#shownMs) * share);
    }
    this.#lagMs = nowMs - shownMs;
    this.#shownMs = shownMs;
    this.#sampledMs = Math.max(this.#sampledMs, nowMs);
    return shownMs;
  }

  /** The lag that motion would be shown with, were there no hurry. */
  #approachLag(wantedMs: number, elapsedMs: number): number {
    const lagMs = this.#lagMs;
    if (lagMs === null) return wantedMs;
    const wayMs = wantedMs - lagMs;
    if (Math.abs(wayMs) > LAG_STEP_MS) return wantedMs;
    if (wayMs > 0) return lagMs + Math.min(wayMs, SLOWER * elapsedMs);
    const faster = Math.min(Math.max(-wayMs / FASTER_WITHIN_MS, FASTER_MIN), FASTER_MAX);
    return lagMs - Math.min(-wayMs, faster * elapsedMs);
  }

  #newest(): HeldPose {
    return this.#held[this.#count - 1];
  }

  /** Frees the poses that are needed neither to show nor for the speed of motion. */
  #release(shownMs: number): void {
    let needed = this.#count - 1;
    while (needed > 0 && this.#held[needed].captureMs > shownMs) needed--;
    // Two steps before it.
    for (let steps = 0; steps < 2 && needed > 0; steps++) needed = this.#stepBefore(needed);
    while (needed-- > 0) this.#freeOldest();
  }

  #freeOldest(): void {
    const oldest = this.#held.shift();
    if (oldest === undefined) return;
    this.#held.push(oldest);
    this.#count--;
  }

  /** A free pose at the end of those that are held. */
  #take(): HeldPose {
    if (this.#count === POSES_MAX) this.#freeOldest();
    if (this.#count === this.#held.length) {
      this.#held.push({
        captureMs: 0,
        arrivalMs: 0,
        settledMs: 0,
        teleports: 0,
        pose: createBlankPose(this.#skeleton),
      });
    }
    return this.#held[this.#count++];
  }
}

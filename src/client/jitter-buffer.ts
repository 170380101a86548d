// Jitter buffer: holds one player's poses until they are shown, a little after they were captured, so that
// uneven arrival does not become uneven motion. Poses of one skeleton; time is passed in.
//
//   buffer.push(pose, { captureMs, arrivalMs, isOld: false });
//   buffer.sample(nowMs, out);   // 60 times a second: interpolated, nothing allocated
import { createBlankPose } from "../codec/frame.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { copyPose, dampedAheadMs, extrapolatePose, interpolatePose } from "./interpolate.ts";
import { PlayoutDelay } from "./playout-delay.ts";

/** When a pose was captured and received. */
export interface PoseTiming {
  /** On the server's clock, milliseconds. */
  readonly captureMs: number;
  /** On the local clock, milliseconds. */
  readonly arrivalMs: number;
  /** The pose is the state sent to a newcomer, which tells nothing about how long frames take. */
  readonly isOld: boolean;
}

interface HeldPose {
  captureMs: number;
  readonly pose: Pose;
}

// 500 ms of 90 Hz are 45 poses. Memory is allocated when they are needed.
const POSES_MAX = 64;

// Frames come in order, so a capture time before the newest means that the publisher's clock was set back.
// After more than a small correction the measured delay no longer counts: it is another clock's.
const STEP_BACK_MS = 250;

// The speed of motion is measured over at least this long: over the 11 ms of 90 Hz, tracking noise would
// look like speed.
const SPEED_OVER_MS = 30;
// Two poses further apart than this are a pause, and have no speed.
const SPEED_OVER_MAX_MS = 250;

// A change of the delay is shown as slower or faster motion, never as a jump. More delay is reached quickly, at
// half speed, because motion stutters until then. Less delay is reached slowly, because it only saves time: 5 %
// faster for the last 50 ms, and as fast as brings it within a second before that, up to 25 % faster.
const SLOWER = 0.5;
const FASTER_MIN = 0.05;
const FASTER_MAX = 0.25;
const FASTER_WITHIN_MS = 1000;
/** More than this is a change of a clock, not of the delay. */
const LAG_STEP_MS = 1000;

export class JitterBuffer {
  #skeleton: Skeleton;
  // In order of capture. The first `#count` are held; the others are free.
  readonly #held: HeldPose[] = [];
  #count = 0;
  readonly #delay = new PlayoutDelay();
  // The lag that motion is shown with, which approaches the one that the delay asks for.
  #lagMs: number | null = null;
  #sampledMs = 0;
  #lateFrames = 0;

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

  /** Local time minus the capture time that is shown at it, milliseconds; null before the first frame. */
  get lagMs(): number | null {
    return this.#lagMs ?? this.#delay.lagMs;
  }

  /** Drops all poses and continues with another skeleton's. The measured delay is kept. */
  setSkeleton(skeleton: Skeleton): void {
    this.#skeleton = skeleton;
    this.#count = 0;
    this.#held.length = 0;
  }

  /**
   * Copies the next pose. One that comes after its time counts as late and is kept, because nothing better is
   * known of the time after it.
   */
  push(pose: Pose, { captureMs, arrivalMs, isOld }: PoseTiming): void {
    if (this.#count > 0 && captureMs < this.#newest().captureMs - STEP_BACK_MS) {
      this.#delay.reset();
      this.#lagMs = null;
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
    copyPose(pose, held.pose);
  }

  /**
   * Writes the pose to show at local time `nowMs`. Rotations have unit length.
   * @returns false before the first pose: `out` is then unchanged.
   * @throws {RangeError} if `out` has another number of bones or blend shapes.
   */
  sample(nowMs: number, out: Pose): boolean {
    if (this.#count === 0) return false;
    const shownMs = nowMs - this.#approachLag(nowMs);
    let index = this.#count - 1;
    while (index >= 0 && this.#held[index].captureMs > shownMs) index--;
    if (index === this.#count - 1) {
      this.#sampleAhead(shownMs, out);
    } else if (index < 0) {
      const { pose } = this.#held[0];
      interpolatePose(pose, pose, 0, out);
    } else {
      const older = this.#held[index];
      const newer = this.#held[index + 1];
      const t = (shownMs - older.captureMs) / (newer.captureMs - older.captureMs);
      interpolatePose(older.pose, newer.pose, t, out);
    }
    return true;
  }

  /** Beyond the newest pose: continues at the speed of the last ones and comes to rest. */
  #sampleAhead(shownMs: number, out: Pose): void {
    const newest = this.#newest();
    let index = this.#count - 2;
    while (index > 0 && newest.captureMs - this.#held[index].captureMs < SPEED_OVER_MS) index--;
    const older = index >= 0 ? this.#held[index] : newest;
    const gapMs = newest.captureMs - older.captureMs;
    if (gapMs === 0 || gapMs > SPEED_OVER_MAX_MS) {
      interpolatePose(newest.pose, newest.pose, 0, out);
    } else {
      const t = 1 + dampedAheadMs(shownMs - newest.captureMs) / gapMs;
      extrapolatePose(older.pose, newest.pose, t, out);
    }
  }

  #approachLag(nowMs: number): number {
    const wantedMs = this.#delay.lagMs;
    // Only old state so far: show it unchanged.
    if (wantedMs === null) return nowMs - this.#newest().captureMs;
    const elapsedMs = Math.max(0, nowMs - this.#sampledMs);
    const wayMs = wantedMs - (this.#lagMs ?? wantedMs);
    if (this.#lagMs === null || Math.abs(wayMs) > LAG_STEP_MS) this.#lagMs = wantedMs;
    else if (wayMs > 0) this.#lagMs += Math.min(wayMs, SLOWER * elapsedMs);
    else {
      const faster = Math.min(Math.max(-wayMs / FASTER_WITHIN_MS, FASTER_MIN), FASTER_MAX);
      this.#lagMs -= Math.min(-wayMs, faster * elapsedMs);
    }
    this.#sampledMs = Math.max(this.#sampledMs, nowMs);
    return this.#lagMs;
  }

  #newest(): HeldPose {
    return this.#held[this.#count - 1];
  }

  /** Frees the poses that are needed neither to show nor for the speed of motion. */
  #release(shownMs: number): void {
    if (this.#count === 0) return;
    const neededMs = Math.min(shownMs, this.#newest().captureMs) - SPEED_OVER_MS;
    while (this.#count > 2 && this.#held[1].captureMs <= neededMs) this.#freeOldest();
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
      this.#held.push({ captureMs: 0, pose: createBlankPose(this.#skeleton) });
    }
    return this.#held[this.#count++];
  }
}

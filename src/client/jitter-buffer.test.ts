import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";
import { EXTRAPOLATION_MAX_MS } from "./interpolate.ts";
import { JitterBuffer } from "./jitter-buffer.ts";

const SKELETON = { boneNames: ["Hips"], blendShapeNames: [] };
const TRANSIT_MS = 20;

/** A pose whose x tells when it was captured: motion of 1 a millisecond. */
function poseOfTime(captureMs: number): Pose {
  const pose = createPose(SKELETON);
  pose.root.set([captureMs, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  pose.bones.set([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  return pose;
}

class Player {
  readonly buffer = new JitterBuffer(SKELETON);
  readonly out = createPose(SKELETON);

  push(captureMs: number, arrivalMs = captureMs + TRANSIT_MS, isOld = false): void {
    this.buffer.push(poseOfTime(captureMs), { captureMs, arrivalMs, isOld });
  }

  /** Which moment is shown. */
  shownAt(nowMs: number): number {
    expect(this.buffer.sample(nowMs, this.out)).toBe(true);
    return this.out.root[0];
  }
}

describe("what is shown", () => {
  test("is nothing before the first pose", () => {
    const out = createPose(SKELETON);
    expect(new JitterBuffer(SKELETON).sample(0, out)).toBe(false);
    expect(out).toEqual(createPose(SKELETON));
  });

  test("is, on an even line, motion at its own speed, one interval late", () => {
    const player = new Player();
    let shownMs = 0;
    for (let nowMs = 0; nowMs < 8000; nowMs += 10) {
      if (nowMs % 30 === 0) player.push(nowMs, nowMs + TRANSIT_MS);
      if (nowMs < 100) continue;
      const moment = player.shownAt(nowMs + TRANSIT_MS);
      if (nowMs > 5000) expect(moment - shownMs).toBeCloseTo(10, 1);
      shownMs = moment;
    }
    expect(8000 - 10 - shownMs).toBeGreaterThan(29);
    expect(8000 - 10 - shownMs).toBeLessThan(36);
    expect(player.buffer.lateFrames).toBe(0);
  });

  test("never goes back and never runs away, however the line jitters", () => {
    const jitter = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(jitter, fc.integer({ min: 8, max: 50 }), (jitters, intervalMs) => {
        const player = new Player();
        // Frames arrive in order, as a stream brings them.
        let earliestMs = 0;
        const arrivals = jitters.map((jitterMs, index) => {
          earliestMs = Math.max(earliestMs, 1000 + index * intervalMs + jitterMs);
          return earliestMs;
        });
        let next = 0;
        let shownMs = -Infinity;
        for (let nowMs = 1000; nowMs < earliestMs + 500; nowMs += 16) {
          while (next < arrivals.length && arrivals[next] <= nowMs) {
            player.push(1000 + next * intervalMs, arrivals[next]);
            next++;
          }
          if (next === 0) continue;
          const moment = player.shownAt(nowMs);
          expect(moment).toBeGreaterThanOrEqual(shownMs - 0.01);
          const newestMs = 1000 + (next - 1) * intervalMs;
          expect(moment).toBeLessThanOrEqual(newestMs + EXTRAPOLATION_MAX_MS / 2 + 0.01);
          expect(nowMs - moment).toBeGreaterThan(-0.01);
          shownMs = moment;
        }
      }),
    );
  });

  test("is slower by half where the delay grows, and up to a quarter faster where it shrinks", () => {
    const player = new Player();
    const speeds: number[] = [];
    let shownMs = 0;
    let captureMs = 0;
    let arrivalMs = 0;
    for (let nowMs = 0; nowMs < 40_000; nowMs += 10) {
      while (arrivalMs <= nowMs) {
        player.push(captureMs, arrivalMs);
        captureMs += 20;
        // For five seconds every tenth frame keeps those behind it waiting.
        const isLate = captureMs > 10_000 && captureMs < 15_000 && captureMs % 200 === 0;
        arrivalMs = Math.max(arrivalMs, captureMs + TRANSIT_MS + (isLate ? 180 : 0));
      }
      if (nowMs < 5000) continue;
      const moment = player.shownAt(nowMs);
      // While the delay is still too short there is nothing to show, and then all at once.
      if (nowMs < 10_000 || nowMs > 11_000) speeds.push((moment - shownMs) / 10);
      shownMs = moment;
    }
    speeds.shift();
    expect(Math.min(...speeds)).toBeGreaterThan(0.49);
    expect(Math.max(...speeds)).toBeGreaterThan(1.1);
    expect(Math.max(...speeds)).toBeLessThan(1.26);
    expect(speeds.at(-1)).toBeCloseTo(1, 3);
  });

  test("comes to rest when frames stop, and moves again when they return", () => {
    const player = new Player();
    for (let at = 0; at <= 3000; at += 30) {
      player.push(at);
      player.shownAt(at + TRANSIT_MS);
    }
    const restMs = player.shownAt(4000);
    expect(restMs).toBeCloseTo(3000 + EXTRAPOLATION_MAX_MS / 2, 1);
    expect(player.shownAt(60_000)).toBe(restMs);
    for (let at = 90_000; at <= 91_000; at += 30) player.push(at);
    expect(player.shownAt(91_020)).toBeGreaterThan(90_900);
  });

  test("has rotations of unit length, though a pose came with none", () => {
    const player = new Player();
    const pose = poseOfTime(0);
    pose.bones.set([0, 0, 0, 0], 3);
    pose.root.set([0, 2, 0, 0], 3);
    player.buffer.push(pose, { captureMs: 0, arrivalMs: 20, isOld: false });
    player.shownAt(50);
    expect([...player.out.bones.subarray(3, 7)]).toEqual([0, 0, 0, 1]);
    expect([...player.out.root.subarray(3, 7)]).toEqual([0, 1, 0, 0]);
  });

  test("holds half a second of 90 Hz where the line needs it", () => {
    const player = new Player();
    // Nine frames of ten come in time, every tenth brings 450 ms of delay to all behind it.
    let earliestMs = 0;
    for (let index = 0; index < 900; index++) {
      const captureMs = (index * 1000) / 90;
      earliestMs = Math.max(earliestMs, captureMs + TRANSIT_MS + (index % 60 === 0 ? 450 : 0));
      player.push(captureMs, earliestMs);
    }
    const shownMs = player.shownAt(earliestMs);
    expect(earliestMs - TRANSIT_MS - shownMs).toBeGreaterThan(440);
    expect(player.shownAt(earliestMs + 100) - shownMs).toBeCloseTo(100, 0);
  });
});

describe("late frames", () => {
  test("are counted, and shown where nothing newer is there", () => {
    const player = new Player();
    for (let at = 0; at <= 2000; at += 30) {
      player.push(at);
      player.shownAt(at + TRANSIT_MS);
    }
    player.push(2030, 2030 + 400);
    expect(player.buffer.lateFrames).toBe(1);
    expect(player.shownAt(2031 + 400)).toBeGreaterThan(2029);
  });

  test("the state that a newcomer is given is not late and tells nothing of the line", () => {
    const player = new Player();
    player.push(0, 60_000, true);
    expect(player.shownAt(60_001)).toBe(0);
    expect(player.shownAt(60_500)).toBe(0);
    for (let at = 60_500; at < 61_000; at += 30) player.push(at);
    expect(player.buffer.lateFrames).toBe(0);
    expect(61_000 - player.shownAt(61_000)).toBeLessThan(100);
  });
});

describe("a publisher's clock", () => {
  test("that is corrected takes back the poses that it stamped too late", () => {
    const player = new Player();
    for (let at = 0; at <= 1000; at += 30) player.push(at);
    player.push(960, 1050);
    player.push(990, 1080);
    player.buffer.sample(1200, player.out);
    expect(player.out.root[0]).toBeCloseTo(990 + EXTRAPOLATION_MAX_MS / 2, 0);
  });

  test("that is set back by an hour begins a new timeline", () => {
    const player = new Player();
    for (let at = 4e6; at <= 4e6 + 1000; at += 30) player.push(at, at);
    for (let at = 0; at <= 1000; at += 30) player.push(at, 4e6 + 1100 + at);
    expect(player.shownAt(4e6 + 1100 + 1000)).toBeGreaterThan(900);
    expect(player.shownAt(4e6 + 1100 + 1000)).toBeLessThan(1000);
  });
});

test("another skeleton drops the poses and keeps what is known of the line", () => {
  const player = new Player();
  for (let at = 0; at <= 1000; at += 30) player.push(at);
  const { lagMs } = player.buffer;
  const other = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
  player.buffer.setSkeleton(other);
  const out = createPose(other);
  expect(player.buffer.sample(1100, out)).toBe(false);
  expect(player.buffer.lagMs).toBe(lagMs);
  player.buffer.push(createPose(other), { captureMs: 1030, arrivalMs: 1050, isOld: false });
  expect(player.buffer.sample(1100, out)).toBe(true);
  expect(out.bones[16]).toBe(1);
});

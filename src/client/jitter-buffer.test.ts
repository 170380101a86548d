import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPose } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { EXTRAPOLATION_MAX_MS, SETTLED_MS } from "./extrapolate.ts";
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

  push(captureMs: number, arrivalMs = captureMs + TRANSIT_MS, isOld = false, teleports = 0): void {
    this.buffer.push(poseOfTime(captureMs), { captureMs, arrivalMs, isOld, teleports });
  }

  /** Which moment is shown. */
  shownAt(nowMs: number): number {
    expect(this.buffer.sample(nowMs, this.out)).toBe(true);
    return this.out.root[0];
  }
}

describe("[S30] a teleport", () => {
  /** Poses each 30 ms; from `jumpMs` on they are 1,000 further, and counted as another place. */
  function playOver(jumpMs: number, endMs: number, isTold: boolean): number[] {
    const player = new Player();
    const shown: number[] = [];
    for (let nowMs = 0; nowMs < endMs + 1000; nowMs += 5) {
      if (nowMs % 30 === 0 && nowMs < endMs) {
        const isThere = nowMs >= jumpMs;
        const pose = poseOfTime(nowMs + (isThere ? 1_000_000 : 0));
        const timing = { captureMs: nowMs, arrivalMs: nowMs + TRANSIT_MS, isOld: false };
        player.buffer.push(pose, { ...timing, teleports: isThere && isTold ? 1 : 0 });
      }
      if (nowMs >= 100) shown.push(player.shownAt(nowMs + TRANSIT_MS));
    }
    return shown;
  }
  const isBetween = (x: number) => x > 10_000 && x < 990_000;

  test("is shown as a jump, where the same motion untold is shown as a flight", () => {
    expect(playOver(600, 1200, false).some(isBetween)).toBe(true);
    const shown = playOver(600, 1200, true);
    expect(shown.filter(isBetween)).toEqual([]);
    // Motion stays even before and after, and ends on the newest pose.
    expect(shown.at(-1)).toBe(1_001_170);
    const steps = shown.slice(1).map((x, at) => x - shown[at]);
    expect(steps.filter((step) => step > 100)).toHaveLength(1);
    // At the end motion settles, which may take it back a little.
    expect(steps.slice(0, 220).every((step) => step >= 0)).toBe(true);
  });

  test("gives the first pose after it no speed, wherever the last one is", () => {
    // The jump is the newest pose for good.
    expect(playOver(600, 601, true).every((x) => x < 10_000 || x === 1_000_600)).toBe(true);
  });
});

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
          const newestMs = 1000 + (next - 1) * intervalMs;
          const moment = player.shownAt(nowMs);
          // Back by no more than it was ahead.
          expect(moment).toBeGreaterThanOrEqual(shownMs - EXTRAPOLATION_MAX_MS / 2 - 0.01);
          if (shownMs <= newestMs) expect(moment).toBeGreaterThanOrEqual(shownMs - 0.01);
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
    expect(player.shownAt(4000)).toBe(3000);
    expect(player.shownAt(60_000)).toBe(3000);
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

describe("[S30] another teleport count", () => {
  test("holds the older pose until the newer one's time, and then shows that", () => {
    for (const counts of [
      [0, 1],
      [3, 0],
    ]) {
      const player = new Player();
      const jumpMs = 3000;
      const shown = new Set<number>();
      for (let nowMs = 0; nowMs < 5000; nowMs += 5) {
        const isNew = nowMs >= jumpMs;
        // The motion before it, the jump 30 ms later, and the motion after it.
        if (nowMs % 30 === 0) player.push(nowMs, undefined, false, counts[isNew ? 1 : 0]);
        if (nowMs < 2500) continue;
        const moment = player.shownAt(nowMs + TRANSIT_MS);
        if (Math.abs(moment - jumpMs) < 31) shown.add(moment);
      }
      const between = [...shown].filter((moment) => moment > jumpMs - 30 && moment < jumpMs);
      expect(between).toEqual([]);
      expect(shown).toContain(jumpMs - 30);
    }
  });

  test("never shows a place between two, however often players jump, pause and the line jitters", () => {
    // Places are 1,000,000 apart, and motion within one is 1 a millisecond.
    const frame = fc.record({
      afterMs: fc.integer({ min: 5, max: 300 }),
      jitterMs: fc.integer({ min: 0, max: 200 }),
      isJump: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 2, maxLength: 60 }), (frames) => {
        const player = new Player();
        let [captureMs, arrivalMs, nowMs, place] = [1000, 0, 1000, 0];
        const look = (untilMs: number) => {
          for (; nowMs < untilMs; nowMs += 7) {
            if (!player.buffer.sample(nowMs, player.out)) continue;
            const x = player.out.root[0] / 1_000_000;
            const nearest = Math.round(x);
            // All times are below 30,000 ms.
            expect(x - nearest).toBeWithin(0, 0.03);
            expect(nearest).toBeWithin(0, place + 1);
          }
        };
        for (const { afterMs, jitterMs, isJump } of frames) {
          captureMs += afterMs;
          arrivalMs = Math.max(arrivalMs, captureMs + TRANSIT_MS + jitterMs);
          look(arrivalMs);
          if (isJump) place++;
          const pose = poseOfTime(1_000_000 * place + captureMs);
          player.buffer.push(pose, { captureMs, arrivalMs, isOld: false, teleports: place & 3 });
        }
        look(arrivalMs + 2000);
        expect(player.shownAt(nowMs)).toBe(1_000_000 * place + captureMs);
      }),
    );
  });

  test("of the same motion is none: without a jump everything between is shown", () => {
    const player = new Player();
    const shown: number[] = [];
    for (let nowMs = 0; nowMs < 4000; nowMs += 5) {
      if (nowMs % 30 === 0) player.push(nowMs, undefined, false, 2);
      if (nowMs > 3000) shown.push(player.shownAt(nowMs + TRANSIT_MS));
    }
    expect(shown.some((moment) => moment % 30 > 1 && moment % 30 < 29)).toBe(true);
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
    expect(player.shownAt(1500)).toBe(990);
  });

  test("that is set back by an hour begins a new timeline", () => {
    const player = new Player();
    for (let at = 4e6; at <= 4e6 + 1000; at += 30) player.push(at, at);
    for (let at = 0; at <= 1000; at += 30) player.push(at, 4e6 + 1100 + at);
    expect(player.shownAt(4e6 + 1100 + 1000)).toBeGreaterThan(900);
    expect(player.shownAt(4e6 + 1100 + 1000)).toBeLessThan(1000);
  });
});

/** What is shown of a motion every 5 ms, from its first frame to a second after its last. */
function* shownMotion(
  xOf: (captureMs: number) => number,
  { intervalMs = 33, endMs = 2000 } = {},
): Generator<{ nowMs: number; x: number }> {
  const buffer = new JitterBuffer(SKELETON);
  const pose = createPose(SKELETON);
  const out = createPose(SKELETON);
  let frame = 0;
  const transitMs = 20;
  let arrivalMs = transitMs;
  for (let nowMs = 0; nowMs <= endMs + 1000; nowMs += 5) {
    while (frame * intervalMs <= endMs && arrivalMs <= nowMs) {
      pose.root[0] = xOf(frame * intervalMs);
      buffer.push(pose, { captureMs: frame * intervalMs, arrivalMs, isOld: false });
      frame++;
      arrivalMs = frame * intervalMs + transitMs;
    }
    if (buffer.sample(nowMs, out)) yield { nowMs, x: out.root[0] };
  }
}

describe("[1] motion that ends", () => {
  const walk = (captureMs: number) => captureMs / 1000;
  const teleport = (captureMs: number) => (captureMs < 1980 ? 0 : 10);
  // Half a metre within 100 ms, and there it ends.
  const punch = (captureMs: number) => Math.min(0.5, Math.max(0, (captureMs - 1880) / 200));

  test("a walk is shown no further than its speed carries it, and rests on the newest pose", () => {
    const shown = [...shownMotion(walk)];
    const last = walk(Math.floor(2000 / 33) * 33);
    for (const { x } of shown) expect(x).toBeLessThanOrEqual(last + 0.04 + 1e-6);
    // Its own speed forwards, and less back.
    shown.slice(20).forEach(({ x }, index) => {
      const moved = x - shown[index + 19].x;
      expect(moved).toBeLessThan(0.005 * 1.6);
      expect(moved).toBeGreaterThan(-0.005 * 0.5);
    });
    expect(shown.at(-1)!.x).toBe(Math.fround(last));
    const restsAt = shown.findLastIndex(({ x }) => x !== Math.fround(last)) + 1;
    expect(shown[restsAt].nowMs).toBeLessThan(2000 + 20 + 40 + SETTLED_MS);
  });

  test("a teleport is shown where it ends, never beyond", () => {
    for (const { x } of shownMotion(teleport)) expect(x).toBeLessThanOrEqual(10);
    expect([...shownMotion(teleport)].at(-1)!.x).toBe(10);
  });

  test("a walker who is teleported is shown beyond it by a walker's speed", () => {
    const both = (captureMs: number) => walk(captureMs) + teleport(captureMs);
    for (const { x } of shownMotion(both)) expect(x).toBeLessThan(12 + 0.04);
  });

  test("a punch that stops is not shown further by more than a step", () => {
    const shown = [...shownMotion(punch)];
    for (const { x } of shown) expect(x).toBeLessThan(0.5 + 0.04 * 5);
    expect(shown.at(-1)!.x).toBe(0.5);
  });

  test("90 frames at 0 and one at 3 show 3", () => {
    const frames = [...shownMotion((at) => (at < 1999 ? 0 : 3), { intervalMs: 200 })];
    for (const { x } of frames) expect(x).toBeLessThanOrEqual(3);
    expect(frames.at(-1)!.x).toBe(3);
  });

  test("capture times that count seconds as milliseconds make no speed", () => {
    const buffer = new JitterBuffer(SKELETON);
    const [pose, out] = [createPose(SKELETON), createPose(SKELETON)];
    for (let at = 0; at <= 1000; at += 33) {
      pose.root[0] = at / 1000;
      buffer.push(pose, { captureMs: at / 1000, arrivalMs: at, isOld: false });
      buffer.sample(at, out);
      expect(out.root[0]).toBeLessThanOrEqual(1);
    }
  });

  test("whatever is sent, it is shown within 1 s of its arrival, exactly, and no faster than it came", () => {
    const step = fc.record({
      // Sometimes a pause, sometimes a clock that is set.
      waitMs: fc.oneof(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 60, max: 2000 })),
      captureErrorMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: -900, max: 900 }),
        fc.integer({ min: -1e7, max: 1e7 }),
      ),
      transitMs: fc.integer({ min: 0, max: 250 }),
      x: fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -50, max: 50 })),
      isOld: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const buffer = new JitterBuffer(SKELETON);
        const [pose, out] = [createPose(SKELETON), createPose(SKELETON)];
        let [sentMs, arrivalMs, leastX, mostX] = [10_000, 0, Infinity, -Infinity];
        for (const { waitMs, captureErrorMs, transitMs, x, isOld } of steps) {
          sentMs += waitMs;
          arrivalMs = Math.max(arrivalMs, sentMs + transitMs);
          pose.root[0] = x;
          buffer.push(pose, { captureMs: sentMs + captureErrorMs, arrivalMs, isOld });
          [leastX, mostX] = [Math.min(leastX, x), Math.max(mostX, x)];
          buffer.sample(arrivalMs, out);
          // Motion continues as two steps of 30 ms or more did, for the time of one and a third.
          const beyond = ((mostX - leastX) * 4) / 3;
          expect(out.root[0]).toBeLessThanOrEqual(mostX + beyond + 1e-4);
          expect(out.root[0]).toBeGreaterThanOrEqual(leastX - beyond - 1e-4);
        }
        for (let nowMs = arrivalMs; nowMs <= arrivalMs + 1000; nowMs += 10)
          buffer.sample(nowMs, out);
        expect(out.root).toEqual(pose.root);
        buffer.sample(arrivalMs + 3e6, out);
        expect(out.root).toEqual(pose.root);
      }),
      { numRuns: 300 },
    );
  });
});

describe("[4] another skeleton", () => {
  const body = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
  const hands = {
    boneNames: ["Finger", "Head", "Hips"],
    boneParents: ["Head", "Hips", null],
    blendShapeNames: ["smile", "jawOpen"],
  };

  function poseIn(skeleton: Skeleton, captureMs: number): Pose {
    const pose = createPose(skeleton);
    const turn = [0, Math.sin(captureMs / 4000), 0, Math.cos(captureMs / 4000)];
    pose.root.set([captureMs / 1000], 0);
    skeleton.boneNames.forEach((name, bone) => {
      pose.bones.set([name === "Finger" ? 7 : captureMs / 1000], 10 * bone);
      pose.bones.set(turn, 10 * bone + 3);
    });
    pose.blendShapes[skeleton.blendShapeNames.indexOf("jawOpen")] = captureMs / 1000;
    return pose;
  }

  test("bones that both have continue at their own speed, without a jump or a stand-still", () => {
    const buffer = new JitterBuffer(body);
    let skeleton: Skeleton = body;
    let last: number | undefined;
    for (let nowMs = 0; nowMs <= 4000; nowMs += 11) {
      if (nowMs % 33 === 0) {
        const isHands = Math.floor(nowMs / 660) % 2 === 1;
        const next = isHands ? hands : body;
        const pose = poseIn(next, nowMs);
        if (next !== skeleton) buffer.setSkeleton(next, pose);
        skeleton = next;
        buffer.push(pose, { captureMs: nowMs, arrivalMs: nowMs + 20, isOld: false });
      }
      const out = createPose(skeleton);
      expect(buffer.sample(nowMs + 20, out)).toBe(true);
      const hips = skeleton.boneNames.indexOf("Hips");
      const head = skeleton.boneNames.indexOf("Head");
      const x = out.root[0];
      expect(out.bones[10 * hips]).toBeCloseTo(x, 5);
      expect(out.bones[10 * head]).toBeCloseTo(x, 5);
      expect(2 * Math.asin(out.bones[10 * head + 4])).toBeCloseTo(x / 2, 4);
      expect(out.blendShapes[skeleton.blendShapeNames.indexOf("jawOpen")]).toBeCloseTo(x, 5);
      if (skeleton === hands) expect(out.bones[0]).toBe(7);
      if (nowMs > 1000) {
        expect(x - last!).toBeGreaterThan(0.011 * 0.9);
        expect(x - last!).toBeLessThan(0.011 * 1.1);
      }
      last = x;
    }
  });

  test("a bone of the same name under another parent is another bone", () => {
    const older = { boneNames: ["A", "B"], boneParents: [null, "A"], blendShapeNames: [] };
    const newer = { boneNames: ["A", "B"], boneParents: [null, null], blendShapeNames: [] };
    const buffer = new JitterBuffer(older);
    buffer.push(poseIn(older, 1000), { captureMs: 1000, arrivalMs: 1000, isOld: true });
    const first = poseIn(newer, 2000);
    buffer.setSkeleton(newer, first);
    const out = createPose(newer);
    buffer.sample(1000, out);
    expect([out.root[0], out.bones[0], out.bones[10]]).toEqual([1, 1, 2]);
  });

  test("what is known of the line is kept", () => {
    const player = new Player();
    for (let at = 0; at <= 1000; at += 30) player.push(at);
    const { lagMs } = player.buffer;
    player.buffer.setSkeleton(body, createPose(body));
    expect(player.buffer.lagMs).toBe(lagMs);
  });
});

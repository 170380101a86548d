import { describe, expect, test } from "bun:test";
import { Random } from "../../../test/random.ts";
import { CaptureClock } from "./capture-clock.ts";

const START_MS = 1_764_000_000_000;

/** Frames of 30 Hz whose delays are 5 to 65 ms, in order: what the clock makes of them, less the true time. */
function* errors(
  clock: CaptureClock,
  timestampOf: (trueMs: number) => number,
  { seconds = 20, rateHz = 30, startMs = START_MS } = {},
): Generator<{ trueMs: number; errorMs: number; delayMs: number }> {
  const random = new Random(1);
  let arrivalMs = 0;
  for (let frame = 0; frame < seconds * rateHz; frame++) {
    const trueMs = startMs + (frame * 1000) / rateHz;
    arrivalMs = Math.max(arrivalMs, trueMs + random.between(5, 65));
    const captureMs = clock.observe(timestampOf(trueMs), arrivalMs);
    if (captureMs === null) throw new Error(`frame ${frame} is older`);
    expect(captureMs).toBeLessThanOrEqual(arrivalMs);
    yield { trueMs, errorMs: captureMs - trueMs, delayMs: arrivalMs - trueMs };
  }
}

describe("[2] capture times", () => {
  for (const [name, timestampOf, note] of [
    ["Unix seconds", (ms) => ms / 1000, null],
    ["Unix seconds of a clock that is wrong by an hour", (ms) => ms / 1000 + 3600, null],
    ["milliseconds", (ms) => ms, "timestamp counts milliseconds"],
    ["microseconds", (ms) => ms * 1000, "timestamp counts microseconds"],
    ["ticks of .NET", (ms) => ms * 1e4 + 6.2e17, "timestamp counts ticks of 100 ns"],
    ["seconds of uptime", (ms) => (ms - START_MS) / 1000 + 77, "does not count from 1970"],
    ["milliseconds of uptime", (ms) => ms - START_MS + 4e6, "does not count from 1970"],
    ["a clock that drifts by 100 ppm", (ms) => (ms + (ms - START_MS) * 1e-4) / 1000, null],
    ["a clock in steps of 16 ms", (ms) => (Math.floor(ms / 16) * 16) / 1000, null],
  ] as [string, (trueMs: number) => number, string | null][]) {
    test(`[H20] [H20a] [H20b] follow ${name}: even to 5 ms a second after the start`, () => {
      const clock = new CaptureClock();
      const late = [...errors(clock, timestampOf)].slice(30);
      expect(clock.isFollowing).toBe(true);
      const steps = late.slice(1).map(({ errorMs }, index) => errorMs - late[index].errorMs);
      const stepMs = name.includes("steps of 16") ? 16 : 5;
      expect(Math.max(...steps.map(Math.abs))).toBeLessThan(stepMs);
      // The quickest frame's delay is not known.
      for (const { errorMs } of late)
        expect(Math.abs(errorMs - 5)).toBeLessThan(name.includes("16") ? 20 : 8);
      if (note === null) expect(clock.note).toBeNull();
      else expect(clock.note ?? "").toContain(note);
    });
  }

  for (const [name, timestampOf, note] of [
    ["none", () => 0, null],
    ["a constant", () => 1_234_567_890.123, "does not advance"],
    [
      "the number of the frame",
      (ms) => Math.round((ms - START_MS) * 0.03) + 1,
      "advance with time",
    ],
    ["random numbers", (ms) => (Math.sin(ms) + 2) * 1e6, "goes back and forth"],
    ["whole seconds", (ms) => Math.floor(ms / 1000), "does not advance"],
    ["time that runs backwards", (ms) => 5e9 - ms / 1000, "goes back and forth"],
  ] as [string, (trueMs: number) => number, string | null][]) {
    test(`[H21] [H23] are those of arrival where timestamps are ${name}`, () => {
      const clock = new CaptureClock();
      for (const { errorMs, delayMs } of [...errors(clock, timestampOf)].slice(30)) {
        expect(errorMs).toBe(delayMs);
      }
      expect(clock.isFollowing).toBe(false);
      if (note === null) expect(clock.note).toBeNull();
      else expect(clock.note ?? "").toContain(note);
      // Told once.
      expect(clock.takeNote() ?? null).toBe(clock.note);
      expect(clock.takeNote()).toBeNull();
    });
  }

  test("[H20c] [H22a] continue evenly when the clock is set forwards, and within 0.2 s when it is set back", () => {
    for (const setMs of [3.6e6, 3000, -3.6e6, -3000]) {
      const clock = new CaptureClock();
      for (const { delayMs } of errors(clock, (ms) => ms / 1000))
        expect(delayMs).toBeGreaterThan(0);
      const startMs = START_MS + 20_000;
      let older = 0;
      for (let atMs = startMs; atMs < startMs + 5000; atMs += 33) {
        const captureMs = clock.observe((atMs + setMs) / 1000, atMs + 20);
        if (captureMs === null) older++;
        else expect(captureMs - atMs).toBeWithin(0, 21);
      }
      expect(older).toBeLessThan(6);
    }
  });

  test("[H20c] a longer line is followed within 10 s, without a jump", () => {
    const clock = new CaptureClock();
    let last = 0;
    for (let atMs = START_MS; atMs < START_MS + 40_000; atMs += 33) {
      const delayMs = atMs < START_MS + 10_000 ? 20 : 120;
      const captureMs = clock.observe(atMs / 1000, atMs + delayMs)!;
      if (last > 0) expect(captureMs - last).toBeWithin(32, 35);
      last = captureMs;
      if (atMs > START_MS + 30_000) expect(captureMs - atMs).toBeCloseTo(120, 0);
    }
  });
});

for (const [name, unitMs] of [
  ["seconds", 1000],
  ["milliseconds", 1],
] as const) {
  test(`[2] [H20a] ${name} of uptime are followed where a tenth of the frames is overtaken`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const clock = new CaptureClock();
      const random = new Random(seed);
      const frames = Array.from({ length: 600 }, (_, frame) => {
        const trueMs = START_MS + (frame * 1000) / 30;
        return { trueMs, arrivalMs: trueMs + random.between(5, 65) };
      }).toSorted((a, b) => a.arrivalMs - b.arrivalMs);
      let [newestMs, last, overtaken] = [0, Number.NaN, 0];
      for (const { trueMs, arrivalMs } of frames) {
        const captureMs = clock.observe((trueMs - START_MS + 77_000) / unitMs, arrivalMs);
        const isOlder = trueMs < newestMs;
        newestMs = Math.max(newestMs, trueMs);
        // Three seconds after the start every frame is known for what it is.
        if (trueMs < START_MS + 3000) continue;
        expect(clock.isFollowing).toBe(true);
        expect(captureMs === null).toBe(isOlder);
        if (captureMs === null) overtaken++;
        else {
          const errorMs = captureMs - trueMs;
          if (!Number.isNaN(last)) expect(Math.abs(errorMs - last)).toBeLessThan(5);
          last = errorMs;
        }
      }
      expect(overtaken).toBeGreaterThan(20);
      expect(clock.note).toContain("it is understood");
    }
  });
}

test("[2] [H22] a frame that was overtaken is older from the second frame on, if its time is Unix time", () => {
  const clock = new CaptureClock();
  expect(clock.observe(START_MS / 1000, START_MS + 20)).not.toBeNull();
  expect(clock.observe(START_MS / 1000 - 1, START_MS + 40)).toBeNull();
  expect(clock.observe(START_MS / 1000 + 0.1, START_MS + 120)).not.toBeNull();
});

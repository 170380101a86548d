import { expect, test } from "bun:test";
import fc from "fast-check";
import { RateGate } from "./rate-gate.ts";

function admitted(gate: RateGate, timesMs: readonly number[]): number[] {
  return timesMs.filter((timeMs) => gate.admits(timeMs));
}

const evenly = (hz: number, seconds: number) =>
  Array.from({ length: hz * seconds }, (_, index) => 5000 + (index * 1000) / hz);

function gateOf(rateHz: number): RateGate {
  const gate = new RateGate();
  gate.rateHz = rateHz;
  return gate;
}

test("without a rate everything goes", () => {
  expect(admitted(gateOf(0), evenly(90, 1))).toHaveLength(90);
});

test("of 90 Hz every third goes at 30 Hz, evenly", () => {
  const times = admitted(gateOf(30), evenly(90, 2));
  expect(times).toHaveLength(60);
  const gaps = times.slice(1).map((timeMs, index) => timeMs - times[index]);
  for (const gapMs of gaps) expect(gapMs).toBeCloseTo(1000 / 30, 6);
});

test("of any higher rate 30 Hz are left", () => {
  for (const hz of [31, 36, 40, 45, 50, 59, 60, 72, 75, 120, 144]) {
    const { length } = admitted(gateOf(30), evenly(hz, 10));
    expect(length).toBeGreaterThan(297);
    expect(length).toBeLessThanOrEqual(301);
  }
});

test("30 Hz with jitter loses nothing at 30 Hz", () => {
  const jitter = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
    minLength: 300,
    maxLength: 300,
  });
  fc.assert(
    fc.property(jitter, (jitters) => {
      const times = evenly(30, 10).map((timeMs, index) => timeMs + jitters[index]);
      expect(admitted(gateOf(30), times)).toHaveLength(300);
    }),
  );
});

test("never more than the rate, and one, in any second, whatever comes", () => {
  const gaps = fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { maxLength: 300 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 60 }), (waits, rateHz) => {
      let nowMs = 0;
      const times = waits.map((wait) => (nowMs += wait));
      const sent = admitted(gateOf(rateHz), times);
      for (const fromMs of sent) {
        const within = sent.filter((timeMs) => timeMs >= fromMs && timeMs < fromMs + 1000);
        expect(within.length).toBeLessThanOrEqual(rateHz + 2);
      }
    }),
  );
});

test("a pause saves nothing up", () => {
  const gate = gateOf(10);
  gate.admits(0);
  expect(admitted(gate, [10_000, 10_001, 10_002, 10_003, 10_050])).toHaveLength(1);
});

test("a rate that rises counts at once", () => {
  const gate = gateOf(1);
  gate.admits(0);
  gate.rateHz = 100;
  expect(gate.admits(11)).toBe(true);
});

import { expect, test } from "bun:test";
import { PlayoutDelay } from "./playout-delay.ts";
import { PLAYOUT_DELAY_MAX_MS } from "./playout-delay.ts";

// The local clock is behind the server's by this: lags hold it, delays do not.
const OFFSET_MS = -1.7e12;
const TRANSIT_MS = 20;

/** A player whose frames come evenly, each with a delay of its own. */
class Line {
  readonly delay = new PlayoutDelay();
  captureMs = 0;

  send(seconds: number, rateHz: number, jitterMs: (frame: number) => number = () => 0): this {
    for (let frame = 0; frame < seconds * rateHz; frame++) {
      this.captureMs += 1000 / rateHz;
      this.delay.observe(this.captureMs, this.captureMs + OFFSET_MS + TRANSIT_MS + jitterMs(frame));
    }
    return this;
  }

  /** What is added to the quickest frame's transit. */
  get delayMs(): number {
    return (this.delay.lagMs ?? Number.NaN) - OFFSET_MS - TRANSIT_MS;
  }
}

test("before the first frame nothing is known", () => {
  expect(new PlayoutDelay().lagMs).toBeNull();
  expect(new PlayoutDelay().transitMs).toBeNull();
});

test("the transit of the quickest frame does not grow with a busy receiver's jitter", () => {
  // Half of the frames wait for up to 300 ms.
  const { delay, delayMs } = new Line().send(4, 30, (frame) =>
    frame % 20 < 10 ? 300 - 33 * (frame % 10) : 0,
  );
  expect(delay.transitMs! - OFFSET_MS).toBeCloseTo(TRANSIT_MS, 2);
  expect(delayMs).toBeGreaterThan(200);
});

test("on an even line it is one frame interval, to 5 ms", () => {
  for (const rateHz of [15, 30, 60, 90]) {
    const { delayMs } = new Line().send(2, rateHz);
    expect(delayMs).toBeGreaterThanOrEqual(1000 / rateHz - 0.01);
    expect(delayMs).toBeLessThanOrEqual(1000 / rateHz + 5.01);
  }
});

test("jitter lengthens it within 0.3 s by as much as frames are late, and shortens it over seconds", () => {
  const line = new Line().send(5, 60);
  const calmMs = line.delayMs;
  const late = (frame: number) => (frame % 4 === 0 ? 80 : 0);
  expect(line.send(0.3, 60, late).delayMs).toBeGreaterThan(80);
  expect(line.delayMs).toBeLessThan(110);
  line.send(5, 60, late);
  expect(line.send(1, 60).delayMs).toBeGreaterThan(80);
  expect(line.send(10, 60).delayMs).toBe(calmMs);
});

test("a start over a page that is still loading is forgotten within two seconds", () => {
  const line = new Line();
  expect(line.send(0.2, 30, (frame) => (frame === 0 ? 0 : 250)).delayMs).toBeGreaterThan(200);
  expect(line.send(1.8, 30).delayMs).toBeLessThan(40);
});

test("one late frame of many does not lengthen it", () => {
  const line = new Line().send(5, 60);
  const calmMs = line.delayMs;
  expect(line.send(5, 60, (frame) => (frame === 100 ? 200 : 0)).delayMs).toBe(calmMs);
});

test("a pause is no jitter", () => {
  const line = new Line().send(2, 30);
  const calmMs = line.delayMs;
  for (let pause = 0; pause < 10; pause++) {
    line.captureMs += 3000;
    line.send(0.5, 30);
  }
  expect(line.delayMs).toBe(calmMs);
});

test("it is never more than half a second", () => {
  const line = new Line().send(5, 30, (frame) => (frame % 3) * 1000);
  expect(line.delayMs).toBe(PLAYOUT_DELAY_MAX_MS);
});

test("a line that becomes longer is followed within two seconds", () => {
  const line = new Line().send(3, 30);
  line.send(10, 30, () => 100);
  expect(line.delayMs).toBeGreaterThan(130);
  expect(line.delayMs).toBeLessThan(145);
});

test("jitter is RFC 3550's: the mean change of the transit time", () => {
  expect(new Line().send(5, 60).delay.jitterMs).toBeCloseTo(0, 3);
  expect(new Line().send(5, 60, (frame) => (frame % 2) * 8).delay.jitterMs).toBeCloseTo(8, 1);
});

test("a reset forgets", () => {
  const line = new Line().send(5, 30, (frame) => (frame % 3) * 100);
  line.delay.reset();
  expect(line.delay.lagMs).toBeNull();
  expect(line.send(1, 30).delayMs).toBeLessThan(40);
});

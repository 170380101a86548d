import { beforeEach, expect, test } from "bun:test";
import { createPlace, PlaceTrack } from "./place-track.ts";
import type { Place, TimedPlace } from "./place-track.ts";

// The server's clock is this much ahead, and a message takes 20 ms.
const AHEAD_MS = 1e6;
const TRANSIT_MS = 20;

let track: PlaceTrack;
let place: Place;

beforeEach(() => {
  track = new PlaceTrack();
  place = createPlace();
});

function push(atMs: number, changes: Partial<TimedPlace> = {}): void {
  const times = { serverMs: AHEAD_MS + atMs, arrivalMs: atMs + TRANSIT_MS };
  track.push({ ...times, x: 0, y: 0, z: 0, heading: 0, ...changes });
}

function xAt(nowMs: number): number {
  expect(track.sample(nowMs, place)).toBe(true);
  return place.position[0];
}

test("nothing is known before the first place, and the first is shown at once", () => {
  place.position[0] = 5;
  expect(track.sample(0, place)).toBe(false);
  expect(place.position[0]).toBe(5);
  push(0, { x: 3, heading: 1 });
  expect(xAt(TRANSIT_MS)).toBe(3);
  expect(place.headingRadians).toBe(1);
});

for (const [name, intervalMs] of [
  ["5 times a second", 200],
  ["every two seconds", 2000],
] as const) {
  test(`a walker whose place comes ${name} is shown walking evenly`, () => {
    const metresPerMs = 0.0015;
    const frames: number[] = [];
    let next = 0;
    for (let nowMs = 0; nowMs < 8 * intervalMs; nowMs += 20) {
      for (; next + TRANSIT_MS <= nowMs; next += intervalMs) push(next, { x: next * metresPerMs });
      if (nowMs >= 3 * intervalMs) frames.push(xAt(nowMs));
    }
    const steps = frames.slice(1).map((x, index) => x - frames[index]);
    for (const step of steps) expect(step).toBeCloseTo(20 * metresPerMs, 5);
  });
}

test("a place that comes late slows the walk down and makes no jump", () => {
  const arrivals = [0, 200, 400, 750, 850, 1000, 1200, 1400];
  let next = 0;
  let last = 0;
  for (let nowMs = 0; nowMs < 1500; nowMs += 10) {
    for (; next < arrivals.length && arrivals[next] + TRANSIT_MS <= nowMs; next++) {
      push(next * 200, { arrivalMs: arrivals[next] + TRANSIT_MS, x: next });
    }
    if (next === 0) continue;
    const x = xAt(nowMs);
    // At most a quarter faster than the walk itself.
    expect(x - last).toBeLessThan(10 * (1 / 200) * 1.26);
    expect(x).toBeGreaterThanOrEqual(last);
    last = x;
  }
  expect(last).toBeGreaterThan(4);
});

test("who has stopped ends on the newest place", () => {
  push(0, { x: 0 });
  push(200, { x: 1 });
  push(400, { x: 2 });
  for (let nowMs = 420; nowMs < 1000; nowMs += 10) xAt(nowMs);
  expect(xAt(1000)).toBe(2);
});

test("a turn takes the shorter way", () => {
  push(0, { heading: 3 });
  push(200, { heading: -3 });
  // The second place is shown when it has lasted as long as the first.
  track.sample(220, place);
  for (let nowMs = 220; nowMs <= 320; nowMs += 10) track.sample(nowMs, place);
  expect(Math.abs(place.headingRadians)).toBeGreaterThan(3);
});

test("a player that was moved far away is shown there, and never on the way", () => {
  push(0, { x: 0 });
  push(200, { x: 100 });
  const shown = new Set<number>();
  for (let nowMs = 220; nowMs < 600; nowMs += 10) shown.add(xAt(nowMs));
  expect([...shown]).toEqual([0, 100]);
});

test("an older place is ignored, and another server's clock begins again", () => {
  push(400, { x: 4 });
  push(200, { x: 2 });
  expect(xAt(500)).toBe(4);
  push(500, { serverMs: 5, x: 7 });
  expect(xAt(600)).toBe(7);
});

import { expect, test } from "bun:test";
import { low32Us } from "./window.ts";
import { Walk, Walks } from "./walk.ts";

const PLAYERS = 100;
const SECONDS = 600;

function placeOf(walk: Walk, seconds: number): Float64Array {
  const place = new Float64Array(2);
  walk.placeAt(seconds, place);
  return place;
}

test("a walk is the same in every process, and at times that are gone", () => {
  const [walk, other] = [new Walk(PLAYERS, 7), new Walk(PLAYERS, 7)];
  const forwards = Array.from({ length: SECONDS }, (_, second) => placeOf(walk, second));
  for (let second = SECONDS - 1; second >= 0; second--) {
    expect(placeOf(walk, second)).toEqual(forwards[second]);
    expect(placeOf(other, second)).toEqual(forwards[second]);
  }
});

test("players walk at 1.4 m/s at most, and are in groups most of the time", () => {
  let still = 0;
  for (let player = 0; player < PLAYERS; player++) {
    const walk = new Walk(PLAYERS, player);
    let last = placeOf(walk, 0);
    for (let step = 1; step <= 10 * SECONDS; step++) {
      const place = placeOf(walk, step / 10);
      const metres = Math.hypot(place[0] - last[0], place[1] - last[1]);
      expect(metres).toBeLessThan(0.1401);
      if (metres === 0) still++;
      last = place;
    }
  }
  const share = still / (10 * SECONDS * PLAYERS);
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThan(0.9);
});

test("a walk's time counts from the epoch of the load, given by low 32 bits that may wrap", () => {
  const epochMs = Math.ceil(2 ** 32 / 1000) * 400_000 - 500;
  const walks = new Walks(PLAYERS);
  walks.epochLow32 = low32Us(epochMs);
  const place = new Float64Array(2);
  for (let ms = 0; ms < 60_000; ms += 7000) {
    walks.placeAt(3, low32Us(epochMs + ms), place);
    const exact = placeOf(new Walk(PLAYERS, 23), ms / 1000);
    expect(Math.hypot(place[0] - exact[0], place[1] - exact[1])).toBeLessThan(0.001);
  }
});

// Interest in a crowd: see crowd-simulation.ts. SIM_SEED=n runs one seed, long.ts --crowd runs as many as you like.
import { describe, expect, test } from "bun:test";
import { simulateCrowd } from "./crowd-simulation.ts";

const TICKS = 600;
const SEEDS = 12;
const TIMEOUT_MS = 120_000;

const asked = process.env["SIM_SEED"];
const seeds =
  asked === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(asked)];

describe("[S54a] [S56] [S56b] a crowd's receivers see who is near, within their budgets, and nobody flickers or starves", () => {
  for (const seed of seeds) {
    test(
      `SIM_SEED=${seed}`,
      () => {
        const { ticks, entered, frames, inSight } = simulateCrowd(seed, TICKS);
        expect(ticks).toBeGreaterThan(TICKS);
        expect(entered).toBeGreaterThan(100);
        expect(frames).toBeGreaterThan(10_000);
        expect(inSight).toBeGreaterThan(50);
      },
      TIMEOUT_MS,
    );
  }
});

test("a receiver of fewer layers for a moment is sent nothing that needs what was left out", () => {
  // Found by the simulation: its layers rose again in the middle of a group.
  simulateCrowd(139, TICKS);
});

test("one seed is one run", () => {
  expect(simulateCrowd(1, 60)).toEqual(simulateCrowd(1, 60));
});

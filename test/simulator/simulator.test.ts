// The main test: see simulation.ts. SIM_SEED=n runs one seed, long.ts runs as many as you like.
import { describe, expect, test } from "bun:test";
import { CloseCode } from "../../src/protocol/index.ts";
import { simulate } from "./simulate.ts";

const OPERATIONS = 3000;
const SEEDS = 20;
const CROWD_SEEDS = 10;
const TIMEOUT_MS = 120_000;

const asked = process.env["SIM_SEED"];
const seeds =
  asked === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(asked)];

describe("a room survives anything, and everybody converges", () => {
  for (const seed of seeds) {
    test(
      `SIM_SEED=${seed}`,
      () => {
        const counts = simulate(seed, OPERATIONS);
        const { operations, fullStates, framesWithheld, skeletonsLeftOut, closed } = counts;
        expect(operations).toBe(OPERATIONS);
        // Things happened in this run.
        expect(fullStates).toBeGreaterThan(100);
        expect(framesWithheld).toBeGreaterThan(100);
        expect(skeletonsLeftOut).toBeGreaterThan(100);
        expect(closed[CloseCode.PlayerTaken]).toBeGreaterThan(10);
        expect(closed[CloseCode.Replaced]).toBeGreaterThan(10);
      },
      TIMEOUT_MS,
    );
  }
});

describe("a room that becomes a crowd and is none again survives anything, and whoever is in sight converges", () => {
  for (const seed of seeds.slice(0, CROWD_SEEDS)) {
    test(
      `SIM_SEED=${seed}`,
      () => {
        const counts = simulate(seed, OPERATIONS, { crowdAbove: 5 });
        const { operations, fullStates, crowdsBegun, crowdsEnded, enteredSight, leftSight } =
          counts;
        expect(operations).toBe(OPERATIONS);
        // Things happened in this run.
        expect(fullStates).toBeGreaterThan(100);
        expect(crowdsBegun).toBeGreaterThan(3);
        expect(crowdsEnded).toBeGreaterThan(3);
        expect(enteredSight).toBeGreaterThan(100);
        expect(leftSight).toBeGreaterThan(10);
      },
      TIMEOUT_MS,
    );
  }
});

test("one seed is one run", () => {
  expect(simulate(1, 300)).toEqual(simulate(1, 300));
});

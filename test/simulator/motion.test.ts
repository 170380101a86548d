// What people see: see motion-simulation.ts. MOTION_SEED=n runs one seed, MOTION_SEEDS=n as many.
import { describe, expect, test } from "bun:test";
import { simulateMotion } from "./motion-simulation.ts";

const SEEDS = Number(process.env["MOTION_SEEDS"] ?? 30);

const asked = process.env["MOTION_SEED"];
const seeds =
  asked === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(asked)];

describe("[1] whatever a sender does, everybody sees it where it is, and exactly so within a second", () => {
  for (const seed of seeds) {
    test(`MOTION_SEED=${seed}`, () => {
      const { drawn, moved } = simulateMotion(seed);
      expect(drawn).toBeGreaterThan(1000);
      expect(moved).toBeGreaterThan(10);
    });
  }
});

test("[2] timestamps that only look like a clock's for a while keep no frame from being shown", () => {
  // Found by the simulation: they were followed, and the last frames were taken for older ones.
  for (const seed of [2, 37, 97]) simulateMotion(seed);
});

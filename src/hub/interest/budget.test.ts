import { describe, expect, test } from "bun:test";
import { Random } from "../../../test/random.ts";
import { Budget, DEFAULT_BUDGET } from "./budget.ts";

const RATE = DEFAULT_BUDGET.bytesPerSecond;

describe("a budget", () => {
  test("no second has more than the bytes of a second, however greedy the sender", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new Random(seed);
      const budget = new Budget({ bytesPerSecond: RATE, burstBytes: 0 }, 0);
      const sent: { nowMs: number; bytes: number }[] = [];
      for (let nowMs = 0; nowMs < 10_000; nowMs += random.between(1, 200)) {
        budget.refill(nowMs);
        const most = random.chance(0.5) ? budget.available : budget.availableForEntering;
        const bytes = most * random.pick([0, 0.5, 1, 1]);
        budget.charge(bytes);
        sent.push({ nowMs, bytes });
        const second = sent.filter((each) => nowMs - each.nowMs < 1000);
        expect(second.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(RATE);
      }
    }
  });

  test("what is planned with is sent, second after second", () => {
    const budget = new Budget({ bytesPerSecond: RATE, burstBytes: 0 }, 0);
    const perTick = budget.plannable / 20;
    for (let nowMs = 50; nowMs < 20_000; nowMs += 50) {
      budget.refill(nowMs);
      expect(budget.available).toBeGreaterThan(perTick);
      budget.charge(perTick);
    }
  });

  test("the burst is there at join, and once", () => {
    const budget = new Budget(DEFAULT_BUDGET, 0);
    expect(budget.availableForEntering).toBeGreaterThan(DEFAULT_BUDGET.burstBytes);
    budget.refill(60_000);
    budget.charge(budget.available);
    budget.refill(3_600_000);
    expect(budget.available).toBeLessThan(RATE / 5);
  });

  test("those in sight are left something by those who enter", () => {
    const budget = new Budget({ bytesPerSecond: RATE, burstBytes: 0 }, 0);
    budget.charge(budget.availableForEntering);
    expect(budget.availableForEntering).toBe(0);
    expect(budget.available).toBeGreaterThan(0);
  });

  test("what is larger than the budget ever has at once is saved for", () => {
    const budget = new Budget({ bytesPerSecond: RATE, burstBytes: 0 }, 0);
    budget.refill(100_000);
    expect(budget.availableForEntering).toBeLessThan(100_000);
    budget.saveFor(100_000);
    budget.refill(110_000);
    expect(budget.availableForEntering).toBeGreaterThanOrEqual(100_000);
    budget.charge(100_000);
    budget.saveFor(0);
    budget.refill(200_000);
    expect(budget.availableForEntering).toBeLessThan(100_000);
  });

  test("a clock that goes back gives nothing", () => {
    const budget = new Budget({ bytesPerSecond: RATE, burstBytes: 0 }, 1000);
    budget.charge(budget.available);
    budget.refill(0);
    expect(budget.available).toBe(0);
  });
});

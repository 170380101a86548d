import { expect, test } from "bun:test";
import { CounterRates } from "./counter-rates.ts";

test("the growth of counters since the last look, a second", () => {
  const rates = new CounterRates();
  expect(rates.next("a", { lost: 100, late: 0 }, 50)).toBeNull();
  expect(rates.next("a", { lost: 130, late: 1 }, 52)).toEqual({ lost: 15, late: 0.5 });
  // The same answer is looked at twice.
  expect(rates.next("a", { lost: 130, late: 1 }, 52)).toEqual({ lost: 15, late: 0.5 });
  expect(rates.next("a", { lost: 130, late: 1 }, 53)).toEqual({ lost: 0, late: 0 });
});

test("another source's counters say nothing of the last one's", () => {
  const rates = new CounterRates();
  rates.next("a", { lost: 100 }, 50);
  expect(rates.next("b", { lost: 300 }, 51)).toBeNull();
  expect(rates.next("b", { lost: 301 }, 52)).toEqual({ lost: 1 });
});

test("counters that begin again, or a clock that is set back, give no rate below 0", () => {
  const rates = new CounterRates();
  rates.next("a", { lost: 100 }, 50);
  expect(rates.next("a", { lost: 3 }, 51)).toEqual({ lost: 0 });
  expect(rates.next("a", { lost: 9 }, 40)).toBeNull();
  expect(rates.next("a", { lost: 10 }, 41)).toEqual({ lost: 1 });
});

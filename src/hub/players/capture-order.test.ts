import { expect, test } from "bun:test";
import { CaptureOrder } from "./capture-order.ts";

/** An order that has seen 30 Hz up to 3000. */
function seen(): CaptureOrder {
  const order = new CaptureOrder();
  for (let at = 0; at <= 3000; at += 33) expect(order.judge(at, at)).toBe("newer");
  return order;
}

test("[2] [H22] a frame that was overtaken is older, one of the same time is not", () => {
  const order = seen();
  expect(order.judge(2900, 3050)).toBe("older");
  expect(order.judge(2933, 3051)).toBe("older");
  expect(order.judge(2970, 3052)).toBe("newer");
  // A burst of what a line held back, and then frames of now.
  for (const at of [2100, 2200, 2300, 2800]) expect(order.judge(at, 3060)).toBe("older");
  expect(order.judge(3100, 3120)).toBe("newer");
});

test("[2] [H22a] a clock that is set back is noticed within 0.15 s, or by the second frame of a slow sender", () => {
  const order = seen();
  const verdicts: string[] = [];
  for (let at = 3033; at <= 3400; at += 33) verdicts.push(order.judge(at - 2000, at));
  expect(verdicts.slice(0, 5)).toEqual(["older", "older", "older", "older", "set-back"]);
  expect(verdicts.slice(5).every((verdict) => verdict === "newer")).toBe(true);
  const slow = seen();
  expect([slow.judge(1000, 4000), slow.judge(2000, 5000)]).toEqual(["older", "set-back"]);
});

test("[2] [H22a] more than 10 s back is a clock that was set, at once", () => {
  expect(seen().judge(-10_000, 3033)).toBe("set-back");
});

test("[2] [H22a] nobody stands still for more than a second, whatever the times are", () => {
  const order = seen();
  for (let at = 3033; at < 4033; at += 100) expect(order.judge(500, at)).toBe("older");
  expect(order.judge(500, 4040)).toBe("set-back");
});

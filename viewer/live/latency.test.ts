import { expect, test } from "bun:test";
import type { AvatarRoom, RemotePlayer, RemotePlayerStats } from "../../src/client/index.ts";
import { latencyOf, LATENCY_GOOD } from "./latency.ts";
import { verdictOf } from "./threshold.ts";

const STILL: RemotePlayerStats = {
  receivedFrames: 1,
  lateFrames: 0,
  badFrames: 0,
  transitMs: 900,
  jitterMs: 0,
  delayMs: 900,
};
const MOVING = { ...STILL, receivedFrames: 100, transitMs: 3, jitterMs: 2, delayMs: 45 };

function latency(...players: RemotePlayerStats[]) {
  const stats = { rttMs: 2.9 } as AvatarRoom["stats"];
  const entries = players.map((each, index) => [String(index), { stats: each } as RemotePlayer]);
  return latencyOf({ stats, players: new Map(entries as [string, RemotePlayer][]) });
}

test("a busy page is no defect of the network: its wait is told, and not judged", () => {
  const { lines, judged, note } = latency({ ...MOVING, jitterMs: 90, delayMs: 403 });
  expect(verdictOf(LATENCY_GOOD, judged!)).toBe("good");
  expect(lines.get("Shown after")).toBe(403);
  expect(note).toContain("they wait 400 ms here");
});

test("frames that travel long are poor, and nothing else is blamed", () => {
  const { judged, note } = latency(MOVING, { ...MOVING, transitMs: 180, delayMs: 230 });
  expect(verdictOf(LATENCY_GOOD, judged!)).toBe("poor");
  expect(note).toBe("");
});

test("the worst of the moving players counts, and of those only", () => {
  const { lines, judged, note } = latency(STILL, MOVING, { ...MOVING, transitMs: 20, delayMs: 30 });
  expect(Object.fromEntries(lines)).toEqual({
    "Round trip": 2.9,
    "Arrives after": 20,
    "Shown after": 45,
    Jitter: 2,
  });
  expect([judged, note]).toEqual([20, ""]);
  expect(latency(STILL)).toEqual({
    lines: new Map([["Round trip", 2.9]]),
    judged: undefined,
    note: "",
  });
});

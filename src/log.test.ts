import { expect, test } from "bun:test";
import { Log } from "./log.ts";
import type { LogLevel } from "./log.ts";

function logTo({
  level = "info",
  isForPeople = false,
}: {
  level?: LogLevel;
  isForPeople?: boolean;
}) {
  const lines: string[] = [];
  const clock = { nowMs: Date.UTC(2030, 0, 2, 3, 4, 5) };
  const log = new Log({
    level,
    isForPeople,
    write: (line) => lines.push(line),
    now: () => clock.nowMs,
  });
  return { log, lines, clock };
}

test("a line for people has the time, the level, the event and its fields", () => {
  const { log, lines } = logTo({ isForPeople: true });
  log.info("joined", { room: "lobby", player: undefined, address: "[::1]:80", seconds: 1.5 });
  log.warn("odd", { text: "two words\n" });
  expect(lines).toEqual([
    "03:04:05 info  joined room=lobby address=[::1]:80 seconds=1.5\n",
    '03:04:05 warn  odd text="two words\\n"\n',
  ]);
});

test("elsewhere a line is one JSON object", () => {
  const { log, lines } = logTo({});
  log.info("closed", { room: "lobby", player: undefined, code: 1000 });
  expect(lines).toEqual([
    '{"time":"2030-01-02T03:04:05.000Z","level":"info","event":"closed","room":"lobby","code":1000}\n',
  ]);
});

test("lines below the level are not written", () => {
  for (const [level, count] of [
    ["debug", 4],
    ["info", 3],
    ["warn", 2],
    ["error", 1],
    ["off", 0],
  ] as const) {
    const { log, lines } = logTo({ level });
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.fault(new Error("d"));
    expect(lines.length).toBe(count);
  }
});

test("a flood of one event is fifty lines and a count, and hides no other", () => {
  const { log, lines, clock } = logTo({});
  for (let index = 0; index < 1000; index++) log.info("joined", { connection: index });
  log.info("closed");
  expect(lines.length).toBe(51);
  clock.nowMs += 10_000;
  log.sweep();
  expect(JSON.parse(lines[51])).toMatchObject({ event: "joined", repeated: 950 });
  log.info("joined");
  log.sweep();
  expect(lines.length).toBe(53);
});

test("the same fault again is only counted; another one is written", () => {
  const { log, lines, clock } = logTo({});
  const fault = new Error("ours");
  for (let index = 0; index < 500; index++) log.fault(fault);
  log.fault(new Error("another"));
  expect(lines.length).toBe(2);
  expect(lines[0]).toContain("ours");
  clock.nowMs += 10_000;
  log.fault(fault);
  expect(JSON.parse(lines[2])).toMatchObject({ level: "error", event: "fault", repeated: 499 });
  expect(lines.length).toBe(4);
});

test("faults that differ endlessly are a hundred lines at most", () => {
  const { log, lines } = logTo({});
  for (let index = 0; index < 5000; index++) log.fault(`fault ${index}`);
  expect(lines.length).toBe(101);
  log.flush();
  expect(JSON.parse(lines[101])).toMatchObject({ repeated: 4899 });
});

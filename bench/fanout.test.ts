// The fan-out benchmark gives the shape that it promises, and counts that add up. No timing is asserted.
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { FanoutReport } from "./fanout.ts";

const MAIN = join(import.meta.dir, "main.ts");
const SLOW_MS = 60_000;

async function fanout(...args: readonly string[]) {
  const command = [process.execPath, MAIN, "fanout", ...args];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

test.each(["binary", "json", "stream"])(
  "fanout --format %s prints one object, and every update is delivered or superseded",
  async (format) => {
    const flags = ["--players", "4", "--hz", "20", "--seconds", "2", "--format", format, "--json"];
    const { code, stdout, stderr } = await fanout(...flags);
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout) as FanoutReport;
    const printed: unknown = result;
    const milliseconds = { p50: expect.any(Number), p99: expect.any(Number) };
    const bandwidth = {
      bytesPerFrame: expect.any(Number),
      subscriberMbitPerSecond: expect.any(Number),
    };
    expect(printed).toEqual({
      players: 4,
      hz: 20,
      format,
      expected: expect.any(Number),
      delivered: expect.any(Number),
      superseded: expect.any(Number),
      serverCores: expect.any(Number),
      bareServerCores: expect.any(Number),
      latencyMs: milliseconds,
      gapMs: milliseconds,
      serverRssMb: expect.any(Number),
      generatorLimited: expect.any(Boolean),
      ...(format === "stream" ? bandwidth : {}),
    });
    expect(result.delivered + result.superseded).toBe(result.expected);
    // 480 if no frame was sent half an interval late; a busy machine may be.
    expect(result.expected % 3).toBe(0);
    expect(result.expected).toBeGreaterThan(240);
  },
  SLOW_MS,
);

test.each([
  [["--format", "xml"], "--format xml"],
  [["--players", "1"], "--players 1"],
  [["--speed", "9"], "'--speed'"],
])("fanout %p ends with one line and code 2", async (args, words) => {
  const { code, stdout, stderr } = await fanout(...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(words);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

// The benchmark of a crowd gives the shape that it promises, and finds nothing wrong. No timing is asserted.
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { CrowdReport } from "./crowd.ts";

const MAIN = join(import.meta.dir, "main.ts");
const SLOW_MS = 60_000;

test(
  "crowd prints one object: receivers in a room above the bound see their nearest, within their budget",
  async () => {
    const flags = ["--players", "30", "--crowd-above", "10", "--hz", "10", "--seconds", "6"];
    const command = [process.execPath, MAIN, "crowd", ...flags, "--workers", "1", "--json"];
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect([await child.exited, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout) as CrowdReport;
    // Of its own: Bun's toMatchObject writes matchers into what it is given.
    const printed: unknown = JSON.parse(stdout);
    const number: unknown = expect.any(Number);
    expect(printed).toMatchObject({
      players: 30,
      hz: 10,
      serverCores: number,
      serverRssMb: number,
      nearLatencyMs: { p50: number, p99: number },
      bytesPerReceiverPerSecond: { mean: number, p99: number },
      inSightMean: number,
      starvedMsMax: number,
      generatorLimited: expect.any(Boolean),
      selectionShare: number,
    });
    expect(result.isCrowd).toBe(true);
    expect(result.checked).toBeGreaterThan(0);
    // A busy machine may starve receivers. It makes no frame wrong, and breaks no rule of the protocol.
    expect(result.broken.filter((text) => !text.includes("had no update"))).toEqual([]);
    // Everybody is in sight of everybody: the budget holds 29 players.
    expect(result.inSightMean).toBeGreaterThan(28);
    expect(result.bytesPerReceiverPerSecond.p99).toBeLessThan(150_000);
    expect(result.selectionShare).toBeGreaterThan(0);
    expect(result.selectionShare).toBeLessThan(1);
  },
  SLOW_MS,
);

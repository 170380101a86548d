// `avatar-sync load` end to end: worker processes against a server in this one.
import { describe, expect, test } from "bun:test";
import type { CrowdResult } from "../src/load/crowd-result.ts";
import type { RoomStatus } from "../src/protocol/index.ts";
import { startServer } from "../src/server.ts";
import { runCommandLine } from "./process.ts";

const SLOW_MS = 30_000;

test(
  "load drives two rooms, and every update arrives or is superseded by a newer one",
  async () => {
    const server = await startServer({ host: "127.0.0.1", port: 0 });
    try {
      const url = server.url.replace("http", "ws");
      const shape = ["--rooms", "2", "--players", "3", "--hz", "10", "--seconds", "2"];
      const flags = [...shape, "--workers", "2", "--json"];
      const { code, stdout, stderr } = await runCommandLine(["load", "--url", url, ...flags]);
      expect([code, stderr]).toEqual([0, ""]);
      const result = JSON.parse(stdout) as Record<string, number> & { server?: unknown };
      expect(result["sent"]).toBeGreaterThan(60);
      expect(result["expected"]).toBe(result["sent"] * 2);
      expect(result["delivered"] + result["superseded"]).toBe(result["expected"]);
      expect(result["checked"]).toBeGreaterThan(0);
      expect([result["lost"], result["wrong"], result["frozenStreams"]]).toEqual([0, 0, 0]);
      if (process.platform === "linux") expect(result.server).toBeDefined();
      // The players of the load have left.
      const answer = await (await fetch(`${server.url}/rooms`)).json();
      const { rooms } = answer as { rooms: { id: string; players: number }[] };
      const left = rooms.filter(({ id }) => id.startsWith("load-"));
      expect(left.map(({ players }) => players)).toEqual([0, 0]);
    } finally {
      await server.stop();
    }
  },
  SLOW_MS,
);

test(
  "[H33] load --walk checks a crowd, whose choices the room counts, and plain load says what to do with one",
  async () => {
    const server = await startServer({ host: "127.0.0.1", port: 0, crowdAbove: 6 });
    try {
      const flags = ["load", "--url", server.url.replace("http", "ws"), "--players", "12"];
      const more = ["--hz", "10", "--workers", "2", "--json"];
      const walk = await runCommandLine([...flags, ...more, "--walk", "--seconds", "3"]);
      expect(walk.stderr).toBe("");
      const result = JSON.parse(walk.stdout) as CrowdResult;
      // A busy machine may starve receivers. It breaks no rule of the protocol, and makes no frame wrong.
      expect(result.broken.filter((text) => !text.includes("had no update"))).toEqual([]);
      expect(result.delivered).toBeGreaterThan(result.sent);
      expect(result.placesCount).toBeGreaterThan(0);
      expect(result.checked).toBeGreaterThan(0);
      const answer = await (await fetch(`${server.url}/rooms`)).json();
      const { rooms } = answer as { rooms: { id: string }[] };
      const { id } = rooms.find((room) => room.id.startsWith("load-"))!;
      const status = (await (await fetch(`${server.url}/rooms/${id}`)).json()) as RoomStatus;
      expect(status.selectionSeconds).toBeGreaterThan(0);
      const plain = await runCommandLine([
        ...flags,
        ...more,
        "--format",
        "stream",
        "--seconds",
        "1",
      ]);
      expect([plain.code, plain.stdout]).toEqual([1, ""]);
      expect(plain.stderr).toContain("--crowd-above");
    } finally {
      await server.stop();
    }
  },
  SLOW_MS,
);

test("load --help names its flags", async () => {
  const { code, stdout } = await runCommandLine(["load", "--help"]);
  expect(code).toBe(0);
  for (const flag of ["--url", "--rooms", "--players", "--walk", "--allow-remote"]) {
    expect(stdout).toContain(flag);
  }
});

describe("what load cannot do is one line on stderr and exit 2", () => {
  for (const args of [
    ["--speed"],
    ["--players", "1"],
    ["--format", "xml"],
    ["--walk", "--format", "json"],
    ["--url", "ws://192.0.2.1:8080"],
    ["--clip", "absent.ndjson"],
    ["--url", "here"],
  ]) {
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await runCommandLine(["load", ...args]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(args.at(-1)!);
    });
  }
});

test("load says in one line that nobody listens, and exits 1", async () => {
  const { code, stderr } = await runCommandLine(["load", "--url", "ws://127.0.0.1:9"]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr.trim()).toBe("avatar-sync: nobody listens at ws://127.0.0.1:9");
});

test("load says that a server of another kind has no streams", async () => {
  using other = Bun.serve({ port: 0, fetch: () => new Response("no", { status: 404 }) });
  const url = `ws://127.0.0.1:${other.port}`;
  const { code, stderr } = await runCommandLine(["load", "--url", url]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("404");
  expect(stderr).toContain("is no stream of an avatar-sync. ");
});

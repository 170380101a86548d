// The command line as a user meets it: a process, its output, its exit code, its signals.
import { describe, expect, test } from "bun:test";
import packageJson from "../package.json" with { type: "json" };
import { encodeJson } from "../src/codec/index.ts";
import { smallFrame } from "./frames.ts";
import { heldBody } from "./held-body.ts";
import { runCommandLine, startCommandLine } from "./process.ts";

const SLOW_MS = 30_000;

test("--help names every flag and exits 0; --version prints the version", async () => {
  const help = await runCommandLine(["--help"]);
  expect(help.code).toBe(0);
  for (const flag of ["--host", "--port", "--format", "--demo"])
    expect(help.stdout).toContain(flag);
  expect(help.stdout).toContain("avatar-sync load");
  expect(await runCommandLine(["serve", "--help"])).toEqual(help);
  const version = await runCommandLine(["--version"]);
  expect([version.code, version.stdout]).toEqual([0, `${packageJson.version}\n`]);
});

describe("what cannot be used is one line on stderr and exit 2", () => {
  for (const args of [["--colour"], ["--port", "abc"], ["--format", "xml"], ["dance"]]) {
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await runCommandLine(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(args.at(-1)!);
    });
  }
});

test("a taken port is said in one line and exits 1", async () => {
  const first = await startCommandLine(["--port", "0"]);
  const port = new URL(first.url).port;
  const { code, stderr } = await runCommandLine(["--host", "127.0.0.1", "--port", port]);
  expect(code).toBe(1);
  expect(stderr).toContain(`port ${port} is taken`);
  expect(await first.end()).toBe(0);
});

test(
  "a host that there is not, or that is elsewhere, is said in one line and exits 1",
  async () => {
    for (const [host, said] of [
      ["nonsense.invalid", "there is no host nonsense.invalid: --host takes"],
      // Reserved for documentation: no machine has it.
      ["192.0.2.1", "192.0.2.1 is no address of this machine: --host takes"],
    ]) {
      const { code, stdout, stderr } = await runCommandLine(["--host", host, "--port", "0"]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toStartWith(`avatar-sync: ${said}`);
    }
  },
  SLOW_MS,
);

test("at start it prints the addresses, and which of them is no address to open", async () => {
  for (const [host, external] of [
    ["0.0.0.0", / External: http:\/\/0\.0\.0\.0:\d+ \(every network of this machine\)\n/],
    ["127.0.0.1", / External: http:\/\/127\.0\.0\.1:\d+\n/],
  ] as const) {
    const server = await startCommandLine(["--host", host, "--port", "0"]);
    expect(await server.end()).toBe(0);
    expect(server.output()).toMatch(external);
  }
});

test("the environment sets what flags do not", async () => {
  const server = await startCommandLine([], {
    env: { AVATAR_SYNC_PORT: "0", AVATAR_SYNC_FORMAT: "binary" },
  });
  expect(server.output()).toContain("format binary");
  const answer = await fetch(`${server.url}/player1`);
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  await server.end();
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(
    `${signal} answers what is under way, closes and exits 0`,
    async () => {
      const server = await startCommandLine(["--port", "0"]);
      const { body, sendRest } = heldBody(encodeJson(smallFrame()));
      const underWay = fetch(`${server.url}/player1`, { method: "POST", body });
      const requests = async () => {
        const status = (await (await fetch(`${server.url}/status`)).json()) as {
          requestsUnderWay: number;
        };
        return status.requestsUnderWay;
      };
      while ((await requests()) < 2) await Bun.sleep(5);
      const ended = server.end(signal);
      sendRest();
      expect((await underWay).status).toBe(200);
      expect(await ended).toBe(0);
      expect(fetch(server.url)).rejects.toThrow();
    },
    SLOW_MS,
  );
}

test(
  "--demo moves both avatars, and the first real POST takes its slot over",
  async () => {
    const server = await startCommandLine(["--port", "0", "--demo"]);
    const read = async (player: string) => {
      const answer = await fetch(`${server.url}/${player}`, {
        headers: { Accept: "application/json" },
      });
      return (await answer.json()) as ReturnType<typeof smallFrame>;
    };
    const movesFrom = async (player: string, start: string) => {
      while (JSON.stringify((await read(player)).bones) === start) await Bun.sleep(5);
    };
    for (const player of ["player1", "player2"]) {
      while ((await read(player)).bones.length === 0) await Bun.sleep(5);
      await movesFrom(player, JSON.stringify((await read(player)).bones));
    }
    await fetch(`${server.url}/player1`, { method: "POST", body: encodeJson(smallFrame(9)) });
    await movesFrom("player2", JSON.stringify((await read("player2")).bones));
    const taken = await read("player1");
    expect(taken.bones.map((bone) => bone.name)).toEqual(["Hips", "Head"]);
    expect(taken.rootTransform.worldPosition.x).toBe(9);
    expect(await server.end()).toBe(0);
  },
  SLOW_MS,
);

// bin/avatar-sync.js, which Node runs: it passes arguments, exit codes and signals, and leaves nobody behind.
import { describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { ProcessGroup } from "./process-group.ts";

const ROOT = join(import.meta.dir, "..");
const LAUNCHER = join(ROOT, "bin", "avatar-sync.js");
const SERVE = ["--host", "127.0.0.1", "--port", "0"];
const SLOW_MS = 30_000;
// `npm test` runs this too, and the launcher behaves otherwise under npm.
const WITHOUT_NPM = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")),
);

async function launch(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = Bun.spawn(["node", LAUNCHER, ...args], {
    cwd: ROOT,
    stdout: "pipe",
    stderr: "pipe",
  });
  const texts = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  const output = (await Promise.all(texts)).join("");
  return { code: await child.exited, output };
}

test(
  "where npm cannot get Bun, the launcher says so and what to do",
  async () => {
    // Far from the clone's own Bun.
    const folder = await mkdtemp(join(tmpdir(), "avatar-sync-"));
    try {
      const launcher = join(folder, "bin", "avatar-sync.js");
      await cp(LAUNCHER, launcher);
      await cp(join(ROOT, "package.json"), join(folder, "package.json"));
      const { stderr, exitCode } = Bun.spawnSync(["node", launcher, "--version"], {
        cwd: folder,
        env: {
          PATH: [dirname(Bun.which("node")!), dirname(Bun.which("npm")!)].join(":"),
          npm_config_cache: join(folder, "cache"),
          npm_config_registry: "http://127.0.0.1:9",
          npm_config_fetch_retries: "0",
        },
      });
      expect(exitCode).toBe(1);
      expect(stderr.toString().trim().split("\n").at(-1)).toBe(
        `avatar-sync: npm could not get bun@${packageJson.devDependencies.bun}. Install Bun 1.4 or newer yourself: https://bun.com`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  SLOW_MS,
);

test("arguments and exit codes pass through", async () => {
  expect(await launch(["--version"])).toEqual({ code: 0, output: `${packageJson.version}\n` });
  const wrong = await launch(["--colour"]);
  expect(wrong.code).toBe(2);
  expect(wrong.output).toContain("--colour");
});

describe.skipIf(process.platform !== "linux")("the server ends, and no process is left", () => {
  const endings = [
    ...(["SIGINT", "SIGTERM", "SIGHUP"] as const).flatMap((signal) => [
      { signal, to: "first" as const },
      { signal, to: "group" as const },
    ]),
    { signal: "SIGKILL" as const, to: "first" as const },
  ];
  for (const { signal, to } of endings) {
    test(
      `by ${signal} to ${to === "group" ? "all of its group" : "the launcher alone"}`,
      async () => {
        using group = new ProcessGroup(["node", LAUNCHER, ...SERVE], {
          cwd: ROOT,
          env: WITHOUT_NPM,
        });
        const url = await group.url();
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        group.signal(signal, to);
        expect(await group.remaining()).toEqual([]);
        expect(fetch(url)).rejects.toThrow();
      },
      SLOW_MS,
    );
  }

  // A shell that npm starts keeps SIGINT until its child ends: it only counts when the child gets it too.
  for (const { signal, to } of endings.filter(
    (each) => each.signal !== "SIGINT" || each.to === "group",
  )) {
    test(
      `under npm start by ${signal} to ${to === "group" ? "all of its group" : "npm alone"}`,
      async () => {
        const command = ["npm", "start", "--", ...SERVE];
        using group = new ProcessGroup(command, { cwd: ROOT, env: WITHOUT_NPM });
        const url = await group.url();
        group.signal(signal, to);
        expect(await group.remaining()).toEqual([]);
        expect(fetch(url)).rejects.toThrow();
      },
      SLOW_MS,
    );
  }
});

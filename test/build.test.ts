// The executable: built, moved to an empty folder, and used there.
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { encodeBinary } from "../src/codec/index.ts";
import { smallFrame } from "./frames.ts";
import { startCommandLine } from "./process.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const SLOW_MS = 120_000;

test(
  "npm run build makes a file that serves the page, both formats and the demo from an empty folder, and loads",
  async () => {
    const build = Bun.spawn([process.execPath, "scripts/build.ts"], { cwd: ROOT, stdout: "pipe" });
    expect([await build.exited, (await new Response(build.stdout).text()).split(" ")[0]]).toEqual([
      0,
      "dist/avatar-sync",
    ]);
    const folder = await mkdtemp(`${tmpdir()}/avatar-sync-`);
    const executable = `${folder}/avatar-sync`;
    await Bun.write(executable, Bun.file(`${ROOT}dist/avatar-sync`), { mode: 0o755 });
    const server = await startCommandLine(["--port", "0", "--demo"], {
      command: [executable],
      cwd: folder,
    });
    try {
      const html = await (await fetch(server.url)).text();
      const scripts = Array.from(
        html.matchAll(/(?:src|href)="\.(\/page\/[^"]+)"/g),
        ([, path]) => path,
      );
      expect(scripts.length).toBeGreaterThanOrEqual(2);
      for (const path of [...scripts, "/client.js", "/three.js"])
        expect((await fetch(server.url + path)).status).toBe(200);
      const body = encodeBinary(smallFrame(5));
      const headers = { "Content-Type": "application/octet-stream" };
      expect((await fetch(`${server.url}/player1`, { method: "POST", body, headers })).status).toBe(
        200,
      );
      const json = (await (await fetch(`${server.url}/player1`)).json()) as ReturnType<
        typeof smallFrame
      >;
      expect(json.rootTransform.worldPosition.x).toBe(5);
      const demo = (await (await fetch(`${server.url}/player2`)).json()) as ReturnType<
        typeof smallFrame
      >;
      expect(demo.bones.length).toBe(52);
      const help = Bun.spawn([executable, "load", "--help"], { cwd: folder, stdout: "pipe" });
      expect(await new Response(help.stdout).text()).toContain("avatar-sync load [flags]");
      expect(await help.exited).toBe(0);
    } finally {
      expect(await server.end()).toBe(0);
      await rm(folder, { recursive: true });
    }
  },
  SLOW_MS,
);

test("npm run build refuses a target that it does not know", async () => {
  const build = Bun.spawn([process.execPath, "scripts/build.ts", "--target", "amiga"], {
    cwd: ROOT,
    stderr: "pipe",
  });
  expect(await build.exited).toBe(2);
  expect(await new Response(build.stderr).text()).toContain("linux-arm64");
});

// An empty room on the page: what it says, the demo that it plays, and the lines of code that it gives away.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { accessibilityFaults } from "./page-accessibility.ts";
import { usePages } from "./page-fixture.ts";
import { openStage, positionOf, waitForPlayers } from "./page-stage.ts";
import { startStrippingProxy } from "./stripping-proxy.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const PHONE = { width: 360, height: 740 };

const executablePath = requireTool(CHROMIUM);

describe.skipIf(executablePath === undefined)("an empty room", () => {
  const { serve, newPage, atEnd } = usePages({ executablePath, waitMs: TEST_MS / 2 });
  const emptyRoom = (url: string, options = {}) =>
    openStage(newPage, `${url}/?room=lab&quality=3`, {
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });

  test(
    "[21] plays the demo, whose body and face move, and stops it",
    async () => {
      const { url } = await serve();
      const page = await emptyRoom(url);
      await page.getByText("Nobody has written to room lab yet.").waitFor();
      await page.getByRole("button", { name: "Play the demo" }).click();
      await page.waitForFunction(() => globalThis.avatarSyncStage!.players().length === 1);
      await page.getByRole("button", { name: "Play the demo" }).waitFor({ state: "hidden" });
      const [id] = await page.evaluate(() => globalThis.avatarSyncStage!.players());
      expect(id).toMatch(/^demo-\d+$/);
      await waitUntilItMoves(page, id, "RightHand");
      const faces = new Set<string>();
      while (faces.size < 5) {
        const frame = await (await fetch(`${url}/rooms/lab/players/${id}`)).json();
        faces.add(JSON.stringify(frame.blendShapes));
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      }
      await page.getByRole("button", { name: "Stop the demo" }).click();
      await waitForPlayers(page, []);
      await page.getByText("Everybody has left room lab.").waitFor();
    },
    TEST_MS,
  );

  for (const [language, program, run] of [
    ["JavaScript", "node", (line: string) => ["bash", "-c", `exec ${line}`]],
    ["Python", "python3", (line: string) => ["bash", "-c", `exec ${line}`]],
    ["C#", "mcs", compileCSharp],
  ] as const) {
    test.skipIf(Bun.which(program) === null)(
      `[21] gives a line of ${language} that draws a moving body when it is run`,
      async () => {
        const { url } = await serve();
        const page = await emptyRoom(url);
        await page.getByRole("button", { name: language, exact: true }).click();
        await page.getByRole("button", { name: "Copy this line" }).click();
        await page.getByText("Copied", { exact: true }).waitFor();
        const line = await page.evaluate(() => navigator.clipboard.readText());
        expect(line).not.toContain("\n");
        const directory = mkdtempSync(join(tmpdir(), "avatar-sync-line-"));
        atEnd(() => rmSync(directory, { recursive: true }));
        const running = Bun.spawn([...run(line, directory)], { stderr: "pipe" });
        atEnd(() => running.kill("SIGKILL"));
        await waitForPlayers(page, ["player1"]);
        await waitUntilItMoves(page, "player1", "LeftHand");
        // The body is upright and on the floor, and its time is today's.
        expect((await positionOf(page, "player1", "Head"))[1]).toBeWithin(1.4, 1.7);
        expect((await positionOf(page, "player1", "LeftToeBase"))[1]).toBeWithin(-0.1, 0.1);
        const { timestamp } = await (await fetch(`${url}/rooms/lab/players/player1`)).json();
        expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(60);
        await page.getByText("Nobody has written").waitFor({ state: "hidden" });
        expect(running.exitCode).toBeNull();
      },
      TEST_MS,
    );
  }

  test(
    "[20] works under a proxy's sub-path, and its lines lead there",
    async () => {
      const { url } = await serve();
      const proxy = startStrippingProxy("/avatars", url);
      atEnd(() => proxy.stop(true));
      const page = await emptyRoom(`http://127.0.0.1:${proxy.port}/avatars`);
      const line = await page.locator(".guide code").textContent();
      expect(line).toContain(`:${proxy.port}/avatars/rooms/lab/players/player1'`);
      await page.getByRole("button", { name: "Play the demo" }).click();
      await page.waitForFunction(() => globalThis.avatarSyncStage!.players().length === 1);
      const { rooms } = await (await fetch(`${url}/rooms`)).json();
      expect(rooms).toContainEqual({ id: "lab", players: 1 });
    },
    TEST_MS,
  );

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `has no fault in an automated accessibility check and fits a phone, ${colorScheme}`,
      async () => {
        const { url } = await serve();
        const page = await emptyRoom(url, { colorScheme, bypassCSP: true, viewport: PHONE });
        await page.getByText("Nobody has written to room lab yet.").waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        for (const language of ["JavaScript", "Python", "C#"]) {
          await page.getByRole("button", { name: language, exact: true }).click();
          const hidden = await page.locator(".guide").evaluate((guide) => {
            return guide.scrollHeight - guide.clientHeight;
          });
          expect(hidden).toBe(0);
        }
      },
      TEST_MS,
    );
  }
});

/** Compiles the line with Mono, inside an async method as it says; the command that runs it. */
function compileCSharp(line: string, directory: string): string[] {
  const [source, program] = ["Line.cs", "Line.exe"].map((name) => join(directory, name));
  const body = `static async System.Threading.Tasks.Task Run() { ${line} }`;
  const main = "static void Main() { Run().Wait(); }";
  writeFileSync(source, `class Line { ${main} ${body} }`);
  const compiler = Bun.spawnSync(["mcs", "-r:System.Net.Http.dll", `-out:${program}`, source]);
  expect([compiler.stdout.toString(), compiler.stderr.toString()]).toEqual(["", ""]);
  return ["mono", program];
}

async function waitUntilItMoves(page: Page, id: string, bone: string): Promise<void> {
  const before = await positionOf(page, id, bone);
  await page.waitForFunction(
    ([player, name, [x, y, z]]) => {
      const now = globalThis.avatarSyncStage!.worldPositionOf(player, name);
      return now !== undefined && Math.hypot(now[0] - x, now[1] - y, now[2] - z) > 0.05;
    },
    [id, bone, before] as const,
  );
}

// An empty room on the page: what it says, the demo that it plays, and the lines of code that it gives away.
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { accessibilityFaults } from "./page-accessibility.ts";
import { usePages } from "./page-fixture.ts";
import { openStage, positionOf, waitForPlayers } from "./page-stage.ts";
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

  for (const [language, program] of [
    ["JavaScript", "node"],
    ["Python", "python3"],
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
        const running = Bun.spawn(["bash", "-c", `exec ${line}`], { stderr: "pipe" });
        atEnd(() => running.kill("SIGKILL"));
        await waitForPlayers(page, ["player1"]);
        await waitUntilItMoves(page, "player1", "LeftHand");
        // It stands upright on the floor.
        const head = await positionOf(page, "player1", "Head");
        expect(head[1]).toBeWithin(1.4, 1.7);
        const foot = await positionOf(page, "player1", "LeftToeBase");
        expect(Math.abs(foot[1])).toBeLessThan(0.1);
        await page.getByText("Nobody has written").waitFor({ state: "hidden" });
        expect(running.exitCode).toBeNull();
      },
      TEST_MS,
    );
  }

  test(
    "[21] gives a line of C# that holds the same body",
    async () => {
      const { url } = await serve();
      const page = await emptyRoom(url);
      await page.getByRole("button", { name: "C#" }).click();
      await page.getByText("async void Start").waitFor();
      await page.getByRole("button", { name: "Copy this line" }).click();
      const line = await page.evaluate(() => navigator.clipboard.readText());
      expect(line).toContain(`PostAsync("${url}/rooms/lab/players/player1"`);
      expect(line).toContain("LeftToeBase,LeftFoot,0,-5,13");
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

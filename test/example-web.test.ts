// The example page in two tabs of a real browser, against a real server.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { startServer } from "../src/server.ts";
import { launchBrowser } from "./browser.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const EXAMPLE = `file://${new URL("../examples/web/index.html", import.meta.url).pathname}`;
const chromium = requireTool(CHROMIUM);

/** What the example exposes for tests. */
interface Shown {
  readonly others: ReadonlyMap<string, { readonly root: readonly number[] }>;
}

test.skipIf(chromium === undefined)(
  "two tabs see each other move; one is killed and the other is told",
  async () => {
    const server = await startServer({ host: "127.0.0.1", port: 0 });
    const browser = await launchBrowser(chromium!);
    const errors: string[] = [];
    const open = async (player: string): Promise<Page> => {
      // Each tab has its own context, so that both are visible and draw.
      const page = await (await browser.newContext()).newPage();
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`${EXAMPLE}?server=${server.url}&player=${player}`);
      // The page loads before the client does, and the pointer works only after that.
      await page.waitForFunction(() => "room" in globalThis);
      return page;
    };
    /** Where `page` draws `player`. */
    const xOf = (page: Page, player: string) =>
      page.evaluate((id) => (globalThis as unknown as Shown).others.get(id)?.root[0], player);
    const sees = (page: Page, player: string, x: number) =>
      page.waitForFunction(
        ([id, wanted]) => {
          const { others } = globalThis as unknown as Shown;
          const seen = others.get(id)?.root[0];
          return seen !== undefined && Math.abs(seen - wanted) < 0.01;
        },
        [player, x] as const,
        { polling: 20 },
      );
    try {
      const [ann, bob] = [await open("ann"), await open("bob")];
      const { width } = ann.viewportSize()!;
      for (const share of [0.25, 0.75]) {
        await ann.mouse.move(width * share, 100);
        await bob.mouse.move(width * (1 - share), 200);
        await sees(bob, "ann", 2 * share - 1);
        await sees(ann, "bob", 1 - 2 * share);
      }
      // The tab's process dies: no goodbye.
      await ann.goto("chrome://crash").catch(() => {});
      await bob.getByText("ann has left").waitFor({ timeout: TEST_MS / 2 });
      expect(await xOf(bob, "ann")).toBeUndefined();
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await server.stop();
    }
  },
  TEST_MS,
);

// bun scripts/screenshots.ts [folder]: pictures of the page on a desktop, on a phone, in dark mode, and when
// something is wrong. They are for people; test/page.test.ts checks what the page does.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { encodeJson } from "../src/codec/index.ts";
import { startServer } from "../src/server.ts";
import { launchBrowser } from "../test/browser.ts";
import { smallFrame } from "../test/frames.ts";
import { CHROMIUM, findTool } from "../test/tools.ts";

const DESKTOP = { width: 1280, height: 800 };
// Graphics are rendered in software, on a machine with other work.
const PATIENCE_MS = 120_000;
const CHARTS_MS = 12_000;
const README_CHARTS_MS = 60_000;
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };

const folder = process.argv[2] ?? resolve(import.meta.dir, "../dist/screenshots");
const executablePath = findTool(CHROMIUM);
if (executablePath === undefined) throw new Error(`${CHROMIUM.name}: ${CHROMIUM.install}`);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser(executablePath);

async function shoot(
  name: string,
  url: string,
  options: BrowserContextOptions,
  arrange: (page: Page) => Promise<unknown> = async () => {},
  fullPage = true,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  // Rendered in software, the stage would soon turn its shadows off.
  await page.goto(`${url}/?quality=0`);
  await page.locator("main").waitFor();
  await arrange(page);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage });
  // Requests under way when the page closes fail; ignore them.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
  console.log(`${folder}/${name}.png`);
}

const post = (url: string, body: Uint8Array<ArrayBuffer> | string) =>
  fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });

const demo = await startServer({ port: 0, demo: true });
// Rates are steady after two seconds, charts need some more.
const live = async (page: Page) => {
  await page.waitForTimeout(CHARTS_MS);
  await page
    .locator("#slot-player1 >> xpath=ancestor::article")
    .getByText(/^(2[5-9]|3\d)\.\d \/s$/)
    .waitFor();
};
// The README's picture, with enough history in the charts.
const readme = { viewport: { width: 1280, height: 1034 }, deviceScaleFactor: 1 };
await shoot(
  "page",
  demo.url,
  readme,
  async (page) => {
    await live(page);
    await page.waitForTimeout(README_CHARTS_MS);
  },
  false,
);
await shoot("demo-desktop", demo.url, { viewport: DESKTOP }, live);
await shoot("demo-desktop-dark", demo.url, { viewport: DESKTOP, colorScheme: "dark" }, live);
await shoot("demo-phone", demo.url, PHONE, live);
await shoot("demo-phone-dark", demo.url, { ...PHONE, colorScheme: "dark" }, live);

const empty = await startServer({ port: 0 });
await shoot("empty-desktop", empty.url, { viewport: DESKTOP });
await shoot("empty-phone", empty.url, PHONE);
await post(`${empty.url}/player2`, "no frame");
await post(`${empty.url}/player1`, encodeJson(smallFrame()));
for (const id of ["alice", "bob-with-a-name-of-the-sixty-four-characters-that-an-id-may-have"]) {
  await post(`${empty.url}/rooms/default/players/${id}`, encodeJson(smallFrame()));
}
await fetch(`${empty.url}/rooms/default/players/alice/info`, {
  method: "PUT",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ displayName: `<b>Alice</b> ${"of a very long name ".repeat(8)}` }),
});
await shoot("crowd-desktop", empty.url, { viewport: DESKTOP });
const stale = async (page: Page) => {
  await page.route("**/status?*", async (route) => {
    const status = await (await route.fetch()).json();
    for (const player of status.room.players) {
      if (player.state === "live") Object.assign(player, { state: "stale", ageSeconds: 754 });
    }
    await route.fulfill({ json: status });
  });
  await page.getByText("Disconnected").first().waitFor();
};
await shoot("stale-desktop-dark", empty.url, { viewport: DESKTOP, colorScheme: "dark" }, stale);
await shoot("crowd-phone-dark", empty.url, { ...PHONE, colorScheme: "dark" });
await empty.stop();

await shoot("outage-desktop", demo.url, { viewport: DESKTOP }, async (page) => {
  await live(page);
  await demo.stop();
  await page.getByText("Unreachable").waitFor();
});
await browser.close();
process.exit(0);

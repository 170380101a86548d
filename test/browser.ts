// Debian's Chromium, driven by Playwright, with WebGL in software.
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

/** What every browser is started with. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** Starts a browser. `executablePath` is what `requireTool(CHROMIUM)` found. */
export function launchBrowser(
  executablePath: string,
  moreArgs: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...BROWSER_ARGS, ...moreArgs] });
}

/** With PICTURES=folder, keeps what a page shows, for somebody to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env["PICTURES"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}

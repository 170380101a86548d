// Debian's Chromium, driven by Playwright, with WebGL in software.
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const ARGS = [
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
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGS });
}

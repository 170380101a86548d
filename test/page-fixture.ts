// What tests of the page share: one browser, and servers and pages that end with their test. The fixture also
// checks that no page logs an error (violations of its policy are logged too), throws, or asks another server.
import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startServer } from "../src/server.ts";
import type { AvatarServer, PageAssets, ServerOptions } from "../src/server.ts";
import { launchBrowser } from "./browser.ts";
import { inspectedPage } from "./inspected-page.ts";

export interface PageFixture {
  readonly serve: (options?: ServerOptions) => Promise<AvatarServer>;
  /** A page that is not open yet. */
  readonly newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** Calls `cleanup` when the test ends; the last one first. */
  readonly atEnd: (cleanup: () => unknown) => void;
  /** Problems that the test causes on purpose and that do not fail it. */
  readonly forgive: (problem: RegExp) => void;
}

export interface PageFixtureOptions {
  /** The result of `requireTool(CHROMIUM)`. Without it the fixture must not be used. */
  readonly executablePath: string | undefined;
  /** How long a page's locators wait. */
  readonly waitMs: number;
  /** The files that servers serve; left out: those whose stage tests can look into. */
  readonly page?: PageAssets;
  /** The default context options of pages. */
  readonly context?: BrowserContextOptions;
}

/** For a `describe` to call once: its hooks are that block's. */
export function usePages({
  executablePath,
  waitMs,
  context,
  page: assets = inspectedPage,
}: PageFixtureOptions): PageFixture {
  let browser: Browser;
  const cleanups: (() => unknown)[] = [];
  const problems: string[] = [];
  const forgiven: RegExp[] = [];

  beforeAll(async () => {
    browser = await launchBrowser(executablePath!);
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    const known = forgiven.splice(0);
    const unexpected = problems
      .splice(0)
      .filter((problem) => !known.some((each) => each.test(problem)));
    expect(unexpected).toEqual([]);
  });

  return {
    async serve(options) {
      const server = await startServer({
        host: "127.0.0.1",
        port: 0,
        page: assets,
        ...options,
      });
      cleanups.push(() => server.stop());
      return server;
    },

    async newPage(options) {
      const contextOfPage = await browser.newContext({ ...context, ...options });
      cleanups.push(() => contextOfPage.close());
      const page = await contextOfPage.newPage();
      page.setDefaultTimeout(waitMs);
      page.on("pageerror", (error) => problems.push(`thrown: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(`logged: ${message.text()}`);
      });
      page.on("request", (request) => {
        const url = new URL(request.url());
        // A blob is the page's own.
        if (url.protocol !== "blob:" && url.hostname !== "127.0.0.1") {
          problems.push(`asked: ${url}`);
        }
      });
      return page;
    },

    atEnd(cleanup) {
      cleanups.push(cleanup);
    },

    forgive(problem) {
      forgiven.push(problem);
    },
  };
}

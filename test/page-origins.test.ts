// What a web page of another origin can do, in a browser: everything by default, nothing with --allow-origin.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { startServer } from "../src/server.ts";
import type { AvatarServer, ServerOptions } from "../src/server.ts";
import { launchBrowser } from "./browser.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const executablePath = requireTool(CHROMIUM);
const REBOUND = "rebound.test";

describe.skipIf(executablePath === undefined)("a web page", () => {
  let browser: Browser;
  const ends: (() => unknown)[] = [];
  beforeAll(async () => {
    // As somebody's name server would answer, with this machine's address.
    browser = await launchBrowser(executablePath!, [
      `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
    ]);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(() => browser.close());

  async function serve(options: ServerOptions = {}): Promise<AvatarServer> {
    const server = await startServer({ host: "127.0.0.1", port: 0, ...options });
    ends.push(() => server.stop());
    return server;
  }

  /** Another server's pages: a web application. Returns its origin. */
  function startApplication(): string {
    const application = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } }),
    });
    ends.push(() => application.stop(true));
    return `http://127.0.0.1:${application.port}`;
  }

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    ends.push(() => page.close());
    await page.goto(url);
    return page;
  }

  /** What a page manages to do at a server. */
  const deeds = (page: Page, url: string) =>
    page.evaluate(async (base) => {
      const text = async (path: string, init?: RequestInit) =>
        fetch(base + path, init).then(
          async (answer) => (answer.ok ? await answer.text() : null),
          () => null,
        );
      const body = '{"bones":[]}';
      const joined = await new Promise<boolean>((resolve) => {
        const socket = new WebSocket(
          `${base.replace("http", "ws")}/rooms/default/stream`,
          "avatar-sync.v1.json",
        );
        socket.addEventListener("open", () => socket.send('{"type":"join"}'));
        socket.addEventListener("message", () => resolve(true));
        socket.addEventListener("close", () => resolve(false));
      });
      const json = { "Content-Type": "application/json" };
      return {
        reads: (await text("/player1")) !== null,
        writesJson: (await text("/player1", { method: "POST", headers: json, body })) !== null,
        // Sent without asking first, as a form is.
        writesText: (await text("/player2", { method: "POST", body })) !== null,
        removes: (await text("/player1", { method: "DELETE" })) !== null,
        joins: joined,
      };
    }, url);

  const everything = {
    reads: true,
    writesJson: true,
    writesText: true,
    removes: true,
    joins: true,
  };
  const nothing = {
    reads: false,
    writesJson: false,
    writesText: false,
    removes: false,
    joins: false,
  };

  const revisions = async (server: AvatarServer) => {
    const status = (await (await fetch(`${server.url}/status`)).json()) as {
      players: { revision: number }[];
    };
    return status.players.map(({ revision }) => revision);
  };

  test("[H12] of another origin reads, writes, removes and joins by default", async () => {
    const server = await serve();
    expect(await deeds(await open(startApplication()), server.url)).toEqual(everything);
  });

  test("[H27a] of an origin that is not allowed can do nothing, and its writes have no effect", async () => {
    const server = await serve({ allowOrigins: ["http://127.0.0.1:1"] });
    expect(await deeds(await open(startApplication()), server.url)).toEqual(nothing);
    expect(await revisions(server)).toEqual([0, 0]);
  });

  test("[H27] of an origin that is allowed can do everything, and so can the server's own", async () => {
    const application = startApplication();
    const server = await serve({ allowOrigins: [application] });
    expect(await deeds(await open(application), server.url)).toEqual(everything);
    expect(await deeds(await open(`${server.url}/healthz`), server.url)).toEqual(everything);
  });

  for (const options of [
    { allowOrigins: ["https://app.example.org"] },
    { allowHosts: ["avatars.example.org"] },
  ]) {
    test(`[H32a] whose name leads to this machine is refused with ${Object.keys(options)[0]}`, async () => {
      const server = await serve(options);
      const rebound = server.url.replace("127.0.0.1", REBOUND);
      const page = await open(`${rebound}/healthz`);
      // The page has the origin of the server now, so CORS does not apply.
      expect(await page.evaluate(() => location.origin)).toBe(rebound);
      expect(await deeds(page, rebound)).toEqual(nothing);
      expect(await revisions(server)).toEqual([0, 0]);
    });
  }

  test("whose name leads to this machine gets in where nothing is narrowed", async () => {
    const server = await serve();
    const rebound = server.url.replace("127.0.0.1", REBOUND);
    expect(await deeds(await open(`${rebound}/healthz`), rebound)).toEqual(everything);
  });
});

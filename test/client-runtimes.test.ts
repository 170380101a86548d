// The client module that the server serves, in every runtime that it supports: Bun, Node 22 and a browser.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { launchBrowser } from "./browser.ts";
import { CHROMIUM, NODE, requireTool } from "./tools.ts";

const TEST_MS = 30_000;
// Ann publishes in Unity's coordinates, Bob samples in glTF's: x is mirrored.
const EXPECTED = {
  root: [-1, 2, 3, 0, 0, 0, 1, 1, 1, 1],
  hips: [0, 1, 0, 0, 0, 0, 1, 1, 1, 1],
  jawOpen: 1,
  message: { from: "ann", body: { wave: true } },
  left: "ann",
};

const SCRIPT = `${import.meta.dir}/runtimes/two-players.mjs`;
const node = requireTool(NODE);
const chromium = requireTool(CHROMIUM);

let server: AvatarServer;
let folder: string;
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
  folder = await mkdtemp(`${tmpdir()}/avatar-sync-client-`);
  await Bun.write(`${folder}/client.mjs`, await fetch(`${server.url}/client.js`));
  await Bun.write(`${folder}/two-players.mjs`, Bun.file(SCRIPT));
  const main = `
    import * as client from "./client.mjs";
    import { twoPlayers } from "./two-players.mjs";
    console.log(JSON.stringify(await twoPlayers(client, process.argv[2])));
    process.exit(0);`;
  await Bun.write(`${folder}/main.mjs`, main);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

// -0 and 0 are the same place.
const numbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each: unknown) => (each === 0 ? 0 : each));

async function runIn(command: string): Promise<unknown> {
  const child = Bun.spawn([command, `${folder}/main.mjs`, server.url], { stdout: "pipe" });
  return JSON.parse(await new Response(child.stdout).text());
}

describe("two players see each other move, speak and leave", () => {
  test(
    "in Bun",
    async () => {
      expect(numbers(await runIn(process.execPath))).toEqual(EXPECTED);
    },
    TEST_MS,
  );

  test.skipIf(node === undefined)(
    "in Node 22",
    async () => {
      expect(numbers(await runIn(node!))).toEqual(EXPECTED);
    },
    TEST_MS,
  );

  test.skipIf(chromium === undefined)(
    "in a browser",
    async () => {
      const browser = await launchBrowser(chromium!);
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        const script = (await Bun.file(SCRIPT).text()).replace("export async", "async");
        // As text: the page's policy lets no script in but the server's own files.
        const result: unknown = await page.evaluate(`(async () => {
          ${script}
          return twoPlayers(await import("/client.js"), "${server.url}");
        })()`);
        expect(numbers(result)).toEqual(EXPECTED);
      } finally {
        await browser.close();
      }
    },
    TEST_MS,
  );
});

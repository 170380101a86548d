// Every example of README, docs and TSDoc compiles against this package's exports, strict; those that are
// scripts of a page run in a real browser against a real server. test/docs-examples.ts finds them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { launchBrowser } from "./browser.ts";
import { examplesOfMarkdown, findExamples } from "./docs-examples.ts";
import type { Example } from "./docs-examples.ts";
import { answerForCdn } from "./three-cdn.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const ROOT = join(import.meta.dir, "..");
const TEST_MS = 60_000;
const SERVER = "http://localhost:8080";
const chromium = requireTool(CHROMIUM);
const examples = await findExamples(ROOT);
const scripts = examples.filter(({ page }) => page !== undefined);

const three = existsSync(join(ROOT, "src/three/index.ts")) ? "three/index" : "client/three";
const EXPORTS = {
  "avatar-sync": [join(ROOT, "src/server.ts")],
  "avatar-sync/codec": [join(ROOT, "src/codec/index.ts")],
  "avatar-sync/client": [join(ROOT, "src/client/index.ts")],
  "avatar-sync/three": [join(ROOT, `src/${three}.ts`)],
};

/** What tsc says of these examples, with their places; empty if it says nothing. */
async function compile(of: readonly Example[]): Promise<string> {
  // Below the project, so that imports of its dependencies resolve.
  await mkdir(join(ROOT, "dist"), { recursive: true });
  const folder = await mkdtemp(join(ROOT, "dist/examples-"));
  try {
    const files = await Promise.all(
      of.map(async ({ place, prelude, code }) => {
        const file = join(folder, `${place.replace(/[/:]/g, "-")}.ts`);
        const text = `${prelude}\n${code}\nexport {};\n`
          .replaceAll(`"${SERVER}/client.js"`, '"avatar-sync/client"')
          .replaceAll(`"${SERVER}/three.js"`, '"avatar-sync/three"');
        await Bun.write(file, text);
        return file;
      }),
    );
    const config = {
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { paths: EXPORTS, noUnusedLocals: false },
      files: [...files, join(ROOT, "src/modules.d.ts")],
      include: [],
    };
    await Bun.write(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = Bun.spawn(
      [join(ROOT, "node_modules/.bin/tsc"), "-p", folder, "--pretty", "false"],
      {
        stderr: "inherit",
      },
    );
    const said = await new Response(tsc.stdout).text();
    return (await tsc.exited) === 0 ? "" : said;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("examples are found in README, docs and the heads of exports", () => {
  const files = new Set(examples.map(({ place }) => place.split(":")[0]));
  for (const file of ["README.md", "src/client/index.ts", "src/codec/index.ts"]) {
    expect(files).toContain(file);
  }
  expect(scripts.length).toBeGreaterThan(0);
});

test("a prelude is what the comment right before a fence says", () => {
  const fence = "```ts\nshow(1);\n```\n";
  const [first, second] = examplesOfMarkdown(
    "a.md",
    `<!-- example prelude\ndeclare function show(n: number): void;\n-->\n\n${fence}\n${fence}`,
  );
  expect(first).toEqual({
    place: "a.md:5",
    prelude: "declare function show(n: number): void;\n",
    code: "show(1);\n",
    page: undefined,
  });
  expect(second.prelude).toBe("");
});

test("all compile, strict", async () => expect(await compile(examples)).toBe(""), TEST_MS);

test(
  "an example that is wrong does not compile",
  async () => {
    const wrong = {
      place: "wrong.md:1",
      prelude: "",
      code: 'import { connect } from "avatar-sync/client";\nconnect({ player: "ann" });',
      page: undefined,
    };
    expect(await compile([wrong])).toContain("wrong.md-1.ts(3,9): error");
  },
  TEST_MS,
);

describe.skipIf(chromium === undefined)("scripts of pages run", () => {
  let server: AvatarServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ host: "127.0.0.1", port: 0 });
    browser = await launchBrowser(chromium!);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  for (const { place, prelude, code, page: html } of scripts) {
    test(
      `${place} joins a room, and whoever it publishes is a body`,
      async () => {
        const url = server.url.replace(/\/$/, "");
        const begin = new Bun.Transpiler({ loader: "ts" }).transformSync(prelude);
        const body = html!.replace(code, () => `${begin}\n${code}`).replaceAll(SERVER, url);
        const site = Bun.serve({
          port: 0,
          hostname: "127.0.0.1",
          fetch: () => new Response(body, { headers: { "Content-Type": "text/html" } }),
        });
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(error.message));
        await answerForCdn(page);
        try {
          const joined = page.waitForEvent("websocket", { timeout: TEST_MS / 2 });
          await page.goto(site.url.href);
          const socket = await joined;
          await socket.waitForEvent("framesent", { timeout: TEST_MS / 2 });
          // Two seconds of frames.
          await page.waitForTimeout(2000);
          expect(errors).toEqual([]);
          expect(socket.isClosed()).toBe(false);
          await expectBodies(url);
        } finally {
          await page.close();
          await site.stop(true);
        }
      },
      TEST_MS,
    );
  }
});

interface Listed {
  readonly rooms: readonly { readonly id: string }[];
  readonly players: readonly { readonly id: string }[];
}

/** Nobody in any room has a scale of zero. */
async function expectBodies(url: string): Promise<void> {
  const get = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<Listed>;
  for (const { id: room } of (await get("/rooms")).rooms) {
    for (const { id: player } of (await get(`/rooms/${room}`)).players) {
      const response = await fetch(`${url}/rooms/${room}/players/${player}`);
      const text = await response.text();
      expect([player, response.status]).toEqual([player, 200]);
      expect(text).not.toContain('"localScale":{"x":0,');
    }
  }
}

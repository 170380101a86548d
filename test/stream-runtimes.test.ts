// The stream encoding computes the same bits in Bun, Node 22 and a browser.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { launchBrowser } from "./browser.ts";
import { hashOfWildStream, wrongVectors } from "./runtimes/stream-vectors.ts";
import { CHROMIUM, NODE, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const node = requireTool(NODE);
const chromium = requireTool(CHROMIUM);
const vectors = await Bun.file(new URL("../vectors/stream.json", import.meta.url)).text();
const expected = { wrong: [], hash: hashOfWildStream() };

let folder: string;
let module: string;
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/avatar-sync-vectors-`);
  const { outputs } = await Bun.build({
    entrypoints: [`${import.meta.dir}/runtimes/stream-vectors.ts`],
    target: "browser",
    format: "esm",
  });
  module = await outputs[0].text();
});
afterAll(() => rm(folder, { recursive: true }));

/** The module, and what it says of the vectors as its last expression. */
const script = () =>
  `${module.replace(/export \{[^}]*\};?/, "")}
   ({ wrong: wrongVectors(${vectors}), hash: hashOfWildStream() })`;

describe("every vector, and 3,000 frames of wild motion", () => {
  test("in Bun", () => {
    expect({ wrong: wrongVectors(JSON.parse(vectors)), hash: hashOfWildStream() }).toEqual(
      expected,
    );
  });

  test.skipIf(node === undefined)(
    "in Node 22",
    async () => {
      await Bun.write(
        `${folder}/main.cjs`,
        `console.log(JSON.stringify(require("node:vm").runInThisContext(${JSON.stringify(script())})));`,
      );
      const child = Bun.spawn([node!, `${folder}/main.cjs`], { stdout: "pipe" });
      expect(JSON.parse(await new Response(child.stdout).text())).toEqual(expected);
    },
    TEST_MS,
  );

  test.skipIf(chromium === undefined)(
    "in a browser",
    async () => {
      const browser = await launchBrowser(chromium!);
      try {
        const page = await browser.newPage();
        expect(await page.evaluate<unknown>(script())).toEqual(expected);
      } finally {
        await browser.close();
      }
    },
    TEST_MS,
  );
});

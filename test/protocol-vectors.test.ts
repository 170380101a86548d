// The data messages of vectors/protocol.json, in Bun, Node 22 and a browser, and as a second reader has them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { launchBrowser } from "./browser.ts";
import { wrongMessages } from "./runtimes/protocol-vectors.ts";
import type { EntryVector, ProtocolVectors } from "./runtimes/protocol-vectors.ts";
import { readBatch } from "./second-receiver.ts";
import type { SecondEntry } from "./second-receiver.ts";
import { CHROMIUM, NODE, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const node = requireTool(NODE);
const chromium = requireTool(CHROMIUM);
const text = await Bun.file(new URL("../vectors/protocol.json", import.meta.url)).text();
const vectors = JSON.parse(text) as ProtocolVectors;

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/avatar-sync-protocol-`);
  const { outputs } = await Bun.build({
    entrypoints: [`${import.meta.dir}/runtimes/protocol-vectors.ts`],
    target: "browser",
    format: "esm",
  });
  const module = (await outputs[0].text()).replace(/export \{[^}]*\};?/, "");
  script = `${module}\nwrongMessages(${text})`;
});
afterAll(() => rm(folder, { recursive: true }));

describe("[S12a] [S14d] [S38] [S46] [S47] [S48] [S49] [S50] every data message of the vectors", () => {
  test("in Bun", () => {
    expect(wrongMessages(vectors)).toEqual([]);
    expect(vectors.batches.valid.length).toBeGreaterThan(10);
  });

  test.skipIf(node === undefined)(
    "in Node 22",
    async () => {
      await Bun.write(
        `${folder}/main.cjs`,
        `console.log(JSON.stringify(require("node:vm").runInThisContext(${JSON.stringify(script)})));`,
      );
      const child = Bun.spawn([node!, `${folder}/main.cjs`], { stdout: "pipe" });
      expect(await new Response(child.stdout).json()).toEqual([]);
    },
    TEST_MS,
  );

  test.skipIf(chromium === undefined)(
    "in a browser",
    async () => {
      const browser = await launchBrowser(chromium!);
      try {
        const page = await browser.newPage();
        expect(await page.evaluate<unknown>(script)).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    TEST_MS,
  );
});

describe("a reader that was written from the text", () => {
  for (const { name, hex, isOnlyRead: _, ...batch } of vectors.batches.valid) {
    test(`reads a batch: ${name}`, () => {
      const { entries, ...header } = readBatch(Uint8Array.fromHex(hex));
      expect({ ...header, entries: entries.map(vectorOf) }).toEqual({
        ...batch,
        entries: [...batch.entries],
      });
    });
  }

  for (const { name, hex } of vectors.batches.invalid) {
    test(`refuses a batch: ${name}`, () => {
      expect(() => readBatch(Uint8Array.fromHex(hex))).toThrow(RangeError);
    });
  }
});

function vectorOf(entry: SecondEntry): EntryVector {
  const { index } = entry;
  switch (entry.kind) {
    case "frame": {
      const { isKey, number, teleports, revision, captureTimeUs, payload } = entry;
      const frame = { isKey, number, teleports, revision, captureTimeUs };
      return { index, frame: { ...frame, payload: payload.toHex() } };
    }
    case "skeleton":
      return { index, skeleton: { id: entry.id, payload: entry.payload.toHex() } };
    case "out of sight":
      return { index, outOfSight: true };
  }
}

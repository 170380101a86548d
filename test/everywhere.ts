// Runs a module of test/runtimes/ in Bun, Node 22 and a browser, and compares what it says.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { launchBrowser } from "./browser.ts";
import { CHROMIUM, NODE, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const node = requireTool(NODE);
const chromium = requireTool(CHROMIUM);

export interface EverywhereOptions {
  /** The module, in test/runtimes/. */
  readonly file: string;
  /** What the module exports is called here, as the code of an expression. */
  readonly expression: string;
  /** The same in this process. */
  readonly here: () => unknown;
  readonly expected: unknown;
}

export function describeEverywhere(name: string, options: EverywhereOptions): void {
  const { file, expression, here, expected } = options;
  describe(name, () => {
    let folder: string;
    let script: string;
    beforeAll(async () => {
      folder = await mkdtemp(`${tmpdir()}/avatar-sync-everywhere-`);
      const { outputs } = await Bun.build({
        entrypoints: [`${import.meta.dir}/runtimes/${file}`],
        target: "browser",
        format: "esm",
      });
      const module = (await outputs[0].text()).replace(/export \{[^}]*\};?/, "");
      script = `${module}\n(${expression})`;
    });
    afterAll(() => rm(folder, { recursive: true }));

    test("in Bun", () => {
      expect(here()).toEqual(expected);
    });

    test.skipIf(node === undefined)(
      "in Node 22",
      async () => {
        await Bun.write(
          `${folder}/main.cjs`,
          `console.log(JSON.stringify(require("node:vm").runInThisContext(${JSON.stringify(script)})));
           process.exit();`,
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
          expect(await page.evaluate<unknown>(script)).toEqual(expected);
        } finally {
          await browser.close();
        }
      },
      TEST_MS,
    );
  });
}

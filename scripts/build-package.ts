// bun scripts/build-package.ts, run by `npm pack`: writes lib/, what the package runs. tsconfig.package.json
// names its entries, and package.json's exports what people import.
//
// tsc writes it and no bundler: one file a source, so that a class is the same class in every export, and
// bundlers drop what an application does not use. The page alone is bundled.
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { BuiltPage } from "../src/page/built-page.ts";
import { bundlePage } from "../src/page/page-bundle.ts";

const ROOT = join(import.meta.dir, "..");
const LIB = join(ROOT, "lib");
const RELATIVE_IMPORT = /\b(from |import\()"(\.[^"]+)\.ts"/g;

await rm(LIB, { recursive: true, force: true });
const tsc = Bun.spawn([process.execPath, "x", "tsc", "-p", "tsconfig.package.json"], {
  cwd: ROOT,
  stdio: ["ignore", "inherit", "inherit"],
});
if ((await tsc.exited) !== 0) process.exit(1);
await keepPublicDeclarations();
await BuiltPage.write(join(LIB, "page", "assets"), await bundlePage());
await writeRefusal();

/** Leaves the declarations that an export leads to, and names `.js` in them: tsc does so in code only. */
async function keepPublicDeclarations(): Promise<void> {
  const kept = new Set<string>();
  const add = async (path: string): Promise<void> => {
    if (kept.has(path)) return;
    kept.add(path);
    const text = await Bun.file(path).text();
    await Bun.write(path, text.replaceAll(RELATIVE_IMPORT, '$1"$2.js"'));
    for (const [, , target] of text.matchAll(RELATIVE_IMPORT)) {
      await add(`${join(dirname(path), target)}.d.ts`);
    }
  };
  for (const target of Object.values(packageJson.exports)) {
    if (typeof target === "object") await add(join(ROOT, target.types));
  }
  for (const name of await readdir(LIB, { recursive: true })) {
    const path = join(LIB, name);
    if (name.endsWith(".d.ts") && !kept.has(path)) await rm(path);
  }
}

/**
 * What `import "avatar-sync"` loads anywhere but in Bun. It has the server's names: without them an
 * engine complains about a missing export before it runs the line that says why.
 */
async function writeRefusal(): Promise<void> {
  const names = Object.keys(await import("../src/server.ts"));
  const message =
    'The server of avatar-sync (import "avatar-sync") needs Bun. Run this program with Bun ' +
    '("npm install bun", then "npx bun FILE"), or start the server on its own with "npx avatar-sync". ' +
    '"avatar-sync/client", "avatar-sync/codec" and "avatar-sync/three" run here.';
  const text = `export let ${names.join(", ")};\nthrow new Error(${JSON.stringify(message)});\n`;
  await Bun.write(join(ROOT, packageJson.exports["."].default), text);
}

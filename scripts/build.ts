// npm run build [-- --target linux-x64]: one executable with the page and the demo's clips inside.
import { mkdir, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { PageAsset } from "../src/http/page-assets.ts";
import { bundlePage } from "../src/page/page-bundle.ts";

const TARGETS = ["windows-x64", "linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"] as const;
const ROOT = `${import.meta.dir}/..`;
const DIST = `${ROOT}/dist`;

function fail(message: string): never {
  console.error(`build: ${message}`);
  process.exit(2);
}

function readTarget(): (typeof TARGETS)[number] | undefined {
  let name: string | undefined;
  try {
    name = parseArgs({ options: { target: { type: "string" } } }).values.target;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  if (name === undefined) return undefined;
  return (
    TARGETS.find((target) => target === name) ??
    fail(`--target ${name}: expected ${TARGETS.join(", ")}`)
  );
}

/** A module that runs the command line with the page's files as constants. */
function entrySource(assets: ReadonlyMap<string, PageAsset>): string {
  const rows = Array.from(assets, ([path, { contentType, etag, bytes }]) => {
    const literals = [path, contentType, etag, bytes.toBase64()].map((text) =>
      JSON.stringify(text),
    );
    return `[${literals.join(", ")}],`;
  });
  return `// Made by scripts/build.ts.
import { main } from "../src/cli/main.ts";

const assets = new Map(
  [${rows.join("\n")}].map(([path, contentType, etag, base64]) => [
    path,
    { contentType, etag, bytes: Uint8Array.fromBase64(base64) },
  ]),
);
process.exit(await main(process.argv.slice(2), { get: async (path) => assets.get(path) }));
`;
}

const target = readTarget();
const entry = `${DIST}/entry.ts`;
const name = target === undefined ? "avatar-sync" : `avatar-sync-${target}`;
await mkdir(DIST, { recursive: true });
const assets = await bundlePage();
await Bun.write(entry, entrySource(assets));
await Bun.build({
  entrypoints: [entry],
  minify: true,
  compile: {
    outfile: `${DIST}/${name}`,
    ...(target === undefined ? {} : { target: `bun-${target}` as const }),
  },
});
await rm(entry);
const file = target === "windows-x64" ? `${name}.exe` : name;
const megabytes = Math.round(Bun.file(`${DIST}/${file}`).size / 1e6);
console.log(`dist/${file} (${megabytes} MB)`);
const client = assets.get("/client.js")!.bytes;
const kilobytes = (bytes: Uint8Array) => (bytes.length / 1000).toFixed(1);
console.log(
  `client and codec, minified: ${kilobytes(client)} KB, ${kilobytes(Bun.gzipSync(client))} KB gzip`,
);

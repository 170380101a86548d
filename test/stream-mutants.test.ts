// The vectors catch a wrong reader: each plausible mistake, patched into a copy of ours, fails one of them.
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { STREAM_MUTANTS } from "./mutants/stream-mutants.ts";

const CODEC = new URL("../src/codec", import.meta.url).pathname;
const VECTORS = new URL("../vectors/stream.json", import.meta.url).pathname;
const MODULE = new URL("./mutants/stream-codec.ts", import.meta.url).pathname;
const READER = new URL("./mutants/read-mutants.ts", import.meta.url).pathname;
/** A mutant that never ends takes its process with it: those after it are told as missing. */
const READ_MS_MAX = 50_000;

/** What one copy made of the vectors: the first that it misread, or null. */
interface Result {
  readonly copy: string;
  readonly misread: string | null;
}

const folder = await mkdtemp(`${tmpdir()}/avatar-sync-mutants-`);
const ours = await bundle("ours", "", (text) => text);
const faults = new Map<string, string>();
const copies: string[] = [];
for (const [index, { file, from, to }] of STREAM_MUTANTS.entries()) {
  let count = 0;
  const copy = await bundle(String(index), file, (text) => {
    const parts = text.split(from);
    count = parts.length - 1;
    return parts.join(to);
  });
  if (count !== 1)
    faults.set(copy, `src/codec/${file} has this ${count} times, not once:\n${from}`);
  copies.push(copy);
}
const readable = [ours, ...copies.filter((copy) => !faults.has(copy))];
const processCount = Math.min(4, availableParallelism());
const misread = new Map(
  (
    await Promise.all(
      Array.from({ length: processCount }, (_, process) =>
        readCopies(readable.filter((_copy, at) => at % processCount === process)),
      ),
    )
  )
    .flat()
    .map((result) => [result.copy, result.misread]),
);
await rm(folder, { recursive: true });

/** Writes the reader as one module, with a file of it changed, and returns the module's path. */
async function bundle(
  name: string,
  file: string,
  change: (text: string) => string,
): Promise<string> {
  const changed = join(CODEC, file);
  const { outputs } = await Bun.build({
    entrypoints: [MODULE],
    target: "bun",
    plugins: [
      {
        name: "mutant",
        setup: (build) => {
          build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const text = await Bun.file(path).text();
            return { contents: path === changed ? change(text) : text, loader: "ts" };
          });
        },
      },
    ],
  });
  const path = join(folder, `${name}.js`);
  await Bun.write(path, outputs[0]);
  return path;
}

async function readCopies(list: readonly string[]): Promise<Result[]> {
  const child = Bun.spawn([process.execPath, READER, VECTORS, ...list], {
    stdout: "pipe",
    timeout: READ_MS_MAX,
  });
  const text = await new Response(child.stdout).text();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Result);
}

test("our reader reads every vector", () => {
  expect(misread.get(ours)).toBeNull();
});

test("every rule that concerns a reader has a mutant", () => {
  const writers = new Set([7, 9, 29, 31, 32, 33, 34, 35, 36]);
  const rules = Array.from({ length: 36 }, (_, index) => index + 1).filter((n) => !writers.has(n));
  const cited = new Set(STREAM_MUTANTS.map(({ rule }) => Number.parseInt(rule.slice(1))));
  expect(rules.filter((rule) => !cited.has(rule))).toEqual([]);
});

describe("a vector fails for a reader that", () => {
  for (const [index, { rule, mistake }] of STREAM_MUTANTS.entries()) {
    const copy = copies[index];
    const vector = misread.get(copy);
    test(`[${rule}] ${mistake}: ${vector ?? "none"}`, () => {
      expect(faults.get(copy)).toBeUndefined();
      expect(vector).toBeString();
      expect(vector).not.toStartWith("it does not load");
    });
  }
});

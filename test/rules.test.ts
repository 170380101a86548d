// The rules of docs/protocol.md and docs/stream-encoding.md: each is shown by a test that cites its number, and nothing
// cites a rule that does not exist.
import { expect, test } from "bun:test";

const ROOT = new URL("..", import.meta.url).pathname;
const RULE = String.raw`\[([JBHSE]\d+[a-z]?)\]`;

/** Matching files with their text. */
async function* texts(pattern: string) {
  for await (const path of new Bun.Glob(pattern).scan(ROOT)) {
    if (path.includes("node_modules")) continue;
    yield { path, text: await Bun.file(ROOT + path).text() };
  }
}

const rules: string[] = [];
for (const name of ["protocol", "stream-encoding"]) {
  const text = await Bun.file(`${ROOT}docs/${name}.md`).text();
  rules.push(
    ...Array.from(text.matchAll(new RegExp(String.raw`\*\*${RULE}\*\*`, "g")), ([, id]) => id),
  );
}

// The names of tests and of groups of tests, as string literals.
const NAME =
  /\b(?:test|describe|describeEverywhere|inRoom)(?:\.\w+(?:\([^()]*\))?)?\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g;

const cited = new Set<string>();
for (const pattern of ["src/**/*.test.ts", "test/**/*.ts"]) {
  for await (const { text } of texts(pattern)) {
    for (const [, , name] of text.matchAll(NAME)) {
      for (const [, id] of name.matchAll(new RegExp(RULE, "g"))) cited.add(id);
    }
  }
}

test("no number is given to two rules", () => {
  expect(rules.length).toBeGreaterThan(190);
  expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
});

test("every rule is cited by the name of a test", () => {
  expect(rules.filter((id) => !cited.has(id))).toEqual([]);
});

test("nothing cites a rule that does not exist", async () => {
  const unknown: string[] = [];
  for (const pattern of [
    "{src,test,scripts,bench,viewer}/**/*.{ts,mjs}",
    "{docs,vectors}/*.md",
    "*.md",
  ]) {
    for await (const { path, text } of texts(pattern)) {
      for (const [, id] of text.matchAll(new RegExp(RULE, "g"))) {
        if (!rules.includes(id)) unknown.push(`${path}: [${id}]`);
      }
    }
  }
  expect(unknown).toEqual([]);
});

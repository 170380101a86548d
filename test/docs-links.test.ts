// Links of the documents: each leads to a file that exists, and to a heading that is in it.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;
const DOCUMENTS = ["*.md", "docs/*.md", "examples/*/*.md", "vectors/*.md"].flatMap((pattern) => [
  ...new Bun.Glob(pattern).scanSync(ROOT),
]);

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** A document without its code, which may hold brackets that are not links. */
const proseOf = (path: string) => read(path).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "");

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): Set<string> {
  const text = read(path).replaceAll(/```[\s\S]*?```/g, "");
  return new Set(
    Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function isBroken(document: string, link: string): boolean {
  const [path, anchor] = link.split("#");
  const target = path === "" ? document : join(dirname(document), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && (!target.endsWith(".md") || !anchorsOf(target).has(anchor));
}

for (const document of DOCUMENTS) {
  test(`the links of ${document} lead somewhere`, () => {
    const links = Array.from(proseOf(document).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link);
    const own = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(own.filter((link) => isBroken(document, link))).toEqual([]);
  });
}

test("there are documents to check", () => {
  expect(DOCUMENTS).toContain("README.md");
  expect(DOCUMENTS).toContain("docs/client.md");
});

// The examples of the documents and sources, found where they are written.
//
// Examples are complete modules. One that is a fragment has its beginning in a comment before its fence:
//
//   <!-- example prelude
//   const draw = (id: string, pose: object): void => {};
//   -->
import { Glob } from "bun";
import { join } from "node:path";

/** One example. */
export interface Example {
  /** File and line, `README.md:83`. */
  readonly place: string;
  /** What has to come before the code, else empty. */
  readonly prelude: string;
  readonly code: string;
  /** The page that the code is a script of; undefined for a module. */
  readonly page: string | undefined;
}

const MARKDOWN = ["README.md", "docs/*.md"];
// Their first comment has the example of an export.
const ENTRIES = "src/{codec,client,three}/index.ts";
const SOURCES = "src/{codec,protocol,client,three,embed}/**/*.ts";

// The last group of a fence is its text; a prelude may be right before it.
const FENCE = /(?:<!-- example prelude\n([^]*?)-->\s*)?^```(ts|js|html)\n([^]*?)^```$/gm;
const MODULE_SCRIPT = /<script type="module">\n?([^]*?)<\/script>/g;
const TSDOC_EXAMPLE = /@example[^\n]*\n[ *]*```ts\n([^]*?)\n[ *]*```/g;

/** All examples below `root`. */
export async function findExamples(root: string): Promise<Example[]> {
  const examples: Example[] = [];
  for (const path of filesOf(root, MARKDOWN)) {
    examples.push(...examplesOfMarkdown(path, await read(root, path)));
  }
  for (const path of filesOf(root, [ENTRIES])) {
    const code = headExampleOf(await read(root, path));
    if (code !== "") examples.push({ place: `${path}:1`, prelude: "", code, page: undefined });
  }
  for (const path of filesOf(root, [SOURCES])) {
    const text = await read(root, path);
    for (const match of text.matchAll(TSDOC_EXAMPLE)) {
      const code = match[1].replace(/^ *\* ?/gm, "");
      examples.push({
        place: placeOf(path, text, match.index),
        prelude: "",
        code,
        page: undefined,
      });
    }
  }
  return examples;
}

/** The examples of a Markdown file: fences of `ts` and `js`, and module scripts of `html` fences. */
export function examplesOfMarkdown(path: string, text: string): Example[] {
  return [...text.matchAll(FENCE)].flatMap((match): Example[] => {
    const [whole, prelude = "", language, body] = match;
    const place = placeOf(path, text, match.index + whole.indexOf("```"));
    if (language !== "html") return [{ place, prelude, code: body, page: undefined }];
    return [...body.matchAll(MODULE_SCRIPT)].map(([, code]) => {
      return { place, prelude, code, page: body };
    });
  });
}

/** The lines of a file's first comment that are indented: `//   code`. */
function headExampleOf(text: string): string {
  const lines = text.split("\n");
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("//")),
  );
  return head
    .filter((line) => line.startsWith("//   ") || line === "//")
    .map((line) => line.slice("//   ".length))
    .join("\n")
    .trim();
}

function filesOf(root: string, patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => [...new Glob(pattern).scanSync(root)].toSorted());
}

function read(root: string, path: string): Promise<string> {
  return Bun.file(join(root, path)).text();
}

function placeOf(path: string, text: string, index: number): string {
  return `${path}:${text.slice(0, index).split("\n").length}`;
}

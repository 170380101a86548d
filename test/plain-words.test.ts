// Plain words: idioms that a reader must decode are named with their file and line.
import { describe, expect, test } from "bun:test";

const ROOT = new URL("..", import.meta.url).pathname;

const FILES = [
  "*.md",
  "{src,viewer,docs,examples,bench,scripts,test,vectors}/**/*.{ts,tsx,js,mjs,html,css,md,go,py,sh}",
];

// The idioms themselves are here.
const SELF = "test/plain-words.test.ts";

/** An idiom, written as a regular expression with plain spaces, and the common words for it. */
interface Idiom {
  readonly idiom: string;
  readonly instead: string;
  readonly examples: readonly string[];
  /** Good English that resembles the idiom. */
  readonly allowed: readonly string[];
}

// Bodies do stand: on a floor, upright, still.
const BODY =
  "who|people|players?|avatars?|figures?|bodies|body|everybody|somebody|nobody|feet|heads?";
const POSTURE =
  "still|upright|straight|apart|inside|frozen|nearest|closer|on (?:the|a) (?:floor|ground)|side by side|by itself|in a T|in for";

const VERB = "is|are|was|were|has|have|had|does|do|did|will|would|may|might|can|cannot|could|must";
const CAUSE_VERB = `${VERB}|asks?|holds?|held|still|tells?|keeps?|needs?|makes?|costs?|saves?|shows?|only`;

const IDIOMS: readonly Idiom[] = [
  {
    idiom: `(?<!\\b(?:${BODY}) (?:would |may |must )?)\\b(?:stands?|stood)\\b(?!-| (?:${POSTURE})\\b)`,
    instead: "is, are",
    examples: ["what stands in docs", "the byte that cannot stand there", "what stood before it"],
    allowed: [
      "it understands",
      "who stands nearest",
      "an avatar stands still",
      "a stand-in for it",
    ],
  },
  {
    idiom: "\\bat the (?:most|least)\\b(?! [a-z]+ (?:of|part)\\b)",
    instead: "at most, at least",
    examples: ["4 KiB at the most", "begins at the\n// least again"],
    allowed: ["at most", "at the latest"],
  },
  {
    idiom: "\\bso many\\b",
    instead: "n layers",
    examples: ["the lowest so many layers"],
    allowed: ["how many layers"],
  },
  {
    idiom: "\\bas (?:many|much|long|often)(?: [a-z]+)? as it takes\\b",
    instead: "n layers",
    examples: ["as many as it takes", "over as many sockets as it takes"],
    allowed: ["as long as it has frames"],
  },
  {
    idiom: "\\bread(?:s|ing)? over\\b(?! (?:HTTP|TCP|WebSocket|a socket|the network)\\b)",
    instead: "ignores",
    examples: ["receivers read over it", "is then read\n   * over"],
    allowed: ["reads over HTTP", "reads overlap"],
  },
  {
    idiom: "\\bat (?:its|their|his|her|your) word\\b",
    instead: "accepts",
    examples: ["takes it at its word"],
    allowed: ["at its words"],
  },
  {
    idiom: "\\banew\\b",
    instead: "again",
    examples: ["begins the stream anew"],
    allowed: ["a new stream"],
  },
  {
    idiom: "\\b(?:go|goes|going|went|gone) on\\b(?! (?:the|an?|its|their|top)\\b)",
    instead: "continue",
    examples: ["the connection goes on", "goes on to the next multiple"],
    allowed: ["goes on the wire", "goes only there"],
  },
  {
    idiom: "\\b(?:give|gives|giving|gave|given) way\\b",
    instead: "is overwritten",
    examples: ["one that a client sends gives way"],
    allowed: ["gives a way"],
  },
  {
    idiom: "\\bwhere there (?:is|are|was|were)\\b",
    instead: "if missing",
    examples: ["null where there is none"],
    allowed: ["where they are"],
  },
  {
    idiom: "\\bnew if there (?:is|are|was|were) none\\b",
    instead: "creating it if needed",
    examples: ["The name of that player, new if there was none."],
    allowed: ["undefined if there is none"],
  },
  {
    idiom: "\\bwhere an? [a-z-]+ (?:has|have|had)\\b",
    instead: "if a machine has",
    examples: ["where a machine has two networks"],
    allowed: ["where a figure is"],
  },
  {
    idiom: "\\bwho(?:ever)? reaches\\b",
    instead: "whoever can reach",
    examples: ["who reaches the port"],
    allowed: ["whoever can reach the port"],
  },
  {
    idiom: "\\bone that is\\b",
    instead: "a receiver that is",
    examples: ["one that is behind"],
    allowed: ["a receiver that is behind"],
  },
  {
    idiom:
      `, for (?:(?:it|they|he|she|we|there|nobody|nothing|until|otherwise|past)\\b|(?:that|this|these|those) (?:${CAUSE_VERB})\\b` +
      `|(?:the|an?|its|their|our|one|every|each|no|all|another|some) (?:(?!who |that |which |to )[\\w'-]+ ){1,3}(?:${CAUSE_VERB})\\b)`,
    instead: "because",
    examples: [
      ", for that is known from places alone",
      ", for the\n// dropped component is the largest",
      ", for there was no connection",
    ],
    allowed: [
      ", for those who poll",
      ", for a server that has decoded it",
      ", for the CLI and bench",
    ],
  },
  {
    // At the start of a comment only: the lines after it continue a sentence.
    idiom: `(?<=(?<!^[\\t\\x20]*(?://|#).*\\n)^.*(?://|#|/\\*\\*?)\\x20|/\\*\\*\\n[\\t\\x20]*\\*\\x20)(?:It|(?:That|This) (?:${VERB}))\\b`,
    instead: "the thing's name",
    examples: [
      "  // It has ended meanwhile.",
      "/** This is the newest frame. */",
      "go(); // It went.",
    ],
    allowed: [
      "// A frame.\n// It is new.",
      "/** This side's player. */",
      "It is a list of // markers.",
    ],
  },
];

/** Matches the idiom also where a line, and in a comment its marker, is between two words. */
function pattern(idiom: string): RegExp {
  return new RegExp(
    idiom.replaceAll(" ", String.raw`(?:[ \t]+|\s*\n[ \t]*(?:(?://|\*|#|>)[ \t]+)?)`),
    "gm",
  );
}

/** Each match as `file:line: text (instead: …)`. What follows `// Not:` is an example of what not to write. */
function findings(path: string, source: string): string[] {
  const text = source.replaceAll(/\/\/ Not: .*$/gm, "");
  return IDIOMS.flatMap(({ idiom, instead }) =>
    Array.from(text.matchAll(pattern(idiom)), ({ 0: found, index }) => {
      const line = text.slice(0, index).split("\n").length;
      return `${path}:${line}: "${found.replaceAll(/\s+/g, " ")}" (instead: ${instead})`;
    }),
  );
}

describe("an idiom", () => {
  for (const { idiom, examples, allowed } of IDIOMS) {
    test(`${examples[0].trim()} is found, and nothing that resembles it`, () => {
      for (const example of examples) expect(example).toMatch(pattern(idiom));
      for (const each of allowed) expect(each).not.toMatch(pattern(idiom));
    });
  }
});

test("docs, code and tests have no idiom that must be decoded", async () => {
  const found: string[] = [];
  let files = 0;
  for (const path of FILES.flatMap((each) => [...new Bun.Glob(each).scanSync(ROOT)])) {
    if (path === SELF || /(?:^|\/)(?:node_modules|dist)\//.test(path)) continue;
    files++;
    found.push(...findings(path, await Bun.file(`${ROOT}${path}`).text()));
  }
  expect(files).toBeGreaterThan(200);
  expect(found.toSorted()).toEqual([]);
});

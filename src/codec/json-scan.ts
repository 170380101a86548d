// A small JSON scanner for what JSON.parse does not tell: where text stops being JSON, and where the members
// of the top-level object are. Iterative, so no nesting can exhaust the stack.
import { memberStep } from "./json-path.ts";

/** The index where text stops being JSON, and what the grammar allows there. */
export interface SyntaxFault {
  readonly index: number;
  readonly expected: string;
  /** The JSON path of the value there, or of the member before it where a key was expected. */
  readonly path: string;
}

// A frame has five levels. Deeper ones are left out of a path.
const PATH_STEPS_MAX = 16;

/** A member of the top-level object: its key, and its text from the key's quote to the value's end. */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** The first place where `text` stops being JSON. Call it only with text that JSON.parse refused. */
export function findSyntaxError(text: string): SyntaxFault {
  try {
    scan(text);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  // Only if our grammar differs from the engine's, which it should not.
  return { index: text.length, expected: "JSON", path: "$" };
}

/** The members of the object that `text` holds, duplicates included. `text` must be valid JSON. */
export function topLevelMembers(text: string): Member[] {
  const members: Member[] = [];
  scan(text, (member) => members.push(member));
  return members;
}

class Fault extends Error implements SyntaxFault {
  readonly index: number;
  readonly expected: string;
  readonly path: string;

  constructor(index: number, expected: string, path: string) {
    super(expected);
    this.index = index;
    this.expected = expected;
    this.path = path;
  }
}

/** An object or array that is open, and where in it the scanner is. */
interface Opening {
  readonly closer: "}" | "]";
  /** Of the newest entry of an array. */
  index: number;
  /** Of the newest key of an object, quotes included; -1 before the first. */
  keyStart: number;
  keyEnd: number;
}

const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// Characters of a string up to the next quote, escape or fault.
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LITERALS = ["true", "false", "null"];

function scan(text: string, onTopLevelMember?: (member: Member) => void): void {
  let at = 0;
  const open: Opening[] = [];

  const fault = (expected: string) => new Fault(at, expected, pathOf(text, open));
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? -1;
  };
  const skipSpace = () => (at += match(WHITE_SPACE));
  const skipString = () => {
    at++;
    for (;;) {
      at += match(PLAIN_CHARACTERS);
      if (text[at] === '"') break;
      if (text[at] !== "\\") throw fault('a string character or "');
      const length = match(ESCAPE);
      if (length < 0) throw fault("a valid escape");
      at += length;
    }
    at++;
  };
  const readKey = (owner: Opening) => {
    if (text[at] !== '"') throw fault("a property name in quotes");
    const start = at;
    skipString();
    owner.keyStart = start;
    owner.keyEnd = at;
    skipSpace();
    if (text[at] !== ":") throw fault('":"');
    at++;
  };

  for (;;) {
    skipSpace();
    const first = text[at];
    if (first === "{" || first === "[") {
      at++;
      const closer = first === "{" ? "}" : "]";
      const owner: Opening = { closer, index: 0, keyStart: -1, keyEnd: -1 };
      open.push(owner);
      skipSpace();
      if (text[at] !== closer) {
        if (first === "{") readKey(owner);
        continue;
      }
      at++;
      open.pop();
    } else if (first === '"') {
      skipString();
    } else {
      const literal = LITERALS.find((word) => text.startsWith(word, at));
      const length = literal?.length ?? match(NUMBER);
      if (length < 0) throw fault("a value");
      at += length;
    }
    // A value ends here. A closing bracket also ends the value around it.
    for (;;) {
      const owner = open.at(-1);
      if (open.length === 1 && owner!.closer === "}" && onTopLevelMember !== undefined) {
        const key = JSON.parse(text.slice(owner!.keyStart, owner!.keyEnd)) as string;
        onTopLevelMember({ key, start: owner!.keyStart, end: at });
      }
      skipSpace();
      if (owner === undefined) {
        if (at < text.length) throw fault("the end of the text");
        return;
      }
      if (text[at] === owner.closer) {
        at++;
        open.pop();
        continue;
      }
      if (text[at] !== ",") throw fault(`"," or "${owner.closer}"`);
      at++;
      owner.index++;
      skipSpace();
      if (owner.closer === "}") readKey(owner);
      break;
    }
  }
}

function pathOf(text: string, open: readonly Opening[]): string {
  const steps = open.slice(0, PATH_STEPS_MAX).map(({ closer, index, keyStart, keyEnd }) => {
    if (closer === "]") return `[${index}]`;
    return keyStart < 0 ? "" : memberStep(JSON.parse(text.slice(keyStart, keyEnd)) as string);
  });
  return `$${steps.join("")}`;
}

// A small JSON scanner for what JSON.parse does not tell: where text stops being JSON, and where the members
// of the top-level object are. Iterative, so no nesting can exhaust the stack.

/** The index where text stops being JSON, and what the grammar allows there. */
export interface SyntaxFault {
  readonly index: number;
  readonly expected: string;
}

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
  return { index: text.length, expected: "JSON" };
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

  constructor(index: number, expected: string) {
    super(expected);
    this.index = index;
    this.expected = expected;
  }
}

const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// Characters of a string up to the next quote, escape or fault.
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LITERALS = ["true", "false", "null"];

function scan(text: string, onTopLevelMember?: (member: Member) => void): void {
  let at = 0;
  const closers: ("}" | "]")[] = [];
  let key = "";
  let keyStart = 0;

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
      if (text[at] !== "\\") throw new Fault(at, 'a string character or "');
      const length = match(ESCAPE);
      if (length < 0) throw new Fault(at, "a valid escape");
      at += length;
    }
    at++;
  };
  const readKey = () => {
    if (text[at] !== '"') throw new Fault(at, "a property name in quotes");
    const start = at;
    skipString();
    if (closers.length === 1) {
      keyStart = start;
      key = JSON.parse(text.slice(start, at)) as string;
    }
    skipSpace();
    if (text[at] !== ":") throw new Fault(at, '":"');
    at++;
  };

  for (;;) {
    skipSpace();
    const first = text[at];
    if (first === "{" || first === "[") {
      at++;
      const closer = first === "{" ? "}" : "]";
      closers.push(closer);
      skipSpace();
      if (text[at] !== closer) {
        if (first === "{") readKey();
        continue;
      }
      at++;
      closers.pop();
    } else if (first === '"') {
      skipString();
    } else {
      const literal = LITERALS.find((word) => text.startsWith(word, at));
      const length = literal?.length ?? match(NUMBER);
      if (length < 0) throw new Fault(at, "a value");
      at += length;
    }
    // A value ends here. A closing bracket also ends the value around it.
    for (;;) {
      if (closers.length === 1 && closers[0] === "}") {
        onTopLevelMember?.({ key, start: keyStart, end: at });
      }
      skipSpace();
      const closer = closers.at(-1);
      if (closer === undefined) {
        if (at < text.length) throw new Fault(at, "the end of the text");
        return;
      }
      if (text[at] === closer) {
        at++;
        closers.pop();
        continue;
      }
      if (text[at] !== ",") throw new Fault(at, `"," or "${closer}"`);
      at++;
      skipSpace();
      if (closer === "}") readKey();
      break;
    }
  }
}

// A small JSON scanner for what JSON.parse does not tell: where text stops being JSON, and where the members
// of the top-level object are. It reads UTF-8 bytes, each a few times at most, and allocates nothing for a value.
// Iterative, so no nesting can exhaust the stack.
import { memberStep } from "./json-path.ts";
import { escapeEnd, isPlain, isSpace, numberEnd } from "./json-tokens.ts";

/** The byte where text stops being JSON, and what the grammar allows there. */
export interface SyntaxFault {
  readonly byteOffset: number;
  readonly expected: string;
  /** The JSON path of the value there, or of the member before it where a key was expected. */
  readonly path: string;
}

/** A member of the top-level object: from its key's first quote to the value's end. */
export type OnMember = (keyStart: number, keyEnd: number, end: number) => void;

/** The first place where `bytes` stop being JSON. Call it only with UTF-8 that JSON.parse refused. */
export function findSyntaxError(bytes: Uint8Array): SyntaxFault {
  try {
    new Scanner(bytes).scan();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  // Only if our grammar differs from the engine's, which it should not.
  return { byteOffset: bytes.length, expected: "JSON", path: "$" };
}

/** Calls back for each member of the object in `bytes`, duplicates included. `bytes` must be valid JSON. */
export function eachTopLevelMember(bytes: Uint8Array, onMember: OnMember): void {
  new Scanner(bytes, onMember).scan();
}

/** The text of the key between these quotes, escapes resolved. */
export function keyOf(bytes: Uint8Array, keyStart: number, keyEnd: number): string {
  return JSON.parse(utf8.decode(bytes.subarray(keyStart, keyEnd))) as string;
}

/** Whether a text begins with a byte order mark, which is ignored. */
export const hasByteOrderMark = (bytes: Uint8Array) =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

export const BYTE_ORDER_MARK_BYTES = 3;

const utf8 = new TextDecoder();

// A frame has five levels. Deeper ones are left out of a path, and so is what is under a key of half a kilobyte.
const PATH_STEPS_MAX = 16;
const PATH_KEY_BYTES_MAX = 512;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LITERALS = ["true", "false", "null"].map((text) =>
  Array.from(text, (letter) => letter.charCodeAt(0)),
);

class Fault extends Error implements SyntaxFault {
  readonly byteOffset: number;
  readonly expected: string;
  readonly path: string;

  constructor(byteOffset: number, expected: string, path: string) {
    super(expected);
    this.byteOffset = byteOffset;
    this.expected = expected;
    this.path = path;
  }
}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #onMember: OnMember | undefined;
  #at: number;
  // Of each open object or array: its closer, the index of its newest entry, and its newest key (-1 before the first).
  readonly #closers: number[] = [];
  readonly #indices: number[] = [];
  readonly #keyStarts: number[] = [];
  readonly #keyEnds: number[] = [];

  constructor(bytes: Uint8Array, onMember?: OnMember) {
    this.#bytes = bytes;
    this.#onMember = onMember;
    this.#at = hasByteOrderMark(bytes) ? BYTE_ORDER_MARK_BYTES : 0;
  }

  /** @throws {Fault} */
  scan(): void {
    do this.#openOrSkipValue();
    while (this.#endValues());
  }

  /** Skips a value, up to the first of its values that holds no others. */
  #openOrSkipValue(): void {
    const bytes = this.#bytes;
    for (;;) {
      this.#skipSpace();
      const first = bytes[this.#at];
      if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return this.#skipScalar(first);
      this.#at++;
      const closer = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      this.#open(closer);
      this.#skipSpace();
      if (bytes[this.#at] === closer) {
        this.#close();
        return;
      }
      if (closer === CLOSE_BRACE) this.#readKey();
    }
  }

  /** A value has ended, and with it perhaps those around it. Returns whether another follows. */
  #endValues(): boolean {
    const closers = this.#closers;
    for (;;) {
      const depth = closers.length;
      if (depth === 1 && closers[0] === CLOSE_BRACE) {
        this.#onMember?.(this.#keyStarts[0], this.#keyEnds[0], this.#at);
      }
      this.#skipSpace();
      if (depth === 0) {
        if (this.#at < this.#bytes.length) throw this.#fault("the end of the text");
        return false;
      }
      const closer = closers[depth - 1];
      const byte = this.#bytes[this.#at];
      if (byte === closer) {
        this.#close();
        continue;
      }
      if (byte !== COMMA) throw this.#fault(`"," or "${String.fromCharCode(closer)}"`);
      this.#at++;
      this.#indices[depth - 1]++;
      this.#skipSpace();
      if (closer === CLOSE_BRACE) this.#readKey();
      return true;
    }
  }

  #open(closer: number): void {
    this.#closers.push(closer);
    this.#indices.push(0);
    this.#keyStarts.push(-1);
    this.#keyEnds.push(-1);
  }

  #close(): void {
    this.#at++;
    this.#closers.pop();
    this.#indices.pop();
    this.#keyStarts.pop();
    this.#keyEnds.pop();
  }

  #readKey(): void {
    if (this.#bytes[this.#at] !== QUOTE) throw this.#fault("a property name in quotes");
    const start = this.#at;
    this.#skipString();
    this.#keyStarts[this.#keyStarts.length - 1] = start;
    this.#keyEnds[this.#keyEnds.length - 1] = this.#at;
    this.#skipSpace();
    if (this.#bytes[this.#at] !== COLON) throw this.#fault('":"');
    this.#at++;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < bytes.length && isSpace(bytes[at])) at++;
    this.#at = at;
  }

  #skipScalar(first: number): void {
    if (first === QUOTE) return this.#skipString();
    const end = this.#scalarEnd(first);
    if (end < 0) throw this.#fault("a value");
    this.#at = end;
  }

  /** Where a literal or a number ends; -1 if there is none. */
  #scalarEnd(first: number): number {
    for (const literal of LITERALS) {
      if (first !== literal[0]) continue;
      const isWhole = literal.every((code, index) => this.#bytes[this.#at + index] === code);
      return isWhole ? this.#at + literal.length : -1;
    }
    return numberEnd(this.#bytes, this.#at);
  }

  #skipString(): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    for (;;) {
      while (at < bytes.length && isPlain(bytes[at])) at++;
      this.#at = at;
      if (bytes[at] === QUOTE) break;
      if (bytes[at] !== BACKSLASH) throw this.#fault('a string character or "');
      at = escapeEnd(bytes, at);
      if (at < 0) throw this.#fault("a valid escape");
    }
    this.#at++;
  }

  #fault(expected: string): Fault {
    return new Fault(this.#at, expected, this.#path());
  }

  #path(): string {
    let path = "$";
    for (let level = 0; level < Math.min(this.#closers.length, PATH_STEPS_MAX); level++) {
      if (this.#closers[level] === CLOSE_BRACKET) path += `[${this.#indices[level]}]`;
      else {
        const start = this.#keyStarts[level];
        const end = this.#keyEnds[level];
        if (end - start > PATH_KEY_BYTES_MAX) break;
        if (start >= 0) path += memberStep(keyOf(this.#bytes, start, end));
      }
    }
    return path;
  }
}

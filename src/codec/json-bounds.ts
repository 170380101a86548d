// Bounds on JSON text before anything parses it: how deep it nests, and how many values it has. One pass over the
// bytes, which stops at the bound.
import { DecodeError } from "./errors.ts";

/** Objects and arrays around a value. A frame has four; the rest is for properties of an application [J4]. */
export const JSON_DEPTH_MAX = 64;

/**
 * Values in a text: objects, arrays, strings, numbers, literals; keys are none. A bone has 16, so 1,024 bones and as many
 * blend shapes are 20,000. Parsing and keeping 50,000 takes a few milliseconds.
 */
export const JSON_VALUES_MAX = 50_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/**
 * Checks text that may be JSON.
 * @throws {DecodeError} `too_deep` or `too_many_values`, naming the byte where the bound is passed.
 */
export function checkJsonBounds(bytes: Uint8Array): void {
  let depth = 0;
  // Every value is the first of the text, the first in an object or array, or comes after a comma.
  let values = 1;
  let wasOpened = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte <= SPACE) continue;
    const isClosed = byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
    const isFirst = wasOpened && !isClosed;
    if ((isFirst || byte === COMMA) && ++values > JSON_VALUES_MAX) throw tooMany(at);
    wasOpened = byte === OPEN_BRACE || byte === OPEN_BRACKET;
    if (byte === QUOTE) at = stringEnd(bytes, at + 1);
    else if (isClosed) depth--;
    else if (wasOpened && ++depth > JSON_DEPTH_MAX) throw tooDeep(at);
  }
}

/** Where the closing quote is; the end if there is none. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return bytes.length;
}

function tooDeep(byteOffset: number): DecodeError {
  const detail = `expected at most ${JSON_DEPTH_MAX} objects and arrays inside each other`;
  return new DecodeError("too_deep", { byteOffset }, detail);
}

function tooMany(byteOffset: number): DecodeError {
  const detail = `expected at most ${JSON_VALUES_MAX} values`;
  return new DecodeError("too_many_values", { byteOffset }, detail);
}

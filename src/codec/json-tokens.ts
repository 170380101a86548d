// The smallest parts of JSON in UTF-8: white space, characters of strings, escapes, numbers.

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const ESCAPED = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** Whether a byte is white space of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether a byte may be in a string as it is. */
export function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
}

/** Where the escape at `start` ends; -1 if it is none. */
export function escapeEnd(bytes: Uint8Array, start: number): number {
  if (ESCAPED.has(bytes[start + 1])) return start + 2;
  if (bytes[start + 1] !== SMALL_U) return -1;
  for (let at = start + 2; at < start + 6; at++) if (!isHexDigit(bytes[at])) return -1;
  return start + 6;
}

function isHexDigit(byte: number): boolean {
  // 0x20 makes a capital letter a small one.
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** Where the longest number at `start` ends; -1 if there is none. */
export function numberEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  if (bytes[at] === MINUS) at++;
  if (!isDigit(bytes[at])) return -1;
  at = bytes[at] === ZERO ? at + 1 : digitsEnd(bytes, at);
  if (bytes[at] === POINT && isDigit(bytes[at + 1])) at = digitsEnd(bytes, at + 1);
  if ((bytes[at] | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  const digits = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  return isDigit(bytes[digits]) ? digitsEnd(bytes, digits) : at;
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && isDigit(bytes[at])) at++;
  return at;
}

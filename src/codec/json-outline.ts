// What a JSON frame is like apart from its numbers, and the server's time set in its bytes.
//
//   withServerTimestamp(bytes, outlineOf(document, bytes), seconds)   // the same bytes, stamped
import { completeFrame } from "./complete-frame.ts";
import { EncodeError } from "./errors.ts";
import type { FrameDocument } from "./json.ts";
import { BYTE_ORDER_MARK_BYTES, eachTopLevelMember, hasByteOrderMark, keyOf } from "./json-scan.ts";

/** What is the same in all documents of one shape. */
export interface FrameOutline {
  readonly boneCount: number;
  readonly blendShapeCount: number;
  /** The document has no member. */
  readonly isEmpty: boolean;
  /** Where `server_timestamp` is at the top level: once and as the last member, or anywhere else. */
  readonly serverTimestamp: "absent" | "last" | "elsewhere";
  /** Why the other formats cannot hold the frame; null if they can. */
  readonly misfit: EncodeError | null;
}

const encoder = new TextEncoder();

/** The outline of a document and its bytes. */
export function outlineOf(document: FrameDocument, bytes: Uint8Array): FrameOutline {
  return {
    boneCount: document.bones?.length ?? 0,
    blendShapeCount: document.blendShapes?.length ?? 0,
    isEmpty: isEmpty(document),
    serverTimestamp: Object.hasOwn(document, "server_timestamp")
      ? placeOfServerTimestamp(bytes)
      : "absent",
    misfit: misfitOf(document),
  };
}

/** Without a list of what may be 50,000 keys. */
function isEmpty(document: FrameDocument): boolean {
  for (const key in document) if (Object.hasOwn(document, key)) return false;
  return true;
}

function misfitOf(document: FrameDocument): EncodeError | null {
  try {
    completeFrame(document);
    return null;
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
}

function placeOfServerTimestamp(bytes: Uint8Array): "last" | "elsewhere" {
  let places = 0;
  let isLast = false;
  eachTopLevelMember(bytes, (keyStart, keyEnd) => {
    isLast = isKey(bytes, keyStart, keyEnd, "server_timestamp");
    if (isLast) places++;
  });
  return places === 1 && isLast ? "last" : "elsewhere";
}

/** Where the number of this member of the top-level object begins; -1 if there is none. */
export function numberOffset(bytes: Uint8Array, key: string): number {
  let end = -1;
  // Of several, the last one counts.
  eachTopLevelMember(bytes, (keyStart, keyEnd, memberEnd) => {
    if (isKey(bytes, keyStart, keyEnd, key)) end = memberEnd;
  });
  let start = end;
  while (isInNumber(bytes[start - 1])) start--;
  return start === end ? -1 : start;
}

/** Whether the key between these quotes is `key`, which is ASCII, in any spelling. */
function isKey(bytes: Uint8Array, keyStart: number, keyEnd: number, key: string): boolean {
  // Only a key with escapes needs a string made of it, and an escape takes six bytes at most.
  const length = keyEnd - keyStart - 2;
  if (length < key.length || length > ESCAPE_BYTES_MAX * key.length) return false;
  for (let index = 0; index < key.length; index++) {
    const byte = bytes[keyStart + 1 + index];
    if (byte === BACKSLASH) return keyOf(bytes, keyStart, keyEnd) === key;
    if (byte !== key.charCodeAt(index)) return false;
  }
  return length === key.length;
}

const ESCAPE_BYTES_MAX = 6;
const BACKSLASH = 0x5c;
const IN_NUMBERS = new Set(encoder.encode("-+.0123456789eE"));

const isInNumber = (byte: number | undefined) => byte !== undefined && IN_NUMBERS.has(byte);

/**
 * The bytes with `server_timestamp` set to `seconds` and everything else as it was, unknown
 * properties and the digits of numbers included. `outline` must be that of `bytes`.
 */
export function withServerTimestamp(
  bytes: Uint8Array,
  outline: Pick<FrameOutline, "isEmpty" | "serverTimestamp">,
  seconds: number,
): Uint8Array<ArrayBuffer> {
  const stamp = `"server_timestamp":${seconds}}`;
  const start = hasByteOrderMark(bytes) ? BYTE_ORDER_MARK_BYTES : 0;
  const end = bytes.lastIndexOf(CLOSING_BRACE); // only white space may follow it
  switch (outline.serverTimestamp) {
    case "absent":
      return joined(bytes.subarray(start, end), outline.isEmpty ? stamp : `,${stamp}`);
    case "last": {
      // Common: clients that send back what they read, or whose struct has the field. The last two quotes
      // are the key's.
      const keyEnd = bytes.lastIndexOf(QUOTE, end);
      return joined(bytes.subarray(start, bytes.lastIndexOf(QUOTE, keyEnd - 1)), stamp);
    }
    case "elsewhere": {
      const kept = new Uint8Array(bytes.length + 1);
      kept[0] = OPENING_BRACE;
      let length = 1;
      eachTopLevelMember(bytes, (keyStart, keyEnd, memberEnd) => {
        if (isKey(bytes, keyStart, keyEnd, "server_timestamp")) return;
        for (let at = keyStart; at < memberEnd; at++) kept[length++] = bytes[at];
        kept[length++] = COMMA;
      });
      return joined(kept.subarray(0, length), stamp);
    }
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

function joined(head: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const tail = encoder.encode(text);
  const out = new Uint8Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}

// What a JSON frame is like apart from its numbers, and the server's time set in its bytes.
//
//   withServerTimestamp(bytes, outlineOf(document, bytes), seconds)   // the same bytes, stamped
import { completeFrame } from "./complete-frame.ts";
import { EncodeError } from "./errors.ts";
import type { FrameDocument } from "./json.ts";
import { topLevelMembers } from "./json-scan.ts";

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

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** The outline of a document and its bytes. */
export function outlineOf(document: FrameDocument, bytes: Uint8Array): FrameOutline {
  return {
    boneCount: document.bones?.length ?? 0,
    blendShapeCount: document.blendShapes?.length ?? 0,
    isEmpty: Object.keys(document).length === 0,
    serverTimestamp: Object.hasOwn(document, "server_timestamp")
      ? placeOfServerTimestamp(bytes)
      : "absent",
    misfit: misfitOf(document),
  };
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
  const members = topLevelMembers(utf8.decode(bytes));
  const isLast = members.findIndex(({ key }) => key === "server_timestamp") === members.length - 1;
  return isLast ? "last" : "elsewhere";
}

/** Where the number of this member of the top-level object begins; -1 if there is none. */
export function numberOffset(bytes: Uint8Array, key: string): number {
  const text = utf8.decode(bytes);
  // Of several, the last one counts.
  const members = new Map(topLevelMembers(text).map((each) => [each.key, each]));
  const member = members.get(key);
  if (member === undefined) return -1;
  const digits = NUMBER_AT_END.exec(text.slice(member.start, member.end));
  if (digits === null) return -1;
  const before = encoder.encode(text.slice(0, member.end - digits[0].length)).length;
  return before + (hasByteOrderMark(bytes) ? BYTE_ORDER_MARK_BYTES : 0);
}

const NUMBER_AT_END = /[-+.\deE]+$/;

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
      const text = utf8.decode(bytes);
      const kept = topLevelMembers(text)
        .filter((member) => member.key !== "server_timestamp")
        .map((member) => text.slice(member.start, member.end));
      return encoder.encode(`{${[...kept, stamp].join(",")}`);
    }
  }
}

const BYTE_ORDER_MARK_BYTES = 3;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;

function joined(head: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const tail = encoder.encode(text);
  const out = new Uint8Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

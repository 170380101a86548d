// A clip: recorded frames, one JSON document a line, gzipped or not.
import { completeFrame, decodeJson } from "../codec/index.ts";
import type { AvatarFrame } from "../codec/index.ts";

/** Frames sorted by their time stamps, which count from the clip's start. */
export type Clip = readonly AvatarFrame[];

/** Each bone's parent by name, null for a root. */
export type ParentsByBone = Readonly<Record<string, string | null>>;

const GZIP_MAGIC = 0x1f;
const NEW_LINE = 0x0a;

/**
 * Reads NDJSON, gzipped or not. `parents` adds each bone's parent.
 * @throws {DecodeError} or {EncodeError} with the number of the line.
 */
export function decodeClip(bytes: Uint8Array<ArrayBuffer>, parents?: ParentsByBone): Clip {
  const text = bytes[0] === GZIP_MAGIC ? Bun.gunzipSync(bytes) : bytes;
  return splitLines(text).map((line, index) => {
    try {
      return withParents(completeFrame(decodeJson(line)), parents);
    } catch (error) {
      if (error instanceof Error) error.message = `line ${index + 1}: ${error.message}`;
      throw error;
    }
  });
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const newLine = bytes.indexOf(NEW_LINE, start);
    const end = newLine < 0 ? bytes.length : newLine;
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function withParents(frame: AvatarFrame, parents: ParentsByBone | undefined): AvatarFrame {
  if (parents === undefined) return frame;
  for (const bone of frame.bones) {
    if (Object.hasOwn(parents, bone.name)) bone.parent = parents[bone.name];
  }
  return frame;
}

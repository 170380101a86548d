// Frames for the simulation: cheap to make by the ten thousand, told apart by their x, and of all kinds
// that a room must cope with.
import type { Format } from "../../src/codec/index.ts";
import { encodeBinary } from "../../src/codec/index.ts";
import { smallFrame } from "../frames.ts";

/** `json-only`: has a long property that binary cannot hold [B9]. */
export const FRAME_KINDS = ["small", "large", "json-only"] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** What one client sends: frames of these kinds in turn. */
export const FRAME_MIXES: readonly (readonly FrameKind[])[] = [
  ["small"],
  ["large"],
  ["json-only"],
  ["small", "small", "json-only"],
];

const LARGE_BONES = 12;

// A few of them in a batch, and receivers are behind by bytes before they are by time.
const JSON_ONLY_TAIL = `,"mine":"${"x".repeat(10_000)}"}`;

// An x that no other number in the text looks like.
const MARK = 7_654_321;

function template(boneCount: number) {
  const frame = smallFrame(MARK);
  const [bone] = frame.bones;
  frame.bones = Array.from({ length: boneCount }, (_, index) => ({
    ...bone,
    name: `bone${index}`,
  }));
  const { server_timestamp: _, ...sent } = frame;
  const [head, tail] = JSON.stringify(sent).split(String(MARK));
  return { binary: encodeBinary(frame), head, tail };
}

const TEMPLATES = { small: template(2), large: template(LARGE_BONES) };
const encoder = new TextEncoder();

/** The frame of this x as a client would send it. A `json-only` one is JSON whatever the format. */
export function simulatedFrame(
  kind: FrameKind,
  format: Format,
  x: number,
): Uint8Array<ArrayBuffer> {
  const { binary, head, tail } = TEMPLATES[kind === "large" ? "large" : "small"];
  if (kind === "json-only")
    return encoder.encode(`${head}${x}${tail.slice(0, -1)}${JSON_ONLY_TAIL}`);
  if (format === "json") return encoder.encode(`${head}${x}${tail}`);
  const bytes = binary.slice();
  new DataView(bytes.buffer).setFloat32(0, x, true);
  return bytes;
}

// Frames for the simulation: cheap to make by the ten thousand, told apart by their number, and of all
// kinds that a room must cope with.
import { createPose, encodeBinary, poseOf, skeletonOf } from "../../src/codec/index.ts";
import type { Pose, Skeleton, StreamFormat } from "../../src/codec/index.ts";
import { StreamPublication } from "../../src/protocol/index.ts";
import { frameMessage } from "../frame-messages.ts";
import { smallFrame } from "../frames.ts";

/** `json-only`: has a long property that binary cannot hold [B9]. */
export const FRAME_KINDS = ["small", "large", "json-only"] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** What one client sends: frames of these kinds in turn. */
export const FRAME_MIXES: readonly (readonly FrameKind[])[] = [
  ["small"],
  ["large"],
  ["json-only"],
  ["small", "small", "large"],
  ["small", "small", "json-only"],
];

const LARGE_BONES = 12;

// A few of them fill a batch, so that receivers are behind in bytes before they are behind in time.
const JSON_ONLY_TAIL = `,"mine":"${"x".repeat(10_000)}"}`;

// A frame's number is written as its position in metres: x counts up to here, y counts how often. Every
// format holds both, the stream encoding to 1 mm within 2 km of the first frame.
const X_END = 1000;

/** The number of the frame at this position. */
export function frameNumberAt({ x, y }: { readonly x: number; readonly y: number }): number {
  return Math.round(x) + X_END * Math.round(y);
}

const [X_MARK, Y_MARK] = [7_654_321, 8_765_432];

/** A frame to write numbers into, as JSON text in three parts, as bytes, and as a pose. */
function template(boneCount: number) {
  const frame = smallFrame(X_MARK);
  frame.rootTransform.worldPosition.y = Y_MARK;
  const [bone] = frame.bones;
  frame.bones = Array.from({ length: boneCount }, (_, index) => ({
    ...bone,
    name: `bone${index}`,
  }));
  // The server sets this field.
  const { server_timestamp: _, ...sent } = frame;
  const text = JSON.stringify(sent).split(new RegExp(`${X_MARK}|${Y_MARK}`));
  const skeleton = skeletonOf(frame);
  const pose = poseOf(frame, createPose(skeleton));
  return { text, binary: encodeBinary(frame), skeleton, pose };
}

const TEMPLATES = { small: template(2), large: template(LARGE_BONES) };
const utf8 = new TextEncoder();

/** The frame of this number in JSON or binary; a `json-only` one must be JSON. */
export function simulatedFrame(
  kind: FrameKind,
  format: "json" | "binary",
  number: number,
): Uint8Array<ArrayBuffer> {
  const { text, binary } = TEMPLATES[kind === "large" ? "large" : "small"];
  const [x, y] = [number % X_END, Math.floor(number / X_END)];
  if (format === "json") {
    const end = kind === "json-only" ? text[2].slice(0, -1) + JSON_ONLY_TAIL : text[2];
    return utf8.encode(text[0] + x + text[1] + y + end);
  }
  const bytes = binary.slice();
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, x, true);
  view.setFloat32(4, y, true);
  return bytes;
}

/** One connection's frames as messages. */
export class SimPublisher {
  readonly #format: StreamFormat;
  readonly #publication = new StreamPublication();
  readonly #poses = new Map<Skeleton, Pose>();

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** The frame of this number, as near to this kind as the format allows. */
  messages(kind: FrameKind, number: number): Uint8Array<ArrayBuffer>[] {
    const fitting = kind === "json-only" && this.#format !== "json" ? "small" : kind;
    return this.#format === "stream"
      ? this.#streamMessages(fitting, number)
      : [frameMessage(simulatedFrame(fitting, this.#format, number))];
  }

  #streamMessages(kind: FrameKind, number: number): Uint8Array<ArrayBuffer>[] {
    const { skeleton, pose: still } = TEMPLATES[kind === "large" ? "large" : "small"];
    let pose = this.#poses.get(skeleton);
    if (pose === undefined) {
      pose = createPose(skeleton);
      pose.root.set(still.root);
      pose.bones.set(still.bones);
      this.#poses.set(skeleton, pose);
    }
    pose.root.set([number % X_END, Math.floor(number / X_END)]);
    const message = this.#publication.encode(skeleton, pose, { captureTimeUs: null }).slice();
    const { opening } = this.#publication;
    return opening === undefined ? [message] : [opening, message];
  }
}

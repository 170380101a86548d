// Receivers of parts of a stream: the `receivers` entries of vectors/stream.json.
import type { FrameVector } from "../test/stream-trace.ts";

/** A receiver of a part of a stream, by the places of its frames. */
export interface ReceiverVector {
  readonly name: string;
  readonly stream: string;
  /** The frame after which a server made the keyframe that this receiver begins with; null for none. */
  readonly newcomerAfter: number | null;
  readonly frames: readonly number[];
  /** Those of them whose reference is unknown. */
  readonly unknown: readonly number[];
}

/** Receivers of parts of a walk, and of a stream whose numbers come round. */
export function receiversOf(
  walk: { readonly name: string; readonly frames: readonly FrameVector[] },
  long: { readonly name: string; readonly frames: readonly FrameVector[] },
): ReceiverVector[] {
  const placesOf = (stream: typeof walk, keep: (frame: FrameVector, at: number) => boolean) =>
    stream.frames.flatMap((frame, at) => (keep(frame, at) ? [at] : []));
  const from = (first: number) => placesOf(walk, (_frame, at) => at >= first);
  const around = long.frames.findIndex(
    ({ number }, at) => at > 0 && number < long.frames[at - 1].number,
  );
  const again = (number: number) =>
    long.frames.findIndex((frame, at) => at >= around && frame.number === number);
  const part = (first: number, length: number) => Array.from({ length }, (_, at) => first + at);
  return [
    {
      name: "layer 0 alone",
      stream: walk.name,
      newcomerAfter: null,
      frames: placesOf(walk, ({ layer }) => layer === 0),
      unknown: [],
    },
    {
      name: "layers 0 and 1",
      stream: walk.name,
      newcomerAfter: null,
      frames: placesOf(walk, ({ layer }) => layer < 2),
      unknown: [],
    },
    {
      name: "a frame of layer 1 is lost",
      stream: walk.name,
      newcomerAfter: null,
      frames: [0, 1, 2, 3, 4, 5, 7, 8],
      unknown: [7],
    },
    {
      name: "the last of a group whose others are lost",
      stream: walk.name,
      newcomerAfter: null,
      frames: [0, 1, 2, 3, 4, 5, 6, 8, 9],
      unknown: [],
    },
    // Without the frame of layer 0: what refers to it, then all of that layer until a keyframe.
    {
      name: "a group is lost but for its end",
      stream: long.name,
      newcomerAfter: null,
      frames: [...part(0, 7), 9, 10, 11, 12, 13, 16, 20],
      unknown: [9, 10, 11, 12, 13, 16, 20],
    },
    {
      name: "after a gap of layer 0 numbers come round",
      stream: long.name,
      newcomerAfter: null,
      frames: [...part(0, 9), 16, again(12)],
      unknown: [16, again(12)],
    },
    {
      name: "a newcomer in the middle of a group",
      stream: walk.name,
      newcomerAfter: 5,
      frames: from(6),
      unknown: [],
    },
    {
      name: "a newcomer at the beginning of a group",
      stream: walk.name,
      newcomerAfter: 4,
      frames: from(5),
      unknown: [],
    },
    {
      name: "a newcomer after the publisher's keyframe",
      stream: walk.name,
      newcomerAfter: 9,
      frames: from(10),
      unknown: [],
    },
    {
      name: "a newcomer while numbers come round",
      stream: long.name,
      newcomerAfter: around - 2,
      frames: part(around - 1, 12),
      // A newcomer has no frame of layer 1.
      unknown: [around - 1],
    },
  ];
}

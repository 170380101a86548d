// Measures JSON and binary on one clip. JSON is TextDecoder + JSON.parse and JSON.stringify +
// TextEncoder, as a client does it. The server's check of a posted document, which need not parse it, is
// timed separately.
//
// Both start and end with bytes; in memory a frame is an object for JSON and a pose for binary. The
// skeleton does not change and one BinaryDecoder is kept, as a server keeps one for each player. A
// server decodes what it has just received, so a block of frames that stays in the caches is timed.
import { BinaryDecoder, BinaryEncoder, createPose, poseOf } from "../src/codec/index.ts";
import { JsonDecoder } from "../src/codec/json-decoder.ts";
import type { AvatarFrame, Pose } from "../src/codec/index.ts";
import { spread } from "./clips.ts";
import type { BenchClip } from "./clips.ts";
import { retainedBytes, timeInTurns } from "./measure.ts";

// 16 frames of 16 KB are a quarter of a megabyte: they fit the second cache of a current core.
const BLOCK_FRAMES = 16;
const ROUNDS = 15;
const RETAINED_FRAMES = 500;

/** Means per frame. */
export interface FormatFigures {
  readonly bytes: number;
  readonly encodeUs: number;
  readonly decodeUs: number;
  /** Heap bytes of one decoded frame while it is kept. */
  readonly memoryBytes: number;
}

export interface FormatsReport {
  readonly clip: string;
  readonly frames: number;
  readonly bones: number;
  readonly blendShapes: number;
  /** `checkUs` is the time of JsonDecoder for a frame that differs from the last one only in numbers. */
  readonly json: FormatFigures & { readonly checkUs: number };
  readonly binary: FormatFigures;
}

/** @throws {Error} if a frame of the clip does not come back from a format as it went in. */
export function measureFormats(clip: BenchClip, seconds: number): FormatsReport {
  const { name, frames, skeleton } = clip;
  const encoder = new BinaryEncoder(skeleton);
  const poses = frames.map((frame) => poseOf(frame, createPose(skeleton)));
  const json = frames.map(encodeText);
  const binary = poses.map((pose) => encoder.encode(pose));
  assertRoundTrips(clip, json, binary);

  const block = <T>(items: readonly T[]) => spread(items, BLOCK_FRAMES);
  const [blockFrames, blockPoses] = [block(frames), block(poses)];
  const [blockJson, blockBinary] = [block(json), block(binary)];
  const decoder = new BinaryDecoder();
  const jsonDecoder = new JsonDecoder();
  const timing = { blockLength: blockFrames.length, rounds: ROUNDS, seconds };
  const us = timeInTurns(
    {
      jsonDecode: (index) => decodeText(blockJson[index]),
      binaryDecode: (index) => decoder.decode(blockBinary[index]),
      jsonEncode: (index) => encodeText(blockFrames[index]),
      binaryEncode: (index) => encoder.encode(blockPoses[index]),
      jsonCheck: (index) => jsonDecoder.check(blockJson[index]),
    },
    timing,
  );
  // The decoder always writes into the same pose, so a frame that is kept must be copied.
  const keptPose = (index: number) => copyPose(decoder.decode(binary[index % frames.length]).pose);
  const keptFrame = (index: number) => decodeText(json[index % frames.length]);
  return {
    clip: name,
    frames: frames.length,
    bones: skeleton.boneNames.length,
    blendShapes: skeleton.blendShapeNames.length,
    json: {
      bytes: meanLength(json),
      encodeUs: us.jsonEncode,
      decodeUs: us.jsonDecode,
      checkUs: us.jsonCheck,
      memoryBytes: retainedBytes(keptFrame, RETAINED_FRAMES),
    },
    binary: {
      bytes: meanLength(binary),
      encodeUs: us.binaryEncode,
      decodeUs: us.binaryDecode,
      memoryBytes: retainedBytes(keptPose, RETAINED_FRAMES),
    },
  };
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

function encodeText(frame: AvatarFrame): Uint8Array<ArrayBuffer> {
  return textEncoder.encode(JSON.stringify(frame));
}

function decodeText(bytes: Uint8Array): AvatarFrame {
  return JSON.parse(textDecoder.decode(bytes)) as AvatarFrame;
}

/** JSON comes back exactly; binary comes back as the nearest f32, which is what a pose holds. */
function assertRoundTrips(
  { name, frames, skeleton }: BenchClip,
  json: readonly Uint8Array[],
  binary: readonly Uint8Array[],
): void {
  const decoder = new BinaryDecoder();
  const { boneNames, blendShapeNames } = skeleton;
  frames.forEach((frame, index) => {
    const decoded = decoder.decode(binary[index]);
    const sent = poseOf(frame, createPose(skeleton));
    const isExact =
      Bun.deepEquals(decodeText(json[index]), frame) &&
      Bun.deepEquals(decoded.pose, sent) &&
      Bun.deepEquals(decoded.skeleton, { boneNames, blendShapeNames });
    if (!isExact) throw new Error(`${name}: frame ${index + 1} does not survive its round trip`);
  });
}

function copyPose({ root, bones, blendShapes, timestamp, server_timestamp }: Pose): Pose {
  return {
    root: root.slice(),
    bones: bones.slice(),
    blendShapes: blendShapes.slice(),
    timestamp,
    server_timestamp,
  };
}

function meanLength(list: readonly Uint8Array[]): number {
  return list.reduce((total, { length }) => total + length, 0) / list.length;
}

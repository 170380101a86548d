// The stream encoding in whatever runtime this is: the vectors, and a hash of a long made-up stream. Runtimes
// agree bit for bit if all say the same.
import { createPose } from "../../src/codec/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import {
  createStreamSkeleton,
  decodeSkeleton,
  layerOf,
  StreamDecoder,
  StreamEncoder,
} from "../../src/codec/stream/index.ts";
import { bytesOf, hexOf, misreadVectors } from "./stream-reader.ts";
import type { FrameToRead, StreamToRead, VectorsToRead } from "./stream-reader.ts";

interface Frame extends FrameToRead {
  readonly pose: readonly number[];
  readonly forceKey: boolean;
  readonly captureTimeUs: number;
}

interface Stream extends StreamToRead {
  readonly frames: readonly Frame[];
}

interface Vectors extends VectorsToRead {
  readonly streams: readonly Stream[];
}

function fill(pose: Pose, numbers: readonly number[]): void {
  pose.root.set(numbers.slice(0, 10));
  pose.bones.set(numbers.slice(10, 10 + pose.bones.length));
  pose.blendShapes.set(numbers.slice(10 + pose.bones.length));
}

/** What does not come out as the vectors say. */
export function wrongVectors(vectors: Vectors): string[] {
  const wrong = [
    ...misreadVectors({ createPose, decodeSkeleton, layerOf, StreamDecoder }, vectors),
  ];
  for (const { name, skeleton, frames } of vectors.streams) {
    const stream = decodeSkeleton(bytesOf(skeleton));
    const encoder = new StreamEncoder(stream);
    const pose = createPose(stream.skeleton);
    for (const [index, frame] of frames.entries()) {
      fill(pose, frame.pose);
      const { captureTimeUs, forceKey } = frame;
      const encoded = encoder.encode(pose, { captureTimeUs, forceKey });
      if (hexOf(encoded.payload) !== frame.payload) wrong.push(`${name} ${index}: payload`);
    }
  }
  return wrong;
}

/** FNV-1a of all payloads and decoded poses of 3,000 frames of wild motion. */
export function hashOfWildStream(): number {
  const boneNames = Array.from({ length: 20 }, (_, index) => `bone${index}`);
  const pose = createPose({ boneNames, blendShapeNames: ["a", "b", "c"] });
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let hash = 0x811c9dc5;
  const mix = (bytes: Uint8Array) => {
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  const wander = (values: Float32Array) => {
    for (let index = 0; index < values.length; index++) {
      values[index] += (random() - 0.5) * (index % 7 === 0 ? 0.3 : 0.02);
    }
  };
  const skeleton = { boneNames, blendShapeNames: ["a", "b", "c"] };
  const stream = createStreamSkeleton(skeleton, pose, { weightScale: 100 });
  const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
  const decoded = createPose(stream.skeleton);
  for (let frame = 0; frame < 3000; frame++) {
    for (const values of [pose.root, pose.bones, pose.blendShapes]) wander(values);
    const encoded = encoder.encode(pose, { captureTimeUs: frame * 16_667 });
    mix(encoded.payload);
    decoder.decode(encoded, encoded.payload, decoded);
    for (const { buffer } of [decoded.root, decoded.bones, decoded.blendShapes]) {
      mix(new Uint8Array(buffer));
    }
  }
  return hash;
}

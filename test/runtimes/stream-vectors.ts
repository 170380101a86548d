// The stream encoding in whatever runtime this is: the vectors, and a hash of a long made-up stream. Runtimes
// agree bit for bit if all say the same.
import { createPose } from "../../src/codec/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import {
  createStreamSkeleton,
  decodeSkeleton,
  StreamDecoder,
  StreamEncoder,
} from "../../src/codec/stream/index.ts";

interface Vectors {
  readonly streams: readonly {
    readonly name: string;
    readonly skeleton: string;
    readonly frames: readonly {
      readonly pose: readonly number[];
      readonly forceKey: boolean;
      readonly captureTimeUs: number;
      readonly payload: string;
      readonly decoded: string;
    }[];
  }[];
}

// Node 22 has no Uint8Array.fromHex yet.
const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const hexOfPose = ({ root, bones, blendShapes }: Pose) =>
  [root, bones, blendShapes].map(({ buffer }) => hexOf(new Uint8Array(buffer))).join("");

function fill(pose: Pose, numbers: readonly number[]): void {
  pose.root.set(numbers.slice(0, 10));
  pose.bones.set(numbers.slice(10, 10 + pose.bones.length));
  pose.blendShapes.set(numbers.slice(10 + pose.bones.length));
}

/** What does not come out as the vectors say. */
export function wrongVectors({ streams }: Vectors): string[] {
  const wrong: string[] = [];
  for (const { name, skeleton, frames } of streams) {
    const stream = decodeSkeleton(bytesOf(skeleton));
    const [encoder, decoder] = [new StreamEncoder(stream), new StreamDecoder(stream)];
    const [pose, decoded] = [createPose(stream.skeleton), createPose(stream.skeleton)];
    for (const [index, frame] of frames.entries()) {
      fill(pose, frame.pose);
      const { captureTimeUs, forceKey } = frame;
      const encoded = encoder.encode(pose, { captureTimeUs, forceKey });
      if (hexOf(encoded.payload) !== frame.payload) wrong.push(`${name} ${index}: payload`);
      decoder.decode(encoded, bytesOf(frame.payload), decoded);
      if (hexOfPose(decoded) !== frame.decoded) wrong.push(`${name} ${index}: pose`);
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

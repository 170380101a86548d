// What a reader of streams is made of, without the rest of the codec.
export { createPose } from "../../src/codec/frame.ts";
export { layerOf } from "../../src/codec/stream/references.ts";
export { decodeSkeleton } from "../../src/codec/stream/skeleton-message.ts";
export { StreamDecoder } from "../../src/codec/stream/stream-decoder.ts";

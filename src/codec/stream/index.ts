// The stream encoding: quantised poses in temporal layers. docs/stream-encoding.md is its specification.
//
//   const skeleton = createStreamSkeleton(skeletonOf(frame), firstPose);
//   send(encodeSkeleton(skeleton));                                     // once
//   const { payload, ...header } = encoder.encode(pose, { captureTimeUs });
//   decoder.decode(header, payload, outPose);                           // "decoded"
export { encodeKeyframe, payloadBytesMax } from "./keyframe.ts";
export { maxErrors } from "./max-errors.ts";
export type { MaxErrors } from "./max-errors.ts";
export { layerOf, LAYERS_MAX } from "./references.ts";
export type { StreamFrameHeader } from "./references.ts";
export { RootReader } from "./root-reader.ts";
export { decodeSkeleton, encodeSkeleton, STREAM_VERSION } from "./skeleton-message.ts";
export { StreamDecoder } from "./stream-decoder.ts";
export type { DecodeResult, Keyframe } from "./stream-decoder.ts";
export { StreamEncoder } from "./stream-encoder.ts";
export type { EncodedStreamFrame, EncodeOptions, StreamEncoderOptions } from "./stream-encoder.ts";
export { DEFAULT_PRECISION } from "./precision.ts";
export type { StreamPrecision, TransformSteps } from "./precision.ts";
export { createStreamSkeleton, isTooCoarse, restPoseOf, weightScaleOf } from "./stream-skeleton.ts";
export type { StreamSkeleton } from "./stream-skeleton.ts";
export { copyState, createState, equalStates } from "./stream-state.ts";
export type { StreamState } from "./stream-state.ts";

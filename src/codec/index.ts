// avatar-sync/codec: what a frame is, and its encodings. No dependencies; runs in any engine. Only what an
// application uses is here: our own modules import what they share from its file.
//
//   import { createPose, decodeBinary, encodeBinary, encodeJson, frameOf } from "avatar-sync/codec";
//
//   const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
//   const frame = frameOf(skeleton, createPose(skeleton));  // a body at rest
//   const json = encodeJson(frame);                         // bytes for POST /player1
//   const copy = decodeBinary(encodeBinary(frame));         // the same numbers, as f32
export { BinaryDecoder, decodeBinary } from "./binary-decoder.ts";
export { BinaryEncoder, encodeBinary } from "./binary-encoder.ts";
export { completeFrame } from "./complete-frame.ts";
export { DecodeError, EncodeError } from "./errors.ts";
export type { DecodeErrorCode, EncodeErrorCode, Place } from "./errors.ts";
export { MEDIA_TYPES } from "./format.ts";
export type { Format, StreamFormat } from "./format.ts";
export { createPose, frameOf, identityFrame, isSameSkeleton, poseOf, skeletonOf } from "./frame.ts";
export { TRANSFORM_FLOATS } from "./frame.ts";
export type {
  AvatarFrame,
  BlendShape,
  Bone,
  Pose,
  Quaternion,
  Skeleton,
  SkeletonPose,
  Vector3,
} from "./frame.ts";
export { decodeJson, encodeJson } from "./json.ts";
export type { FrameDocument } from "./json.ts";
export { DEFAULT_FRAME_LIMITS } from "./limits.ts";
export type { FrameLimits } from "./limits.ts";
export { decodeSkeleton, encodeSkeleton, STREAM_VERSION } from "./stream/skeleton-message.ts";
export { StreamDecoder } from "./stream/stream-decoder.ts";
export type { DecodeResult } from "./stream/stream-decoder.ts";
export { StreamEncoder } from "./stream/stream-encoder.ts";
export type {
  EncodedStreamFrame,
  EncodeOptions,
  StreamEncoderOptions,
} from "./stream/stream-encoder.ts";
export { DEFAULT_PRECISION } from "./stream/precision.ts";
export type { StreamPrecision } from "./stream/precision.ts";
export { createStreamSkeleton, restPoseOf } from "./stream/stream-skeleton.ts";
export type { StreamSkeleton } from "./stream/stream-skeleton.ts";
export type { StreamFrameHeader } from "./stream/references.ts";

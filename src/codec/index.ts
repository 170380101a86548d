// avatar-sync/codec: what a frame is, and its encodings. No dependencies; runs in any engine.
//
//   import { createPose, decodeBinary, encodeBinary, encodeJson, frameOf } from "avatar-sync/codec";
//
//   const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
//   const frame = frameOf(skeleton, createPose(skeleton));  // a body at rest
//   const json = encodeJson(frame);                         // bytes for POST /player1
//   const copy = decodeBinary(encodeBinary(frame));         // the same numbers, as f32
export { BinaryDecoder, decodeBinary } from "./binary-decoder.ts";
export { BinaryEncoder, encodeBinary } from "./binary-encoder.ts";
export { BINARY_BYTES_MIN, binaryByteLength, stampServerTimestamp } from "./binary-layout.ts";
export { completeFrame, NAME_BYTES_MAX } from "./complete-frame.ts";
export { DecodeError, EncodeError } from "./errors.ts";
export type { DecodeErrorCode, EncodeErrorCode, Place } from "./errors.ts";
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
export { decodeJson, encodeJson, parseJson } from "./json.ts";
export type { FrameDocument } from "./json.ts";
export { JsonDecoder } from "./json-decoder.ts";
export { outlineOf, withServerTimestamp } from "./json-outline.ts";
export type { FrameOutline } from "./json-outline.ts";
export { DEFAULT_FRAME_LIMITS } from "./limits.ts";
export type { FrameLimits } from "./limits.ts";
export { FORMATS, MEDIA_TYPES, STREAM_FORMATS } from "./format.ts";
export type { Format, StreamFormat } from "./format.ts";
export * from "./stream/index.ts";

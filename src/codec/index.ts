// avatar-sync/codec: what a frame is, and its encodings. No dependencies; runs in any engine.
export { BINARY_BYTES_MIN, BinaryDecoder, BinaryEncoder, binaryByteLength } from "./binary.ts";
export { decodeBinary, encodeBinary, stampServerTimestamp } from "./binary.ts";
export type { DecodedBinary } from "./binary.ts";
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
  Vector3,
} from "./frame.ts";
export { decodeJson, encodeJson, parseJson, withServerTimestamp } from "./json.ts";
export type { FrameDocument } from "./json.ts";
export { JsonDecoder, outlineOf } from "./json-decoder.ts";
export type { FrameOutline } from "./json-decoder.ts";
export { DEFAULT_FRAME_LIMITS } from "./limits.ts";
export type { FrameLimits } from "./limits.ts";
export { FORMATS, MEDIA_TYPES, STREAM_FORMATS } from "./format.ts";
export type { Format, StreamFormat } from "./format.ts";
export * from "./stream/index.ts";

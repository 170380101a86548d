// Messages of a streaming connection: control (JSON text) and data (binary). Isomorphic.
export { decodeClientMessage, MESSAGE_BYTES_MAX } from "./client-message.ts";
export type { ClientMessage } from "./client-message.ts";
export { CloseCode } from "./close-codes.ts";
export { jsonByteLength } from "./control.ts";
export { decodeAck, encodeAck } from "./ack.ts";
export { EntryKind, revisionByNumber } from "./batch-entry.ts";
export { BatchReader } from "./batch-reader.ts";
export { BatchWriter } from "./batch-writer.ts";
export type { BatchFrame } from "./batch-writer.ts";
export { MessageType, messageTypeOf, PUBLISH_LIMIT, SKELETON_HEADER_BYTES } from "./data.ts";
export {
  createFrameHeader,
  FRAME_HEADER_BYTES,
  readFrameHeader,
  writeFrameHeader,
} from "./frame-header.ts";
export type { FrameHeader, FrameMark } from "./frame-header.ts";
export { ProtocolError } from "./errors.ts";
export { HELD_SKELETONS_MAX, HeldSkeletons } from "./held-skeletons.ts";
export {
  headingOf,
  PLACES_BYTES_MAX,
  PLACES_BYTES_PER_SECOND,
  placesHz,
  PlacesReader,
  PlacesWriter,
} from "./places.ts";
export {
  checkPlayerInfo,
  COORDINATE_SYSTEMS,
  decodePlayerInfo,
  PLAYER_INFO_BYTES_MAX,
} from "./player-info.ts";
export type { CoordinateSystem, PlayerInfo } from "./player-info.ts";
export { RESUME_KEY_LENGTH } from "./resume-key.ts";
export { decodeServerMessage, WELCOME_PLAYERS_MAX } from "./server-message.ts";
export type { PlayerName, PlayerPresence, ServerMessage } from "./server-message.ts";
export { skeletonIdOf, skeletonIdText } from "./skeleton-id.ts";
export type {
  CaptureTimesStatus,
  FormatTraffic,
  FrameSource,
  PlayerStatus,
  RejectedStatus,
  UnavailableStatus,
  RoomStatus,
  ServerAddress,
  ServerLimits,
  ServerStatus,
  SupersededCounts,
  Traffic,
  TrafficCount,
} from "./status.ts";
export { StreamPublication } from "./stream-publication.ts";
export { SUBPROTOCOLS, formatOfSubprotocol, negotiateSubprotocol } from "./subprotocol.ts";
export { captureTimeOf } from "./time.ts";
export { TokenBucket } from "./token-bucket.ts";
export { checkView, PINNED_MAX, VIEW_BYTES_PER_SECOND, VIEW_POINTS_MAX } from "./view-message.ts";
export type { ViewMessage, ViewPoint } from "./view-message.ts";

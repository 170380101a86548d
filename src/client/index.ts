// avatar-sync/client: publish your avatar, and see everyone else's. For browsers, Bun and Node 22.
//
//   import { connect, createPose, type Pose } from "avatar-sync/client";
//
//   const room = connect("http://192.168.1.20:8080/rooms/lobby", {
//     player: "alice",
//     info: { displayName: "Alice" },
//     coordinateSystem: "gltf", // three.js's and Godot's
//   });
//   room.on("joined", (player) => console.log(player.info.displayName ?? player.id));
//   await room.ready;
//
//   const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: ["jawOpen"] };
//   const mine = createPose(skeleton);
//   const others = new Map<string, Pose>();
//   requestAnimationFrame(function draw(timeMs) {
//     room.publishPose(skeleton, mine, timeMs);
//     for (const [id, pose] of room.sample(timeMs, others)) console.log(id, pose.root);
//     requestAnimationFrame(draw);
//   });
export { createPose, DecodeError, EncodeError, frameOf, poseOf } from "../codec/index.ts";
export { skeletonOf, TRANSFORM_FLOATS } from "../codec/index.ts";
export type { AvatarFrame, FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
export { COORDINATE_SYSTEMS } from "../protocol/index.ts";
export type { CoordinateSystem, PlayerInfo, PlayerPresence, ViewPoint } from "../protocol/index.ts";
export { mirrorFrame, mirrorPose } from "./coordinates.ts";
export type { RoomState } from "./connection.ts";
export { RoomError } from "./errors.ts";
export type { RoomErrorCode } from "./errors.ts";
export { copyPose, interpolatePose } from "./interpolate.ts";
export type { Place } from "./place-track.ts";
export type { RemotePlayer, RemotePlayerStats } from "./remote-player.ts";
export { connect } from "./room.ts";
export type { AvatarRoom, ConnectOptions, ReceivedMessage, RoomEvents, RoomStats } from "./room.ts";
export type { PageEvent, PageWindow } from "./page-life.ts";
export type { KeyStorage } from "./session-key.ts";
export type { View } from "./view-sender.ts";
export type { ClientRuntime, WebSocketConstructor, WebSocketLike } from "./runtime.ts";

// avatar-sync/client: see the others, be seen. For browsers, Bun and Node 22.
//
//   const room = connect("ws://192.168.1.20:8080/rooms/lobby/stream", {
//     player: "alice",
//     info: { displayName: "Alice" },
//     coordinateSystem: "gltf",                  // what three.js and Godot speak
//   });
//   room.on("joined", (player) => console.log(player.info.displayName ?? player.id));
//   await room.ready;
//
//   room.publishPose(skeleton, pose);            // this side's body, as often as it is tracked
//
//   const poses = new Map<string, Pose>();       // everyone else's, each time the screen is drawn
//   function draw(timeMs: number) {
//     for (const [id, pose] of room.sample(timeMs, poses)) avatars.get(id)?.apply(pose);
//     requestAnimationFrame(draw);
//   }
export { createPose, DecodeError, EncodeError, frameOf, poseOf } from "../codec/index.ts";
export { skeletonOf, TRANSFORM_FLOATS } from "../codec/index.ts";
export type { AvatarFrame, FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
export { COORDINATE_SYSTEMS } from "../protocol/index.ts";
export type { CoordinateSystem, PlayerInfo, PlayerPresence } from "../protocol/index.ts";
export { mirrorFrame, mirrorPose } from "./coordinates.ts";
export type { RoomState } from "./connection.ts";
export { RoomError } from "./errors.ts";
export type { RoomErrorCode } from "./errors.ts";
export { copyPose, interpolatePose } from "./interpolate.ts";
export type { RemotePlayer, RemotePlayerStats } from "./remote-player.ts";
export { AvatarRoom, connect } from "./room.ts";
export type { ConnectOptions, ReceivedMessage, RoomEvents, RoomStats } from "./room.ts";
export type { ClientRuntime, WebSocketConstructor, WebSocketLike } from "./runtime.ts";

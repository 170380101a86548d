// What an application without a bundler writes: codec, client and server, in one strict program.
import { startServer } from "avatar-sync";
import type { AvatarServer } from "avatar-sync";
import { connect, createPose, DecodeError } from "avatar-sync/client";
import type { AvatarRoom, Pose } from "avatar-sync/client";
import * as codec from "avatar-sync/codec";
import { WebSocket } from "ws";

const frame: codec.AvatarFrame = codec.decodeBinary(codec.encodeBinary(codec.identityFrame()));
const server: AvatarServer = await startServer({ port: 0, format: "json" });
const room: AvatarRoom = connect(server.url, {
  player: "ann",
  coordinateSystem: "gltf",
  runtime: { webSocket: WebSocket },
});
room.on("joined", ({ id, info }) => console.log(id, info["displayName"]));
const skeleton: codec.Skeleton = { boneNames: ["Hips"], blendShapeNames: [] };
const pose: Pose = createPose(skeleton);
const poses = room.sample(performance.now(), new Map<string, Pose>());
const error: codec.DecodeError = new DecodeError("truncated", { byteOffset: 0 }, "");
console.log(room.publish(frame), room.publishPose(skeleton, pose), poses, error.code);

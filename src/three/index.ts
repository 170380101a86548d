// avatar-sync/three: players in a three.js scene, on a default body or on models, and models as players.
//
//   import { connect } from "avatar-sync/client";
//   import { RoomAvatars } from "avatar-sync/three";
//   import { Scene } from "three";
//
//   const scene = new Scene();
//   const avatars = new RoomAvatars(connect("http://localhost:8080", { coordinateSystem: "gltf" }));
//   scene.add(avatars);
//   avatars.update(performance.now());              // each time you draw; nothing is allocated
export type { Avatar } from "./avatar.ts";
export { bindAvatar } from "./bind-avatar.ts";
export type { AvatarMatch, BindAvatarOptions, BoundAvatar } from "./bind-avatar.ts";
export type { VrmExpressionLike, VrmLike } from "./vrm-like.ts";
export { capturePose } from "./capture-pose.ts";
export type { CapturedPose } from "./capture-pose.ts";
export { DefaultBody } from "./body/default-body.ts";
export type { DefaultBodyOptions } from "./body/default-body.ts";
export type { Detail } from "./body/limb-mesh.ts";
export { StandIns } from "./stand-ins.ts";
export { RoomAvatars } from "./room-avatars.ts";
export type { RoomAvatarsOptions } from "./room-avatars.ts";

// avatar-sync/three: players on three.js models, and three.js models as players.
export type { Avatar } from "./avatar.ts";
export { bindAvatar } from "./bind-avatar.ts";
export type { AvatarMatch, BindAvatarOptions, BoundAvatar } from "./bind-avatar.ts";
export type { VrmExpressionLike, VrmLike } from "./vrm-like.ts";
export { capturePose } from "./capture-pose.ts";
export type { CapturedPose } from "./capture-pose.ts";
export { DefaultBody } from "./body/default-body.ts";
export type { DefaultBodyOptions } from "./body/default-body.ts";
export type { Detail } from "./body/limb-mesh.ts";
export { RoomAvatars } from "./room-avatars.ts";
export type { RoomAvatarsOptions } from "./room-avatars.ts";

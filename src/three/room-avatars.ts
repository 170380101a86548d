// Room avatars: a body for everyone else in a room, for as long as they are in it.
//
//   const avatars = new RoomAvatars(connect("http://localhost:8080", { coordinateSystem: "gltf" }));
//   scene.add(avatars);
//   renderer.setAnimationLoop((timeMs) => {
//     avatars.update(timeMs);
//     renderer.render(scene, camera);
//   });
import { Color, Group } from "three";
import type { AvatarRoom, Place, RemotePlayer } from "../client/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import type { Avatar } from "./avatar.ts";
import { DefaultBody } from "./body/default-body.ts";
import { StandIns } from "./stand-ins.ts";

export interface RoomAvatarsOptions {
  /**
   * Makes a player's body, once its skeleton is known. Until a promise is fulfilled the player has a default
   * body. If this throws or rejects, or the avatar's `apply` throws, the player has the default body. Unset: a default body, in a color
   * of the player's own.
   */
  readonly createAvatar?: (player: RemotePlayer) => Avatar | Promise<Avatar>;
  /** Whether those who are out of sight in a crowd are drawn as simple figures. Unset: yes. */
  readonly hasStandIns?: boolean;
  /** Told what `createAvatar` or an avatar of it threw. Unset: the error is uncaught, as if thrown by an event listener. */
  readonly onError?: (error: unknown, player: RemotePlayer) => void;
}

// Hues follow the golden angle: the next one is far from all before. A player has the same index, and so
// the same color, on every machine.
const GOLDEN_ANGLE = 137.508;
const defaultColor = ({ index }: RemotePlayer) =>
  `hsl(${Math.round(230 + index * GOLDEN_ANGLE) % 360}, 60%, 58%)`;

const createDefaultBody = (player: RemotePlayer) =>
  new DefaultBody({ color: defaultColor(player) });

/** One player's body, and the pose that it was last shown in. */
interface Seat {
  readonly player: RemotePlayer;
  avatar: Avatar;
  /** The avatar is our own default body. */
  isDefault: boolean;
  skeleton: Skeleton;
  pose: Pose;
  /** Whether the avatar is in the group: out of sight its player keeps it for later. */
  inSight: boolean;
}

/**
 * Everyone else in a room, as a three.js group: one avatar a player, made when its skeleton is known and
 * disposed of when it leaves. Connect the room with `coordinateSystem: "gltf"`, the handedness of three.js.
 */
export class RoomAvatars extends Group {
  readonly #room: AvatarRoom;
  readonly #options: RoomAvatarsOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #place: Place = { position: new Float32Array(3), headingRadians: 0 };
  readonly #colors = new WeakMap<RemotePlayer, Color>();
  // Made when somebody is out of sight.
  #standIns: StandIns | null = null;
  #timeMs = 0;
  #isDisposed = false;

  constructor(room: AvatarRoom, options: RoomAvatarsOptions = {}) {
    super();
    this.#room = room;
    this.#options = options;
  }

  /** The avatar that a player has now; undefined before its skeleton is known and after it left. */
  get(playerId: string): Avatar | undefined {
    return this.#seats.get(playerId)?.avatar;
  }

  /**
   * Shows everyone's pose at `timeMs` of `performance.now`, which the render loop is called with. Nothing is
   * allocated but for players who come, or whose skeleton changes. After `dispose` it does nothing.
   */
  update(timeMs: number): void {
    if (this.#isDisposed) return;
    this.#timeMs = timeMs;
    this.#standIns?.begin();
    this.#room.players.forEach(this.#show);
    this.#standIns?.commit();
    this.#seats.forEach(this.#removeIfGone);
  }

  /** Disposes of every avatar, and leaves the scene. The room stays connected: it is the application's. */
  override dispose(): void {
    this.#isDisposed = true;
    this.#standIns?.dispose();
    for (const id of this.#seats.keys()) this.#remove(id);
    this.removeFromParent();
    // What Object3D.dispose does in a newer three.js; older ones have none.
    this.dispatchEvent({ type: "dispose" });
  }

  // Functions of the instance, not closures of each frame.
  readonly #show = (player: RemotePlayer): void => {
    const { skeleton, inSight } = player;
    if (!inSight) this.#showStandIn(player);
    if (skeleton === undefined) return;
    const seat = this.#seatOf(player, skeleton);
    if (seat.inSight !== inSight) this.#setInSight(seat, inSight);
    if (seat.skeleton !== skeleton) {
      seat.skeleton = skeleton;
      seat.pose = player.createPose()!;
    }
    if (player.sample(this.#timeMs, seat.pose)) this.#apply(seat);
  };

  // Whoever left and came again is another RemotePlayer.
  readonly #removeIfGone = ({ player }: Seat, id: string): void => {
    if (this.#room.players.get(id) !== player) this.#remove(id);
  };

  #showStandIn(player: RemotePlayer): void {
    if (this.#options.hasStandIns === false) return;
    if (!player.samplePlace(this.#timeMs, this.#place)) return;
    if (this.#standIns === null) {
      this.#standIns = new StandIns();
      this.add(this.#standIns.object);
    }
    let color = this.#colors.get(player);
    if (color === undefined) this.#colors.set(player, (color = new Color(defaultColor(player))));
    this.#standIns.add(this.#place, color);
  }

  /** An avatar that throws is replaced by a default body, so that everybody else is drawn. */
  #apply(seat: Seat): void {
    const { player, avatar } = seat;
    try {
      avatar.blendShapeRange = player.info.blendShapeRange;
      avatar.apply(seat.skeleton, seat.pose, this.#timeMs);
    } catch (error) {
      // Another default body would throw the same.
      if (!seat.isDefault) {
        this.#seatAvatar(seat, createDefaultBody(player), true);
        this.#apply(seat);
      }
      this.#fail(error, player);
    }
  }

  #seatOf(player: RemotePlayer, skeleton: Skeleton): Seat {
    const known = this.#seats.get(player.id);
    if (known?.player === player) return known;
    if (known !== undefined) this.#remove(player.id);
    const pose = player.createPose()!;
    const own = this.#createAvatar(player);
    const avatar = own ?? createDefaultBody(player);
    const seat = { player, skeleton, pose, avatar, isDefault: own === null, inSight: false };
    this.#seats.set(player.id, seat);
    return seat;
  }

  #setInSight(seat: Seat, inSight: boolean): void {
    seat.inSight = inSight;
    if (inSight) this.add(seat.avatar.object);
    else this.remove(seat.avatar.object);
  }

  /** The application's own avatar; null if it has none, or none yet. */
  #createAvatar(player: RemotePlayer): Avatar | null {
    let made: Avatar | Promise<Avatar> | undefined;
    try {
      made = this.#options.createAvatar?.(player);
    } catch (error) {
      this.#fail(error, player);
    }
    if (made !== undefined && !(made instanceof Promise)) return made;
    void made
      ?.then((avatar) => this.#replace(player, avatar))
      .catch((error: unknown) => this.#fail(error, player));
    return null;
  }

  /** The avatar that was waited for is there, if anybody still waits for it. */
  #replace(player: RemotePlayer, avatar: Avatar): void {
    const seat = this.#seats.get(player.id);
    if (seat?.player !== player) return avatar.dispose();
    // At once, so that no frame shows it at the origin. A paused application shows it too. An avatar that cannot
    // show the player throws here, and replaces nothing.
    avatar.apply(seat.skeleton, seat.pose, this.#timeMs);
    this.#seatAvatar(seat, avatar, false);
  }

  #seatAvatar(seat: Seat, avatar: Avatar, isDefault: boolean): void {
    this.remove(seat.avatar.object);
    seat.avatar.dispose();
    seat.avatar = avatar;
    seat.isDefault = isDefault;
    if (seat.inSight) this.add(avatar.object);
  }

  #fail(error: unknown, player: RemotePlayer): void {
    const { onError } = this.#options;
    if (onError !== undefined) return onError(error, player);
    // Rendering continues.
    queueMicrotask(() => {
      throw error;
    });
  }

  #remove(id: string): void {
    const seat = this.#seats.get(id);
    this.#seats.delete(id);
    if (seat === undefined) return;
    this.remove(seat.avatar.object);
    seat.avatar.dispose();
  }
}

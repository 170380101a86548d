// The rooms of a server, for the application that embeds it.
//
//   const lobby = server.rooms.open("lobby");
//   lobby.publish("guide", { skeleton, pose });
//   lobby.on("joined", ({ player }) => console.log(`${player} is here`));
import { checkNames, checkSetting } from "../config-options.ts";
import type { Hub } from "../hub/hub.ts";
import type { Room, RoomSettings } from "../hub/room.ts";
import { checkPlayerInfo } from "../protocol/index.ts";
import type { PlayerInfo, RoomStatus } from "../protocol/index.ts";
import { FrameEncoder } from "./frame-encoder.ts";
import type { PublishedFrame } from "./frame-encoder.ts";
import type { RoomEvents, RoomEventSource, RoomListener } from "./room-events.ts";
import { RoomFrame } from "./room-frame.ts";

export type { RoomSettings } from "../hub/room.ts";
export type { PublishedFrame } from "./frame-encoder.ts";

/**
 * All rooms of a server.
 *
 * @example
 * ```ts
 * import { startServer } from "avatar-sync";
 *
 * const server = await startServer({ port: 8080 });
 * const lobby = server.rooms.open("lobby", { playersMax: 20 });
 * lobby.on("frame", ({ player, frame }) => {
 *   const [x, y, z] = frame.pose().pose.root;
 *   console.log(player, x, y, z);
 * });
 * ```
 */
export class Rooms {
  readonly #hub: Hub;
  readonly #events: RoomEventSource;
  readonly #now: () => number;

  /** @internal A server makes it. */
  constructor(hub: Hub, events: RoomEventSource, now: () => number) {
    this.#hub = hub;
    this.#events = events;
    this.#now = now;
  }

  /** The rooms that there are now: the application's, and those that clients have opened. */
  list(): RoomHandle[] {
    return Array.from(this.#hub.rooms, ({ id }) => this.#handle(id));
  }

  /** The room with this id, if there is one. @throws {HubError} `bad_id`. */
  get(id: string): RoomHandle | undefined {
    return this.#hub.room(id) === undefined ? undefined : this.#handle(id);
  }

  /**
   * Returns the room with this id, creating it if needed. It stays until `remove`, used or not. Ids are 1 to 64
   * characters of `A-Z a-z 0-9 _ -`.
   * @throws {HubError} `bad_id`, `too_many_rooms`; {TypeError} or {RangeError} for a setting that there is not, or out of range.
   */
  open(id: string, settings: Partial<RoomSettings> = {}): RoomHandle {
    checkSettings(settings);
    this.#hub.keepRoom(id, this.#now()).configure(settings);
    return this.#handle(id);
  }

  /**
   * Removes a room: its players leave, its connections are closed and do not come back by themselves.
   * @returns false for room `default`, which stays, and if there is no such room.
   */
  remove(id: string): boolean {
    return this.#hub.removeRoom(id, this.#now());
  }

  #handle(id: string): RoomHandle {
    return new RoomHandle(id, this.#hub, this.#events, this.#now);
  }
}

/**
 * One room. It refers to the room by its id: for a room that is gone, `status` is undefined, and `publish` and
 * `setInfo` begin another.
 */
export class RoomHandle {
  readonly id: string;
  readonly #hub: Hub;
  readonly #events: RoomEventSource;
  readonly #now: () => number;
  readonly #encoder = new FrameEncoder();

  /** @internal `Rooms` makes it. */
  constructor(id: string, hub: Hub, events: RoomEventSource, now: () => number) {
    this.id = id;
    this.#hub = hub;
    this.#events = events;
    this.#now = now;
  }

  /** What GET /rooms/{room} answers: players, connections, traffic. Undefined if the room is gone. */
  get status(): RoomStatus | undefined {
    return this.#room?.status(this.#now());
  }

  /** Undefined if the room is gone. */
  get settings(): RoomSettings | undefined {
    return this.#room?.settings;
  }

  /** Ids of the players that are in the room now. */
  get players(): string[] {
    return Array.from(this.#room?.players ?? [])
      .filter(({ isPresent }) => isPresent)
      .map(({ id }) => id);
  }

  /** A player's newest frame; undefined if it has none. @throws {HubError} `bad_id`. */
  read(player: string): RoomFrame | undefined {
    const found = this.#hub.player(this.id, player);
    return found === undefined || found.source === null ? undefined : new RoomFrame(found.frame);
  }

  /**
   * Publishes a frame as this player, which joins with its first frame and stays until it is removed. Poses of one
   * skeleton object are encoded fastest.
   * @throws {TypeError} for a value of none of the forms; {RangeError} for a pose of another size than its
   * skeleton; {DecodeError} or {EncodeError} naming the place, if it is no frame; {HubError} `bad_id`, `room_full`,
   * `too_many_rooms`, or `player_taken` while a streaming client is this player.
   */
  publish(player: string, frame: PublishedFrame): void {
    const { format, bytes } = this.#encoder.encode(frame);
    this.#hub.publish(this.id, player, { format, bytes, source: "app", nowMs: this.#now() });
  }

  /**
   * Sets what a player says of itself, e.g. `{ displayName: "Guide", coordinateSystem: "gltf" }`.
   * @throws {DecodeError} for an info of over 4 KiB or with a wrong type; {HubError} as `publish`.
   */
  setInfo(player: string, info: PlayerInfo): void {
    this.#hub.setInfo(this.id, player, checkPlayerInfo(info), this.#now());
  }

  /**
   * Removes a player, or resets a slot of room `default`. A client that plays it is closed, and does not come
   * back by itself. False if missing.
   */
  removePlayer(player: string): boolean {
    return this.#hub.expelPlayer(this.id, player, this.#now());
  }

  /** Changes settings of the room while it is used. @throws as `open`; {Error} if the room is gone. */
  configure(settings: Partial<RoomSettings>): void {
    checkSettings(settings);
    const room = this.#room;
    if (room === undefined) throw new Error(`there is no room ${this.id}`);
    room.configure(settings);
  }

  /**
   * Calls `listener` at each such event in this room, right after the server's own work.
   * @returns a function that ends it.
   * @throws {TypeError} for an event that there is not.
   */
  on<Name extends keyof RoomEvents>(name: Name, listener: RoomListener<Name>): () => void {
    return this.#events.listen(this.id, name, listener);
  }

  get #room(): Room | undefined {
    return this.#hub.room(this.id);
  }
}

const SETTING_NAMES = ["tickHz", "crowdAbove", "playersMax", "connectionsMax"] as const;

function checkSettings(settings: Partial<RoomSettings>): void {
  checkNames(settings, SETTING_NAMES);
  for (const name of SETTING_NAMES) {
    if (settings[name] !== undefined) checkSetting(name, settings[name]);
  }
}

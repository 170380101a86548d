// The hub: all rooms of one server. Pure logic: no sockets, no timers, and time is passed in.
import { DEFAULT_FRAME_LIMITS } from "../codec/index.ts";
import type { FrameLimits } from "../codec/index.ts";
import type { ClientMessage, PlayerInfo, ServerStatus } from "../protocol/index.ts";
import type { Broadcaster } from "./connections/broadcaster.ts";
import type { Connection } from "./connections/connection.ts";
import { HubError } from "./errors.ts";
import type { Member } from "./member.ts";
import type { Player, WholeFrame } from "./players/player.ts";
import { Room } from "./room.ts";
import type { Published, RoomSettings } from "./room.ts";
import type { RoomObserver } from "./room-observer.ts";
import { addSuperseded, createSupersededCounters } from "./traffic/superseded.ts";
import { createTrafficSum, roundedTraffic, TrafficMeters } from "./traffic/traffic-meters.ts";

/** A room that always exists. Settings that are left out are the hub's own. */
export interface FixedRoom extends Partial<RoomSettings> {
  /** Slots that always exist. */
  readonly players?: readonly string[];
}

export interface HubOptions extends FrameLimits {
  readonly roomsMax: number;
  readonly playersMax: number;
  /** Connections of one room. */
  readonly connectionsMax: number;
  /** Ticks a second of rooms of more than 4 players; 0: no ticks. */
  readonly tickHz: number;
  /** In rooms with more players than this, each receiver is sent only those whom it has in sight. */
  readonly crowdAbove: number;
  /** A room without connections that nobody writes to is disposed of after this time. */
  readonly roomIdleMs: number;
  /** Rooms that always exist. */
  readonly fixedRooms: Readonly<Record<string, FixedRoom>>;
}

/** The original's two slots are players of this room. */
export const DEFAULT_ROOM = "default";
export const DEFAULT_ROOM_PLAYERS: readonly string[] = ["player1", "player2"];

export const DEFAULT_HUB_OPTIONS: HubOptions = {
  ...DEFAULT_FRAME_LIMITS,
  roomsMax: 1000,
  // As many as connections: in a crowd the cost of a receiver does not grow with the room.
  playersMax: 2000,
  connectionsMax: 2000,
  tickHz: 30,
  crowdAbove: 100,
  roomIdleMs: 10 * 60_000,
  fixedRooms: { [DEFAULT_ROOM]: { players: DEFAULT_ROOM_PLAYERS } },
};

/** What the hub needs of the world outside. */
export interface HubHost {
  readonly broadcaster: Broadcaster;
  /** A secret that cannot be guessed. */
  readonly createResumeKey: () => string;
  /** The room has something to send: call its `tick` after `delayMs`. */
  readonly scheduleTick: (room: Room, delayMs: number) => void;
  /** Told what happens in all rooms. */
  readonly observer?: RoomObserver;
}

/** What all rooms did together, including those that are gone. */
export type HubStatus = Pick<ServerStatus, "superseded" | "traffic">;

// Without a frame for this long a player has paused. Whoever is sent only some of its frames is sent the newest then,
// 0.2 s later at most: with lines of 250 ms on both sides, it is shown within a second.
export const SETTLE_INTERVAL_MS = 100;

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Room and player ids: 1-64 of `[A-Za-z0-9_-]`. @throws {HubError} `bad_id`. */
export function checkId(kind: "room" | "player", id: string): void {
  if (ID.test(id)) return;
  throw new HubError("bad_id", `${kind}: expected 1 to 64 of A-Z a-z 0-9 _ -`);
}

export class Hub {
  readonly options: HubOptions;
  readonly #host: HubHost;
  readonly #rooms = new Map<string, Room>();
  // Rooms that spectators look at and nobody has written to. They are not listed, and go with the last spectator.
  readonly #watched = new Map<string, Room>();
  // Rooms that stay although nobody uses them.
  readonly #kept = new Set<string>();
  // Of rooms that are gone: totals never go back.
  readonly #pastTraffic = new TrafficMeters();
  readonly #pastSuperseded = createSupersededCounters();
  #revisionFloor = 0;

  constructor(options: Partial<HubOptions>, host: HubHost, nowMs: number) {
    this.options = { ...DEFAULT_HUB_OPTIONS, ...options };
    this.#host = host;
    for (const id of Object.keys(this.options.fixedRooms)) this.keepRoom(id, nowMs);
  }

  get rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** @throws {HubError} `bad_id`. */
  room(id: string): Room | undefined {
    checkId("room", id);
    return this.#rooms.get(id);
  }

  /**
   * Returns the room with this id, creating it if needed. It stays until it is removed, used or not.
   * @throws {HubError} `bad_id`, `too_many_rooms`.
   */
  keepRoom(id: string, nowMs: number): Room {
    const room = this.#inRoom(id, nowMs, (found) => found);
    this.#kept.add(id);
    return room;
  }

  /** Closes a room's connections and removes it; false for a fixed room, or if there is no such room. */
  removeRoom(id: string, nowMs: number): boolean {
    const room = this.room(id);
    if (room === undefined || Object.hasOwn(this.options.fixedRooms, id)) return false;
    room.close(nowMs);
    this.#kept.delete(id);
    this.#forget(room);
    return true;
  }

  /** The player with this id, if there is one. @throws {HubError} `bad_id`. */
  player(roomId: string, playerId: string): Player | undefined {
    checkId("player", playerId);
    return this.room(roomId)?.player(playerId);
  }

  /**
   * Makes a frame the player's newest, creating the room and the player if needed. A frame that is refused
   * creates neither.
   * @throws {DecodeError}; {HubError} `bad_id`, `too_many_rooms`, `room_full`, `player_taken`.
   */
  publish(roomId: string, playerId: string, frame: WholeFrame): Published {
    checkId("player", playerId);
    return this.#inRoom(roomId, frame.nowMs, (room) => room.publish(playerId, frame));
  }

  /** Sets what a player says of itself. @throws {HubError} as `publish`. */
  setInfo(roomId: string, playerId: string, info: PlayerInfo, nowMs: number): void {
    checkId("player", playerId);
    this.#inRoom(roomId, nowMs, (room) => room.setInfo(playerId, info, nowMs));
  }

  /**
   * Resets a fixed slot, removes any other player; false if there is no such player.
   * @throws {HubError} `bad_id`, `player_taken`.
   */
  removePlayer(roomId: string, playerId: string, nowMs: number): boolean {
    checkId("player", playerId);
    return this.room(roomId)?.removePlayer(playerId, nowMs) ?? false;
  }

  /** As `removePlayer`, but closes a client that plays it. @throws {HubError} `bad_id`. */
  expelPlayer(roomId: string, playerId: string, nowMs: number): boolean {
    checkId("player", playerId);
    return this.room(roomId)?.expelPlayer(playerId, nowMs) ?? false;
  }

  /** Takes a connection into a room. @throws {HubError} as `publish`; {DecodeError} for a bad info. */
  join(
    roomId: string,
    connection: Connection,
    request: Extract<ClientMessage, { type: "join" }>,
    nowMs: number,
  ): { room: Room; member: Member } {
    if (request.player !== undefined) checkId("player", request.player);
    const rooms = request.player === undefined ? this.#watched : this.#rooms;
    const use = (room: Room) => ({ room, member: room.join(connection, request, nowMs) });
    return this.#inRoom(roomId, nowMs, use, rooms);
  }

  status(nowMs: number): HubStatus {
    const traffic = createTrafficSum();
    const superseded = { ...this.#pastSuperseded };
    this.#pastTraffic.addTo(nowMs, traffic);
    for (const room of [...this.#rooms.values(), ...this.#watched.values()]) {
      room.addTraffic(nowMs, traffic);
      addSuperseded(room.superseded, superseded);
    }
    return { superseded, traffic: roundedTraffic(traffic) };
  }

  /**
   * Sends what was left out of batches, of players who have paused since the last call. Call it every
   * SETTLE_INTERVAL_MS.
   */
  settle(nowMs: number): void {
    for (const room of this.#rooms.values()) room.settle(nowMs);
  }

  /** Ends what has been silent or idle for too long. Call it every second or so. */
  sweep(nowMs: number): void {
    for (const [id, room] of this.#rooms) {
      room.sweep(nowMs);
      if (this.#kept.has(id) || room.connectionCount > 0) continue;
      if (nowMs - room.lastUsedMs >= this.options.roomIdleMs) this.#forget(room);
    }
    for (const room of this.#watched.values()) {
      room.sweep(nowMs);
      if (room.connectionCount === 0) this.#forget(room);
    }
  }

  /** The room is gone; what it did still counts. */
  #forget(room: Room): void {
    for (const player of room.players) this.#raiseRevisionFloor(player);
    this.#pastTraffic.absorb(room.traffic);
    addSuperseded(room.superseded, this.#pastSuperseded);
    this.#rooms.delete(room.id);
    this.#watched.delete(room.id);
  }

  /**
   * Lets `use` use a room, creating it if needed. A new room is kept among `rooms`, but only if `use` returns.
   */
  #inRoom<T>(id: string, nowMs: number, use: (room: Room) => T, rooms = this.#rooms): T {
    const room = this.room(id) ?? this.#watched.get(id) ?? this.#createRoom(id, nowMs);
    const result = use(room);
    if (this.#rooms.has(id)) return result;
    this.#watched.delete(id);
    rooms.set(id, room);
    return result;
  }

  #createRoom(id: string, nowMs: number): Room {
    const { roomsMax, playersMax, connectionsMax, tickHz, crowdAbove, fixedRooms } = this.options;
    if (this.#rooms.size + this.#watched.size >= roomsMax) {
      throw new HubError("too_many_rooms", `this server holds at most ${roomsMax} rooms`);
    }
    const { players: fixedPlayers = [], ...settings } = Object.hasOwn(fixedRooms, id)
      ? fixedRooms[id]
      : {};
    const options = {
      id,
      playersMax,
      connectionsMax,
      tickHz,
      crowdAbove,
      ...settings,
      frameLimits: this.options,
      fixedPlayers,
    };
    const host = {
      ...this.#host,
      revisionFloor: () => this.#revisionFloor,
      onRemoved: (player: Player) => this.#raiseRevisionFloor(player),
    };
    return new Room(options, host, nowMs);
  }

  // A name may be taken again after its player is gone. Its revisions start above all those of
  // removed players, so that an ETag never names two frames; one number does it for all names.
  #raiseRevisionFloor(removed: Player): void {
    this.#revisionFloor = Math.max(this.#revisionFloor, removed.revision);
  }
}

// The hub: all rooms of one server. Pure logic: no sockets, no timers, and time is passed in.
import { DEFAULT_FRAME_LIMITS } from "../codec/index.ts";
import type { FrameLimits } from "../codec/index.ts";
import { HubError } from "./errors.ts";
import type { Player } from "./player.ts";
import { Room } from "./room.ts";

export interface HubOptions extends FrameLimits {
  readonly roomsMax: number;
  readonly playersMax: number;
  /** A room that nobody writes to is disposed of after this time. */
  readonly roomIdleMs: number;
  /** Rooms that always exist, each with the slots that always exist in it. */
  readonly fixedRooms: Readonly<Record<string, readonly string[]>>;
}

/** The original's two slots are players of this room. */
export const DEFAULT_ROOM = "default";

export const DEFAULT_HUB_OPTIONS: HubOptions = {
  ...DEFAULT_FRAME_LIMITS,
  roomsMax: 1000,
  playersMax: 500,
  roomIdleMs: 10 * 60_000,
  fixedRooms: { [DEFAULT_ROOM]: ["player1", "player2"] },
};

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Room and player ids: 1-64 of `[A-Za-z0-9_-]`. @throws {HubError} `bad_id`. */
export function checkId(kind: "room" | "player", id: string): void {
  if (ID.test(id)) return;
  throw new HubError("bad_id", `${kind}: expected 1 to 64 of A-Z a-z 0-9 _ -`);
}

export class Hub {
  readonly options: HubOptions;
  readonly #rooms = new Map<string, Room>();
  #revisionFloor = 0;

  constructor(options: Partial<HubOptions>, nowMs: number) {
    this.options = { ...DEFAULT_HUB_OPTIONS, ...options };
    for (const id of Object.keys(this.options.fixedRooms)) {
      this.#rooms.set(id, this.#createRoom(id, nowMs));
    }
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

  /** The player of that name if there is one. @throws {HubError} `bad_id`. */
  player(roomId: string, playerId: string): Player | undefined {
    checkId("player", playerId);
    return this.room(roomId)?.player(playerId);
  }

  /**
   * Lets `write` write to a player. Where there is none, it and its room are new; they stay only if
   * `write` returns, so bad input leaves nothing behind.
   * @throws {HubError} `bad_id`, `too_many_rooms`, `room_full`; and what `write` throws.
   */
  write<T>(roomId: string, playerId: string, nowMs: number, write: (player: Player) => T): T {
    checkId("player", playerId);
    const room = this.room(roomId) ?? this.#createRoom(roomId, nowMs);
    const player = room.player(playerId) ?? room.createPlayer(playerId);
    const result = write(player);
    room.lastUsedMs = nowMs;
    room.add(player);
    this.#rooms.set(roomId, room);
    return result;
  }

  /** Resets a fixed slot, removes any other player; false if there is no such player. */
  removePlayer(roomId: string, playerId: string): boolean {
    checkId("player", playerId);
    return this.room(roomId)?.removePlayer(playerId) ?? false;
  }

  /** Disposes of rooms that nobody has written to for `roomIdleMs`. Call it every few seconds. */
  disposeIdleRooms(nowMs: number): void {
    for (const [id, room] of this.#rooms) {
      if (Object.hasOwn(this.options.fixedRooms, id)) continue;
      if (nowMs - room.lastUsedMs < this.options.roomIdleMs) continue;
      for (const player of room.players) this.#raiseRevisionFloor(player);
      this.#rooms.delete(id);
    }
  }

  #createRoom(id: string, nowMs: number): Room {
    const { roomsMax, playersMax, fixedRooms } = this.options;
    if (this.#rooms.size >= roomsMax) {
      throw new HubError("too_many_rooms", `this server holds ${roomsMax} rooms at the most`);
    }
    const options = {
      id,
      playersMax,
      frameLimits: this.options,
      fixedPlayers: Object.hasOwn(fixedRooms, id) ? fixedRooms[id] : [],
      revisionFloor: () => this.#revisionFloor,
      onRemoved: (player: Player) => this.#raiseRevisionFloor(player),
    };
    return new Room(options, nowMs);
  }

  // A name may be taken again after its player is gone. Its revisions start above all those of
  // removed players, so that an ETag never stands for two frames; one number does it for all names.
  #raiseRevisionFloor(removed: Player): void {
    this.#revisionFloor = Math.max(this.#revisionFloor, removed.frame.revision);
  }
}

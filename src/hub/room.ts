// A room: the players that see each other.
import type { FrameLimits } from "../codec/index.ts";
import { HubError } from "./errors.ts";
import { Player } from "./player.ts";
import type { PlayerStatus } from "./player.ts";

export interface RoomOptions {
  readonly id: string;
  readonly playersMax: number;
  readonly frameLimits: FrameLimits;
  /** Slots that always exist: reset where others would be removed. */
  readonly fixedPlayers: readonly string[];
  /** The highest revision that a removed player of this hub ever had. */
  readonly revisionFloor: () => number;
  readonly onRemoved: (player: Player) => void;
}

export class Room {
  readonly id: string;
  /** When somebody last wrote to this room. */
  lastUsedMs: number;
  readonly #options: RoomOptions;
  readonly #players = new Map<string, Player>();

  constructor(options: RoomOptions, nowMs: number) {
    this.id = options.id;
    this.lastUsedMs = nowMs;
    this.#options = options;
    for (const id of options.fixedPlayers) this.add(this.createPlayer(id));
  }

  get players(): Iterable<Player> {
    return this.#players.values();
  }

  get playerCount(): number {
    return this.#players.size;
  }

  player(id: string): Player | undefined {
    return this.#players.get(id);
  }

  /** A player that is not in the room yet: `add` puts it there. @throws {HubError} `room_full`. */
  createPlayer(id: string): Player {
    const { playersMax, frameLimits, revisionFloor } = this.#options;
    if (this.#players.size >= playersMax) {
      throw new HubError("room_full", `room ${this.id} holds ${playersMax} players at the most`);
    }
    return new Player(id, revisionFloor(), frameLimits);
  }

  add(player: Player): void {
    this.#players.set(player.id, player);
  }

  /** Resets a fixed slot, removes any other; false if there is no such player. */
  removePlayer(id: string): boolean {
    const player = this.#players.get(id);
    if (player === undefined) return false;
    if (this.#options.fixedPlayers.includes(id)) {
      player.reset();
    } else {
      this.#players.delete(id);
      this.#options.onRemoved(player);
    }
    return true;
  }

  status(nowMs: number): { id: string; players: PlayerStatus[] } {
    return {
      id: this.id,
      players: Array.from(this.#players.values(), (player) => player.status(nowMs)),
    };
  }
}

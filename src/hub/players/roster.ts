// A room's players: which there are, and which of them are present for the others to see.
import type { FrameLimits } from "../../codec/index.ts";
import { HubError } from "../errors.ts";
import { IndexPool } from "./index-pool.ts";
import { Player } from "./player.ts";

export interface RosterOptions {
  readonly roomId: string;
  readonly playersMax: number;
  readonly frameLimits: FrameLimits;
  /** Slots that always exist: they keep their place, others are removed when they leave. */
  readonly fixedPlayers: readonly string[];
  /** The highest revision that a removed player ever had. */
  readonly revisionFloor: () => number;
}

export class Roster {
  /** How many players there may be. A lower number than there are removes none. */
  playersMax: number;
  readonly #options: RosterOptions;
  readonly #players = new Map<string, Player>();
  readonly #present = new Set<Player>();
  readonly #indices = new IndexPool();

  constructor(options: RosterOptions) {
    this.#options = options;
    this.playersMax = options.playersMax;
    for (const id of options.fixedPlayers) this.open(id);
  }

  get all(): Iterable<Player> {
    return this.#players.values();
  }

  get size(): number {
    return this.#players.size;
  }

  get present(): ReadonlySet<Player> {
    return this.#present;
  }

  get(id: string): Player | undefined {
    return this.#players.get(id);
  }

  /** Returns the player with this id, creating it if needed. @throws {HubError} `room_full`. */
  open(id: string): Player {
    return this.#players.get(id) ?? this.add(this.create(id));
  }

  /** A player that is not in the room until it is added. @throws {HubError} `room_full`. */
  create(id: string): Player {
    if (this.#players.size >= this.playersMax) {
      const message = `room ${this.#options.roomId} holds at most ${this.playersMax} players`;
      throw new HubError("room_full", message);
    }
    return new Player(id, this.#options.revisionFloor(), this.#options.frameLimits);
  }

  add(player: Player): Player {
    this.#players.set(player.id, player);
    return player;
  }

  /** Makes a player present: gives it an index. */
  enter(player: Player, nowMs: number): void {
    player.index = this.#indices.take(nowMs);
    // A slot may have been here before, and everybody has forgotten it since.
    player.resend();
    this.#present.add(player);
  }

  /** The player is no longer present: its index may be another's after a while. */
  exit(player: Player, nowMs: number): void {
    this.#present.delete(player);
    this.#indices.give(player.index, nowMs);
    player.index = -1;
  }

  /** Removes a player for good; false for a fixed slot, which keeps its last frame. */
  remove({ id }: Player): boolean {
    if (this.#options.fixedPlayers.includes(id)) return false;
    return this.#players.delete(id);
  }
}

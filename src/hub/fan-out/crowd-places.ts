// Everybody's place: broadcast to a crowd a few times a second, so that those who are out of sight can be drawn as
// stand-ins. A room that needs several messages sends them in turns.
import { placesHz, PlacesWriter } from "../../protocol/index.ts";
import type { Broadcaster } from "../connections/broadcaster.ts";
import type { Grid } from "../interest/grid.ts";
import type { CrowdPlayers } from "./crowd-players.ts";

export interface CrowdPlacesOptions {
  readonly topic: string;
  readonly grid: Grid;
  readonly players: CrowdPlayers;
  readonly broadcaster: Broadcaster;
}

// Receivers come and go: even if nobody moves, everybody's place is sent again.
const REPEAT_MS = 2000;

export class CrowdPlaces {
  readonly #options: CrowdPlacesOptions;
  readonly #writer = new PlacesWriter();
  readonly #position = new Float64Array(3);
  #dueMs = -Infinity;
  // The next turn begins with this player, and whether places have changed since the first turn began.
  #next = 0;
  #changesSent = -1;
  #startedMs = -Infinity;

  constructor(options: CrowdPlacesOptions) {
    this.#options = options;
  }

  /** Broadcasts the next message if it is due. @returns its bytes; 0: nothing is due. */
  send(nowMs: number): number {
    if (nowMs < this.#dueMs || !this.#begins(nowMs)) return 0;
    const message = this.#write(nowMs);
    this.#options.broadcaster.broadcast(this.#options.topic, message);
    this.#dueMs = nowMs + 1000 / placesHz(message.length);
    return message.length;
  }

  /** Whether there is a message to send: another turn, or a first one because of what has changed. */
  #begins(nowMs: number): boolean {
    if (this.#next > 0) return true;
    const { changes } = this.#options.players;
    if (changes === this.#changesSent && nowMs - this.#startedMs < REPEAT_MS) return false;
    this.#changesSent = changes;
    this.#startedMs = nowMs;
    return true;
  }

  #write(nowMs: number): Uint8Array<ArrayBuffer> {
    const { grid, players } = this.#options;
    const [originX, originY, originZ] = grid.middle;
    this.#writer.begin({ serverTimeUs: nowMs * 1000, originX, originY, originZ });
    const position = this.#position;
    let index = this.#next;
    for (; index < grid.indexEnd; index++) {
      if (!grid.read(index, position, 0)) continue;
      const heading = players.headings[index];
      if (!this.#writer.add(index, position[0], position[1], position[2], heading)) break;
    }
    this.#next = index < grid.indexEnd ? index : 0;
    return this.#writer.finish();
  }
}

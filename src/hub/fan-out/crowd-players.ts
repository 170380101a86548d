// The players of a crowd by index, and where each of them is.
import { headingOf } from "../../protocol/index.ts";
import type { Grid } from "../interest/grid.ts";
import type { Player } from "../players/player.ts";

// The root of a whole frame is not read without decoding all of it, unlike that of a stream.
const WHOLE_FRAME_INTERVAL_MS = 500;

export class CrowdPlayers {
  /** Radians, by player. */
  readonly headings: Float32Array;
  /** Counts changes of places. */
  changes = 0;
  readonly #grid: Grid;
  readonly #indexCount: number;
  readonly #byIndex: (Player | undefined)[] = [];
  readonly #indices = new Map<string, number>();
  readonly #locatedMs: Float64Array;

  constructor(grid: Grid, indexCount: number) {
    this.#grid = grid;
    this.#indexCount = indexCount;
    this.headings = new Float32Array(indexCount);
    this.#locatedMs = new Float64Array(indexCount);
  }

  at(index: number): Player | undefined {
    return this.#byIndex[index];
  }

  indexOf(id: string): number | undefined {
    return this.#indices.get(id);
  }

  /** Takes note of a player, and of where it is now. @returns whether it is a new one. */
  locate(player: Player, nowMs: number): boolean {
    const { index, id } = player;
    // Indices rest after `left`: where more players come and go than there are indices here, some are in nobody's sight.
    if (index >= this.#indexCount) return false;
    const isNew = this.#byIndex[index] !== player;
    if (isNew) {
      this.#byIndex[index] = player;
      this.#indices.set(id, index);
      this.#locatedMs[index] = -Infinity;
    }
    if (!player.isStreaming && nowMs - this.#locatedMs[index] < WHOLE_FRAME_INTERVAL_MS)
      return isNew;
    this.#locatedMs[index] = nowMs;
    this.#place(player);
    return isNew;
  }

  /** A player is gone. */
  forget({ index, id }: Player): void {
    this.#byIndex[index] = undefined;
    this.#indices.delete(id);
    this.#grid.remove(index);
    this.changes++;
  }

  #place(player: Player): void {
    const { index } = player;
    const root = player.root();
    if (root !== null) {
      this.#grid.set(index, root[0], root[1], root[2]);
      this.headings[index] = headingOf(root[4], root[6]);
    } else if (player.source !== null && !this.#grid.has(index)) {
      // What is missing is as at rest: JSON may leave it out.
      this.#grid.set(index, 0, 0, 0);
      this.headings[index] = 0;
    } else return;
    this.changes++;
  }
}

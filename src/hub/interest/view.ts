// From where a receiver looks at a crowd: its own player, or up to four points that it names.
import { PINNED_MAX, VIEW_POINTS_MAX } from "../../protocol/index.ts";
import type { Grid } from "./grid.ts";

/** A position in the room's metres, or the index of a player. */
export type ViewPoint = readonly [x: number, y: number, z: number] | number;

export class View {
  /** x, y and z of each point, after `resolve`. */
  readonly points = new Float64Array(3 * VIEW_POINTS_MAX);
  #named: readonly ViewPoint[] = [];
  #pins: readonly number[] = [];
  readonly #own: number | null;

  /** `own`: the index of the receiver's player; null for a spectator. */
  constructor(own: number | null) {
    this.#own = own;
  }

  /** The receiver's own player, of whom it is sent nothing. */
  get own(): number | null {
    return this.#own;
  }

  /** Players who are near wherever they are, the most important first. */
  get pins(): readonly number[] {
    return this.#pins;
  }

  /** Looks from these points, the first four of them. None: from the receiver's own player. */
  look(points: readonly ViewPoint[]): void {
    this.#named = points.slice(0, VIEW_POINTS_MAX);
  }

  /** Pins these players, the first sixteen of them. */
  pin(players: readonly number[]): void {
    this.#pins = players.slice(0, PINNED_MAX);
  }

  /**
   * Finds out where the points are now. A player who is gone is no point of view. Without any point the view
   * is the overview: from the middle of everybody.
   * @returns how many points there are, 1 or more.
   */
  resolve(grid: Grid): number {
    let count = 0;
    for (const point of this.#named) {
      if (typeof point === "number") {
        if (grid.read(point, this.points, 3 * count)) count++;
      } else {
        this.points.set(point, 3 * count);
        count++;
      }
    }
    if (count > 0) return count;
    if (this.#own === null || !grid.read(this.#own, this.points, 0)) this.points.set(grid.middle);
    return 1;
  }
}

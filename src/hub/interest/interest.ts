// What each receiver of a crowd is sent. Pure: places, frame sizes and time are passed in, and selections come out.
//
//   interest.grid.set(player, x, y, z);                     // whenever a frame of layer 0 tells it
//   interest.beginTick(nowMs);
//   frames.begin(nowMs);
//   frames.add(player, layer, bytes);                       // once for all receivers
//   sight.select(frames, costs, nowMs, selection);          // for each receiver
//   sight.budget.charge(batch.length);
import { Grid } from "./grid.ts";
import { NewFrames } from "./new-frames.ts";
import { Ranking } from "./ranking.ts";
import { Sight } from "./sight.ts";
import type { SightOptions } from "./sight.ts";
import { DEFAULT_COUNTS } from "./sight-plan.ts";

// Frames of layer 0, which tell places, come at a quarter of the frames: 5 Hz of 20 Hz.
const GRID_INTERVAL_MS = 200;

/** The interest of one room. */
export class Interest {
  /** Where everybody is. */
  readonly grid: Grid;
  readonly #indexCount: number;
  readonly #ranking: Ranking;
  #builtMs = -Infinity;

  /** For player indices below `indexCount`, and sights of up to `inSightMax` players. */
  constructor({
    indexCount,
    inSightMax = DEFAULT_COUNTS.inSight,
  }: {
    readonly indexCount: number;
    readonly inSightMax?: number;
  }) {
    this.#indexCount = indexCount;
    this.grid = new Grid(indexCount);
    this.#ranking = new Ranking(this.grid, { indexCount, inSightMax });
  }

  /** The new frames of one format. JSON's and binary's are independent of each other. */
  createFrames({ areIndependent }: { readonly areIndependent: boolean }): NewFrames {
    return new NewFrames({ indexCount: this.#indexCount, areIndependent });
  }

  /** The sight of one receiver. */
  createSight(options: SightOptions): Sight {
    return new Sight(this.#ranking, options);
  }

  /** Before the selections of a tick. */
  beginTick(nowMs: number): void {
    if (nowMs - this.#builtMs < GRID_INTERVAL_MS) return;
    this.#builtMs = nowMs;
    this.grid.build();
  }
}

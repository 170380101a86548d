// How many players are near, middle and far: as many as rank asks for, and the budget holds.
import type { NewFrames } from "./new-frames.ts";
import { SightClass } from "./sight-class.ts";

export interface SightCounts {
  readonly near: number;
  readonly middle: number;
  /** All together. */
  readonly inSight: number;
}

/** 256: more than a screen shows apart, and few enough for a look at each of them every tick. */
export const DEFAULT_COUNTS: SightCounts = { near: 20, middle: 40, inSight: 256 };

// A keyframe and the frames after it a second: whatever a player at rest does next, everybody who has it in sight can be told within a second.
const PLAYER_BYTES_PER_SECOND_MIN = 250;
// Rates change all the time. Counts grow only if more room than that is left.
const GROW_SHARE = 0.92;

// How much further the next fit may reach.
const GROW_STEP = 1.25;
const GROW_STEP_MIN = 80;

export interface PlanInput {
  readonly frames: NewFrames;
  /** The first players in order of rank are always near. */
  readonly pinned: number;
  readonly bytesPerSecond: number;
  /** The receiver is sent no more layers. */
  readonly layersMax: number;
}

interface Ends {
  near: number;
  middle: number;
  far: number;
}

/** The counts of one receiver, by rank: ranks below `near` are near, those up to `middle` middle, up to `far` far. */
export class SightPlan {
  readonly counts: SightCounts;
  readonly ends: Ends = { near: 0, middle: 0, far: 0 };
  /** Whether fewer are near than rank asks for. */
  isShrunk = false;

  constructor(counts: SightCounts) {
    this.counts = counts;
  }

  /** Who may be in sight after the next `fit`: looking for more neighbours would be for nothing. */
  get mayGrowTo(): number {
    return Math.ceil(this.ends.far * GROW_STEP) + GROW_STEP_MIN;
  }

  /** Fits the counts to what these players cost, in order of rank. */
  fit(players: Int32Array, count: number, input: PlanInput): void {
    this.#fitInto(loose, players, count, input, input.bytesPerSecond);
    this.#fitInto(strict, players, count, input, GROW_SHARE * input.bytesPerSecond);
    const { ends } = this;
    ends.near = between(strict.near, ends.near, loose.near);
    ends.middle = Math.max(ends.near, between(strict.middle, ends.middle, loose.middle));
    ends.far = Math.max(ends.middle, between(strict.far, ends.far, loose.far));
    this.isShrunk = ends.near < Math.min(this.counts.near, count);
  }

  #fitInto(
    out: Ends,
    players: Int32Array,
    count: number,
    input: PlanInput,
    bytesPerSecond: number,
  ): void {
    const { counts } = this;
    const { pinned } = input;
    let near = Math.min(Math.max(counts.near, pinned), count);
    let middle = Math.min(near + counts.middle, count);
    let far = middle;
    let sum = 0;
    for (let rank = 0; rank < middle; rank++) {
      sum += cost(input, players[rank], rank < near ? SightClass.Near : SightClass.Middle);
    }
    // Near shrinks first, then middle, then what is in sight at all.
    for (; sum > bytesPerSecond && near > pinned; near--) {
      const player = players[near - 1];
      sum -= cost(input, player, SightClass.Near) - cost(input, player, SightClass.Middle);
    }
    for (; sum > bytesPerSecond && middle > near; middle--) {
      const player = players[middle - 1];
      sum -= cost(input, player, SightClass.Middle) - cost(input, player, SightClass.Far);
    }
    for (; sum > bytesPerSecond && far > middle; far--) {
      sum -= cost(input, players[far - 1], SightClass.Far);
    }
    for (; far < count; far++) {
      sum += cost(input, players[far], SightClass.Far);
      if (sum > bytesPerSecond) break;
    }
    out.near = near;
    out.middle = middle;
    out.far = far;
  }
}

const loose: Ends = { near: 0, middle: 0, far: 0 };
const strict: Ends = { near: 0, middle: 0, far: 0 };

/** Bytes a second of a player in this class, whose number is that of its layers. */
function cost({ frames, layersMax }: PlanInput, player: number, layers: number): number {
  const rate = frames.bytesPerSecond(player, Math.min(layers, layersMax));
  return Math.max(PLAYER_BYTES_PER_SECOND_MIN, rate);
}

function between(min: number, value: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}

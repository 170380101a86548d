// Ranks the players of a crowd for one receiver after another, and decides their classes. All receivers of a room
// share its memory.
import { PINNED_MAX } from "../../protocol/index.ts";
import type { Grid } from "./grid.ts";
import type { NewFrames } from "./new-frames.ts";
import { SightClass } from "./sight-class.ts";
import type { SightPlan } from "./sight-plan.ts";
import { Slots } from "./slots.ts";
import type { View } from "./view.ts";

/** The class of a player changes at most once in this time: nobody flickers. */
export const CLASS_HELD_MS = 1000;
// A player keeps a class until it is a fifth of the count further down than the last that may have it.
const MARGIN_SHARE = 0.2;

export interface RankInput {
  readonly view: View;
  readonly plan: SightPlan;
  readonly frames: NewFrames;
  readonly bytesPerSecond: number;
  readonly layersMax: number;
  readonly nowMs: number;
}

export class Ranking {
  readonly #grid: Grid;
  // The slots that the next receiver gets for its own.
  #spare: Slots;
  readonly #slotsMax: number;
  #shared = 0;
  // By rank: the player, its slot so far or -1, the class it has and the one it is to have.
  #count = 0;
  readonly #players: Int32Array;
  readonly #slots: Int32Array;
  readonly #current: Uint8Array;
  readonly #wanted: Uint8Array;
  readonly #isHeld: Uint8Array;
  // By player: its rank, or -1.
  readonly #ranks: Int32Array;
  // Players to enter, in ascending order.
  readonly #entering: Int32Array;

  constructor(grid: Grid, { indexCount, inSightMax }: { indexCount: number; inSightMax: number }) {
    this.#grid = grid;
    // Those ranked, those in sight without a rank, and those who left sight less than a second ago. Whoever has
    // entered in that second cannot leave yet, so each is one sight at most.
    this.#slotsMax = 3 * (inSightMax + PINNED_MAX);
    this.#spare = this.createSlots();
    const ranks = inSightMax + PINNED_MAX + 1;
    this.#players = new Int32Array(ranks);
    this.#slots = new Int32Array(ranks);
    this.#current = new Uint8Array(ranks);
    this.#wanted = new Uint8Array(ranks);
    this.#isHeld = new Uint8Array(ranks);
    this.#ranks = new Int32Array(indexCount).fill(-1);
    this.#entering = new Int32Array(ranks);
  }

  createSlots(): Slots {
    return new Slots(this.#slotsMax);
  }

  /** A share, 0 to 1, for each receiver another: evenly spread, however many have asked. */
  nextShare(): number {
    // Multiples of the golden ratio leave no large gap.
    this.#shared = (this.#shared + 0.618_033_988_75) % 1;
    return this.#shared;
  }

  /** Ranks everybody again. @returns the receiver's slots from now on; those it had are another's. */
  rank(slots: Slots, input: RankInput): Slots {
    const pinned = this.#listPlayers(input);
    const { plan, nowMs } = input;
    plan.fit(this.#players, this.#count, { ...input, pinned });
    this.#readSlots(slots, nowMs);
    const { near, middle, far } = plan.ends;
    this.#admit(slots, SightClass.Far, far, pinned, nowMs);
    this.#admit(slots, SightClass.Middle, middle, pinned, nowMs);
    this.#admit(slots, SightClass.Near, near, pinned, nowMs);
    return this.#merge(slots, nowMs);
  }

  /** The pinned, then the nearest. @returns how many are pinned. */
  #listPlayers({ view, plan }: RankInput): number {
    const grid = this.#grid;
    this.#count = 0;
    for (const player of view.pins) if (player !== view.own && grid.has(player)) this.#list(player);
    const pinned = this.#count;
    const points = view.resolve(grid);
    // One more: the receiver's own player is usually the nearest.
    const wanted = Math.min(plan.mayGrowTo, plan.counts.inSight);
    const found = grid.nearest(view.points, points, wanted + 1);
    for (let at = 0; at < found && this.#count < wanted; at++) {
      if (grid.ranked[at] !== view.own) this.#list(grid.ranked[at]);
    }
    return pinned;
  }

  #list(player: number): void {
    if (this.#ranks[player] >= 0) return;
    this.#ranks[player] = this.#count;
    this.#players[this.#count] = player;
    this.#count++;
  }

  #readSlots(slots: Slots, nowMs: number): void {
    this.#slots.fill(-1, 0, this.#count);
    this.#current.fill(SightClass.Out, 0, this.#count);
    this.#isHeld.fill(0, 0, this.#count);
    for (let slot = 0; slot < slots.count; slot++) {
      const rank = this.#ranks[slots.players[slot]];
      if (rank < 0) continue;
      this.#slots[rank] = slot;
      this.#current[rank] = slots.classes[slot];
      this.#isHeld[rank] = isHeld(slots, slot, nowMs) ? 1 : 0;
    }
    for (let rank = 0; rank < this.#count; rank++) {
      this.#wanted[rank] = this.#isHeld[rank] === 1 ? this.#current[rank] : SightClass.Out;
    }
  }

  /** Gives a class, or one above it, to `end` players: who may not lose it, the first ranks, and who has it already. */
  #admit(slots: Slots, level: SightClass, end: number, pinned: number, nowMs: number): void {
    const margin = Math.ceil(MARGIN_SHARE * end);
    let room = end - countHeld(slots, level, nowMs);
    const first = Math.min(end, this.#count);
    for (let rank = 0; rank < first && room > 0; rank++) {
      if (!this.#isCandidate(rank, level)) continue;
      if (rank >= pinned && rank >= end - margin && this.#current[rank] < level) continue;
      this.#wanted[rank] = level;
      room--;
    }
    const last = Math.min(end + margin, this.#count);
    for (let rank = first; rank < last && room > 0; rank++) {
      if (!this.#isCandidate(rank, level) || this.#current[rank] < level) continue;
      this.#wanted[rank] = level;
      room--;
    }
    for (let rank = 0; rank < first && room > 0; rank++) {
      if (!this.#isCandidate(rank, level)) continue;
      this.#wanted[rank] = level;
      room--;
    }
  }

  #isCandidate(rank: number, level: SightClass): boolean {
    return this.#isHeld[rank] === 0 && this.#wanted[rank] === level - 1;
  }

  /** Builds the new slots in order of players: those that have or may have a class, and those who may not come back yet. */
  #merge(slots: Slots, nowMs: number): Slots {
    const out = this.#spare;
    const entering = this.#listEntering();
    out.count = 0;
    out.isAnyWaiting = true;
    let next = 0;
    for (let slot = 0; slot < slots.count; slot++) {
      const player = slots.players[slot];
      for (; next < entering && this.#entering[next] < player; next++) this.#append(next, out);
      const rank = this.#ranks[player];
      if (rank < 0) keepUnranked(slots, slot, nowMs, out);
      else this.#keep(slots, slot, rank, nowMs, out);
    }
    for (; next < entering; next++) this.#append(next, out);
    this.#orderByRank(out);
    for (let rank = 0; rank < this.#count; rank++) this.#ranks[this.#players[rank]] = -1;
    this.#spare = slots;
    return out;
  }

  /** Lists players who are to enter and have no slot, in ascending order. They are few, but for newcomers. */
  #listEntering(): number {
    const list = this.#entering;
    let count = 0;
    for (let rank = 0; rank < this.#count; rank++) {
      if (this.#slots[rank] >= 0 || this.#wanted[rank] === SightClass.Out) continue;
      const player = this.#players[rank];
      let at = count++;
      for (; at > 0 && list[at - 1] > player; at--) list[at] = list[at - 1];
      list[at] = player;
    }
    return count;
  }

  #append(next: number, out: Slots): void {
    const player = this.#entering[next];
    const rank = this.#ranks[player];
    const to = out.append(player, null, -1);
    out.wanted[to] = this.#wanted[rank];
    this.#slots[rank] = to;
  }

  #keep(slots: Slots, slot: number, rank: number, nowMs: number, out: Slots): void {
    this.#slots[rank] = -1;
    const wanted = this.#wanted[rank];
    if (wanted === SightClass.Out && isForgettable(slots, slot, nowMs)) return;
    const to = out.append(slots.players[slot], slots, slot);
    changeClass(out, to, wanted, nowMs);
    this.#slots[rank] = to;
  }

  #orderByRank(out: Slots): void {
    let count = 0;
    for (let rank = 0; rank < this.#count; rank++) {
      const slot = this.#slots[rank];
      if (slot >= 0) out.byRank[count++] = slot;
    }
    // Those without a rank are the last.
    for (let slot = 0; slot < out.count; slot++) {
      if (this.#ranks[out.players[slot]] < 0) out.byRank[count++] = slot;
    }
    out.rankedCount = count;
  }
}

function isHeld(slots: Slots, slot: number, nowMs: number): boolean {
  return nowMs - slots.changedMs[slot] < CLASS_HELD_MS;
}

/** How many keep this class or one above it because theirs has just changed. */
function countHeld(slots: Slots, level: SightClass, nowMs: number): number {
  let count = 0;
  for (let slot = 0; slot < slots.count; slot++) {
    if (slots.classes[slot] >= level && isHeld(slots, slot, nowMs)) count++;
  }
  return count;
}

/** Nothing has to be remembered of a player out of sight that may come back at once. */
function isForgettable(slots: Slots, slot: number, nowMs: number): boolean {
  const isOut = slots.classes[slot] === SightClass.Out && slots.isLeaving[slot] === 0;
  return isOut && !isHeld(slots, slot, nowMs);
}

/** A player without a rank leaves sight, unless its class has just changed. */
function keepUnranked(slots: Slots, slot: number, nowMs: number, out: Slots): void {
  if (isForgettable(slots, slot, nowMs)) return;
  const to = out.append(slots.players[slot], slots, slot);
  if (!isHeld(slots, slot, nowMs)) changeClass(out, to, SightClass.Out, nowMs);
}

/** A player leaves sight at once, and enters when the budget holds it. In sight it changes with the next that is sent. */
function changeClass(slots: Slots, slot: number, wanted: number, nowMs: number): void {
  slots.wanted[slot] = wanted;
  if (wanted !== SightClass.Out || slots.classes[slot] === SightClass.Out) return;
  slots.classes[slot] = SightClass.Out;
  slots.changedMs[slot] = nowMs;
  slots.isLeaving[slot] = 1;
}

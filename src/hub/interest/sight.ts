// One receiver's sight of a crowd: the class of each player, and what the receiver is sent of them at a tick.
import { LAYERS_MAX } from "../../codec/stream/index.ts";
import { addEntries } from "./add-entries.ts";
import { Budget, DEFAULT_BUDGET } from "./budget.ts";
import type { BudgetOptions } from "./budget.ts";
import { Demand } from "./demand.ts";
import type { NewFrames } from "./new-frames.ts";
import type { Ranking } from "./ranking.ts";
import type { Selection } from "./selection.ts";
import { SightClass } from "./sight-class.ts";
import { DEFAULT_COUNTS, SightPlan } from "./sight-plan.ts";
import type { SightCounts } from "./sight-plan.ts";
import type { SightTick, StateCosts } from "./sight-tick.ts";
import type { Slots } from "./slots.ts";
import { View } from "./view.ts";

/** Places change a few times a second, and a class once a second. */
const RANK_INTERVAL_MS = 500;
// A receiver that changes its view all the time is not ranked at every tick.
const RANK_INTERVAL_MIN_MS = 100;
// Players who enter are tried in order of rank until a few do not fit: the others would hardly fit either.
const MISFITS_MAX = 4;
/** Everybody's place, 15 kB/s. */
const OTHER_BYTES_PER_SECOND = 15_000;
// Those ranked at the first ranking need slots beside those that were there before.
const ADOPTED_SHARE = 2 / 3;

export interface SightOptions {
  /** The index of the receiver's player; null for a spectator. */
  readonly own: number | null;
  readonly nowMs: number;
  readonly counts?: SightCounts;
  readonly budget?: BudgetOptions;
  /** What the receiver is sent besides entries, as far as it is known before: everybody's place. */
  readonly otherBytesPerSecond?: number;
}

export class Sight {
  /** Points of view and pins. Call `viewChanged` after a change of it. */
  readonly view: View;
  /** Whatever is sent to the receiver is charged to it: batches, places, control messages. */
  readonly budget: Budget;
  /** The most layers that the receiver is sent: those it asked for, fewer while it lags. */
  layersMax = LAYERS_MAX;
  readonly #ranking: Ranking;
  readonly #plan: SightPlan;
  #otherBytesPerSecond: number;
  #slots: Slots;
  readonly #demand: Demand;
  #tick: SightTick | undefined;
  // Receivers that joined together are not all ranked at the same tick.
  #rankOffsetMs: number;
  #rankedMs = -Infinity;
  #rankDueMs = -Infinity;
  #shortMs = -Infinity;

  constructor(ranking: Ranking, options: SightOptions) {
    const { own, nowMs, counts = DEFAULT_COUNTS, budget = DEFAULT_BUDGET } = options;
    const { otherBytesPerSecond = OTHER_BYTES_PER_SECOND } = options;
    this.view = new View(own);
    this.budget = new Budget(budget, nowMs);
    this.#ranking = ranking;
    this.#rankOffsetMs = -ranking.nextShare() * (RANK_INTERVAL_MS / 2);
    this.#plan = new SightPlan(counts);
    this.#otherBytesPerSecond = otherBytesPerSecond;
    this.#slots = ranking.createSlots();
    this.#demand = new Demand(this.#slots.players.length);
  }

  /** The view has changed: everybody is ranked again soon. */
  viewChanged(): void {
    this.#rankDueMs = this.#rankedMs + RANK_INTERVAL_MIN_MS;
  }

  /** Another budget from now on, and another part of it for what is sent besides entries. */
  setBudget(bytesPerSecond: number, otherBytesPerSecond: number, nowMs: number): void {
    this.budget.setBytesPerSecond(bytesPerSecond, nowMs);
    this.#otherBytesPerSecond = otherBytesPerSecond;
    this.viewChanged();
  }

  /**
   * Puts players in sight of whom the receiver has been sent everything so far, in ascending order. `lacksNewest`: but for
   * the newest frames of some. To be called before the first selection.
   * @returns false if they are more than a sight holds: nobody is in sight.
   */
  adopt(
    players: readonly number[],
    lacksNewest: (player: number) => boolean,
    nowMs: number,
  ): boolean {
    const slots = this.#slots;
    if (players.length > ADOPTED_SHARE * slots.players.length) return false;
    for (const player of players) {
      if (player === this.view.own) continue;
      slots.appendNear(player, lacksNewest(player), this.layersMax, nowMs);
    }
    return true;
  }

  /** Whether a player is in sight, and what is sent of it next needs nothing that was not sent. */
  holds(player: number): boolean {
    const slot = this.#slots.find(player);
    return (
      slot >= 0 && this.#slots.classes[slot] !== SightClass.Out && this.#slots.isBroken[slot] === 0
    );
  }

  /** How many of a tick's frames are of players in sight. */
  countNew({ firsts, ends }: NewFrames): number {
    const { count, players, classes } = this.#slots;
    let sum = 0;
    for (let slot = 0; slot < count; slot++) {
      if (classes[slot] === SightClass.Out) continue;
      sum += ends[players[slot]] - firsts[players[slot]];
    }
    return sum;
  }

  /** How this receiver sees a player at present. */
  classOf(player: number): SightClass {
    const slot = this.#slots.find(player);
    return slot < 0 ? SightClass.Out : (this.#slots.classes[slot] as SightClass);
  }

  /** Whether the budget has made near smaller than its count, or left frames out within the last `ms`. */
  isShort(nowMs: number, ms: number): boolean {
    return this.#plan.isShrunk || nowMs - this.#shortMs <= ms;
  }

  /** How many players may be near at present. */
  get near(): number {
    return this.#plan.ends.near;
  }

  /** Players in sight. */
  get inSight(): number {
    let count = 0;
    for (let slot = 0; slot < this.#slots.count; slot++) {
      if (this.#slots.classes[slot] !== SightClass.Out) count++;
    }
    return count;
  }

  /** A player is gone from the room: its index may be another's. The receiver learns of it by `left`. */
  forget(player: number): void {
    const slot = this.#slots.find(player);
    if (slot >= 0) this.#slots.clear(slot);
  }

  /**
   * The receiver is about to be given full state: nobody is in its sight, and everybody whom the budget holds
   * enters it in the next selection.
   */
  reset(): void {
    this.#slots.reset();
  }

  /**
   * Selects what the receiver is sent now, and takes note that it is sent. The caller charges the bytes to
   * `budget`.
   */
  select(frames: NewFrames, costs: StateCosts, nowMs: number, out: Selection): void {
    out.clear();
    this.budget.refill(nowMs);
    if (nowMs >= this.#rankDueMs) this.#rank(frames, nowMs);
    const tick = this.#tickOf(frames, costs, nowMs);
    const slots = this.#slots;
    const asked = this.#demand.measure(slots, tick);
    const { available } = this.budget;
    if (asked > available) {
      this.#shortMs = nowMs;
      this.#demand.share(slots, tick, available);
    }
    if (slots.isAnyWaiting) this.#enter(tick, Math.min(asked, available), out);
    addEntries(slots, this.#demand, tick, out);
  }

  #tickOf(frames: NewFrames, costs: StateCosts, nowMs: number): SightTick {
    const { layersMax } = this;
    const tick = (this.#tick ??= { frames, costs, layersMax, nowMs });
    tick.frames = frames;
    tick.costs = costs;
    tick.layersMax = layersMax;
    tick.nowMs = nowMs;
    return tick;
  }

  #rank(frames: NewFrames, nowMs: number): void {
    const { view, layersMax } = this;
    const bytesPerSecond = Math.max(0, this.budget.plannable - this.#otherBytesPerSecond);
    const input = { view, plan: this.#plan, frames, bytesPerSecond, layersMax, nowMs };
    this.#slots = this.#ranking.rank(this.#slots, input);
    this.#rankedMs = nowMs;
    this.#rankDueMs = nowMs + RANK_INTERVAL_MS + this.#rankOffsetMs;
    this.#rankOffsetMs = 0;
  }

  /** Lets those enter whom the budget holds beside `planned` bytes of frames, by rank. */
  #enter({ costs, nowMs }: SightTick, planned: number, out: Selection): void {
    const slots = this.#slots;
    let rest = this.budget.availableForEntering - planned;
    let misfits = 0;
    let largest = 0;
    let isAnyStateless = false;
    for (let rank = 0; rank < slots.rankedCount && misfits < MISFITS_MAX; rank++) {
      const slot = slots.byRank[rank];
      if (slots.classes[slot] !== SightClass.Out || slots.wanted[slot] === SightClass.Out) continue;
      const bytes = costs.stateBytes(slots.players[slot]);
      if (bytes < 0) {
        isAnyStateless = true;
      } else if (bytes > rest) {
        misfits++;
        largest = Math.max(largest, bytes);
      } else {
        rest -= bytes;
        slots.enter(slot, nowMs);
        this.#demand.isStateless[slot] = 0;
        this.#demand.granted[slot] = SightClass.Near;
        out.entered++;
      }
    }
    this.budget.saveFor(largest);
    slots.isAnyWaiting = isAnyStateless || misfits > 0;
  }
}

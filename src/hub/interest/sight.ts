// One receiver's sight of a crowd: the class of each player, and what the receiver is sent of them at a tick.
import { Budget, DEFAULT_BUDGET } from "./budget.ts";
import type { BudgetOptions } from "./budget.ts";
import type { NewFrames } from "./new-frames.ts";
import { CLASS_HELD_MS } from "./ranking.ts";
import type { Ranking } from "./ranking.ts";
import { EntryKind } from "./selection.ts";
import type { Selection } from "./selection.ts";
import { SightClass } from "./sight-class.ts";
import { DEFAULT_COUNTS, SightPlan } from "./sight-plan.ts";
import type { SightCounts } from "./sight-plan.ts";
import type { Slots } from "./slots.ts";
import { View } from "./view.ts";

/** Places change a few times a second, and a class once a second. */
export const RANK_INTERVAL_MS = 500;
// A receiver that changes its view all the time is not ranked at every tick.
const RANK_INTERVAL_MIN_MS = 100;
// Of those who wait for their turn, the ones that waited longest are first, by this much.
const TURN_MS = 250;
const TURNS = 4;
// A player whose newest frame is missing for longer, because its layer was left out or the budget did not hold it,
// is sent its state.
const LACKS_MAX_MS = 400;
// A player whom the budget does not hold for longer leaves sight. So nobody in sight starves for a second, even where
// a tick is a third of a second late.
const STARVES_MAX_MS = 650;
// Players who enter are tried in order of rank until a few do not fit: the others would hardly fit either.
const MISFITS_MAX = 4;
/** Everybody's place, 15 kB/s. */
const OTHER_BYTES_PER_SECOND = 15_000;

/** What a receiver must be sent of a player so that it can decode what follows. */
export interface StateCosts {
  /**
   * Bytes of the entries of `EntryKind.State` for this receiver: skeleton (without its payload if the receiver
   * holds it), keyframe and the frames after it. Below 0: there is no state of this player now.
   */
  stateBytes(player: number): number;
}

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
  /** Points of view and pins. Call `look` again after a change of it. */
  readonly view: View;
  /** Whatever is sent to the receiver is charged to it: batches, places, control messages. */
  readonly budget: Budget;
  /** The most layers that the receiver is sent: those it asked for, fewer while it lags. */
  layersMax = 3;
  readonly #ranking: Ranking;
  readonly #plan: SightPlan;
  readonly #plannedBytesPerSecond: number;
  #slots: Slots;
  // Receivers that joined together are not all ranked at the same tick.
  #rankOffsetMs: number;
  #rankedMs = -Infinity;
  #rankDueMs = -Infinity;
  #shortMs = -Infinity;
  // By slot, while the budget does not hold everything: how many layers it holds.
  readonly #granted: Uint8Array;
  // By slot: it needs state, and there is none.
  readonly #isStateless: Uint8Array;

  constructor(ranking: Ranking, options: SightOptions) {
    const { own, nowMs, counts = DEFAULT_COUNTS, budget = DEFAULT_BUDGET } = options;
    const { otherBytesPerSecond = OTHER_BYTES_PER_SECOND } = options;
    this.view = new View(own);
    this.budget = new Budget(budget, nowMs);
    this.#ranking = ranking;
    this.#rankOffsetMs = -ranking.nextShare() * (RANK_INTERVAL_MS / 2);
    this.#plan = new SightPlan(counts);
    this.#plannedBytesPerSecond = Math.max(0, this.budget.plannable - otherBytesPerSecond);
    this.#slots = ranking.createSlots();
    this.#granted = new Uint8Array(this.#slots.players.length);
    this.#isStateless = new Uint8Array(this.#slots.players.length);
  }

  /** The view has changed: the next tick ranks everybody again. */
  viewChanged(): void {
    this.#rankDueMs = this.#rankedMs + RANK_INTERVAL_MIN_MS;
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
    const slots = this.#slots;
    for (let slot = 0; slot < slots.count; slot++) {
      const wanted = Math.max(slots.classes[slot], slots.wanted[slot]);
      slots.clear(slot);
      slots.wanted[slot] = wanted;
    }
    slots.isAnyWaiting = true;
  }

  /**
   * Selects what the receiver is sent now, and takes note that it is sent. The caller charges the bytes to
   * `budget`.
   */
  select(frames: NewFrames, costs: StateCosts, nowMs: number, out: Selection): void {
    out.clear();
    this.budget.refill(nowMs);
    if (nowMs >= this.#rankDueMs) this.#rank(frames, nowMs);
    const slots = this.#slots;
    const wanted = this.#want(frames, costs, nowMs);
    const available = this.budget.available;
    if (wanted > available) this.#share(frames, costs, nowMs, available);
    else this.#granted.fill(SightClass.Near, 0, slots.count);
    if (slots.isAnyWaiting) this.#enter(costs, Math.min(wanted, available), nowMs, out);
    this.#addAll(frames, nowMs, out);
  }

  #rank(frames: NewFrames, nowMs: number): void {
    const { view } = this;
    const bytesPerSecond = this.#plannedBytesPerSecond;
    const { layersMax } = this;
    const input = { view, plan: this.#plan, frames, bytesPerSecond, layersMax, nowMs };
    this.#slots = this.#ranking.rank(this.#slots, input);
    this.#rankedMs = nowMs;
    this.#rankDueMs = nowMs + RANK_INTERVAL_MS + this.#rankOffsetMs;
    this.#rankOffsetMs = 0;
  }

  /** Bytes of everything that the classes ask for, for those who are in sight. */
  #want(frames: NewFrames, costs: StateCosts, nowMs: number): number {
    const slots = this.#slots;
    // In locals: this loop runs for every receiver and every player in its sight.
    const { count, players, classes, lacksNewest, sentMs, isBroken, layersNow } = slots;
    const { firsts, ends, layers, bytes } = frames;
    const { layersMax } = this;
    this.#isStateless.fill(0, 0, count);
    let sum = 0;
    for (let slot = 0; slot < count; slot++) {
      const sightClass = classes[slot];
      if (sightClass === SightClass.Out) continue;
      const player = players[slot];
      const isLate = lacksNewest[slot] === 1 && nowMs - sentMs[slot] > LACKS_MAX_MS;
      if (isLate || frames.isRestarted(player)) this.#break(slot);
      if (isBroken[slot] === 1) {
        const stateBytes = costs.stateBytes(player);
        if (stateBytes < 0) this.#isStateless[slot] = 1;
        else sum += stateBytes;
        continue;
      }
      const first = firsts[player];
      const frameCount = ends[player] - first;
      if (frameCount === 0) continue;
      const layer = layers[first];
      const isOne = frameCount === 1 && frames.isRepeated[first] === 0;
      if (!isOne) sum += this.#bytesOf(slot, frames, 0, SightClass.Near);
      else if (layer === 0 || layer < Math.min(sightClass, layersMax, layersNow[slot])) {
        sum += bytes[first];
      }
    }
    return sum;
  }

  /** Bytes of a slot's new frames of layers `first` to `end` - 1. */
  #bytesOf(slot: number, frames: NewFrames, first: number, end: number): number {
    const slots = this.#slots;
    const player = slots.players[slot];
    const layersOfClass = Math.min(slots.classes[slot], this.layersMax);
    let layers = Math.min(slots.layersNow[slot], layersOfClass);
    let sum = 0;
    for (let frame = frames.firsts[player]; frame < frames.ends[player]; frame++) {
      const layer = frames.layers[frame];
      if (frames.isRepeated[frame] === 1) {
        if (first === 0 && slots.lacksNewest[slot] === 1) sum += frames.bytes[frame];
        continue;
      }
      if (layer === 0) layers = layersOfClass;
      if (layer >= first && layer < end && layer < layers) sum += frames.bytes[frame];
    }
    return sum;
  }

  /**
   * The budget does not hold everything. Layer 0 first, of those who have waited longest, so that nobody starves;
   * then layer 1 and layer 2 by rank, so that near shrinks first.
   */
  #share(frames: NewFrames, costs: StateCosts, nowMs: number, available: number): void {
    const slots = this.#slots;
    let rest = available;
    this.#shortMs = nowMs;
    this.#granted.fill(0, 0, slots.count);
    for (let turn = 0; turn < TURNS; turn++) {
      for (let rank = 0; rank < slots.rankedCount; rank++) {
        const slot = slots.byRank[rank];
        if (slots.classes[slot] === SightClass.Out || turnOf(slots.sentMs[slot], nowMs) !== turn) {
          continue;
        }
        if (this.#isStateless[slot] === 1) continue;
        const isBroken = slots.isBroken[slot] === 1;
        const bytes = isBroken
          ? costs.stateBytes(slots.players[slot])
          : this.#bytesOf(slot, frames, 0, 1);
        if (bytes > rest) continue;
        rest -= bytes;
        this.#granted[slot] = isBroken ? SightClass.Near : SightClass.Far;
      }
    }
    for (let layer = 1; layer < SightClass.Near; layer++) {
      for (let rank = 0; rank < slots.rankedCount; rank++) {
        const slot = slots.byRank[rank];
        if (this.#granted[slot] !== layer) continue;
        const bytes = this.#bytesOf(slot, frames, layer, layer + 1);
        if (bytes > rest) continue;
        rest -= bytes;
        this.#granted[slot] = layer + 1;
      }
    }
  }

  /** Lets those enter whom the budget holds beside `planned` bytes of frames, by rank. */
  #enter(costs: StateCosts, planned: number, nowMs: number, out: Selection): void {
    const slots = this.#slots;
    let rest = this.budget.availableForEntering - planned;
    let misfits = 0;
    let waiting = 0;
    let isAnyWaiting = false;
    for (let rank = 0; rank < slots.rankedCount && misfits < MISFITS_MAX; rank++) {
      const slot = slots.byRank[rank];
      if (slots.classes[slot] !== SightClass.Out || slots.wanted[slot] === SightClass.Out) continue;
      const bytes = costs.stateBytes(slots.players[slot]);
      if (bytes < 0) {
        isAnyWaiting = true;
        continue;
      }
      if (bytes > rest) {
        misfits++;
        waiting = Math.max(waiting, bytes);
        continue;
      }
      rest -= bytes;
      slots.classes[slot] = slots.wanted[slot];
      slots.changedMs[slot] = nowMs;
      slots.isLeaving[slot] = 0;
      slots.isBroken[slot] = 1;
      this.#isStateless[slot] = 0;
      this.#granted[slot] = SightClass.Near;
      out.entered++;
    }
    this.budget.saveFor(waiting);
    slots.isAnyWaiting = isAnyWaiting || misfits > 0;
  }

  #addAll(frames: NewFrames, nowMs: number, out: Selection): void {
    const slots = this.#slots;
    const { count, players, classes, wanted, lacksNewest, sentMs, isBroken, layersNow } = slots;
    const { firsts, ends, layers, isRepeated } = frames;
    const { layersMax } = this;
    const granted = this.#granted;
    for (let slot = 0; slot < count; slot++) {
      const sightClass = classes[slot];
      const player = players[slot];
      const frame = firsts[player];
      // One frame of a player in sight, which the budget holds: nearly always it is that.
      const isUsual =
        sightClass === wanted[slot] &&
        sightClass !== SightClass.Out &&
        granted[slot] === SightClass.Near &&
        ends[player] - frame === 1 &&
        isBroken[slot] + isRepeated[frame] === 0;
      if (!isUsual) {
        this.#add(slot, frames, nowMs, out);
        continue;
      }
      const layer = layers[frame];
      if (layer === 0) layersNow[slot] = Math.min(sightClass, layersMax);
      if (layer === 0 || layer < Math.min(sightClass, layersMax, layersNow[slot])) {
        out.add(EntryKind.Frame, player, frame);
        lacksNewest[slot] = 0;
        sentMs[slot] = nowMs;
      } else {
        lacksNewest[slot] = 1;
      }
    }
  }

  #add(slot: number, frames: NewFrames, nowMs: number, out: Selection): void {
    const slots = this.#slots;
    const player = slots.players[slot];
    if (slots.classes[slot] === SightClass.Out) {
      if (slots.isLeaving[slot] === 1) this.#leave(slot, slots.changedMs[slot], out);
    } else if (slots.isBroken[slot] === 1) {
      const isSent = this.#granted[slot] !== 0 && this.#isStateless[slot] === 0;
      if (isSent) this.#addState(slot, nowMs, out);
      else if (this.#mustLeave(slot, nowMs)) this.#leave(slot, nowMs, out);
    } else if (frames.ends[player] > 0) {
      this.#addFrames(slot, frames, nowMs, out);
    } else if (slots.lacksNewest[slot] === 0) {
      slots.markSent(slot, nowMs);
    }
  }

  #mustLeave(slot: number, nowMs: number): boolean {
    const { sentMs, changedMs } = this.#slots;
    return nowMs - sentMs[slot] > STARVES_MAX_MS && nowMs - changedMs[slot] >= CLASS_HELD_MS;
  }

  #leave(slot: number, changedMs: number, out: Selection): void {
    const slots = this.#slots;
    slots.classes[slot] = SightClass.Out;
    slots.wanted[slot] = SightClass.Out;
    slots.changedMs[slot] = changedMs;
    slots.isLeaving[slot] = 0;
    slots.isBroken[slot] = 0;
    slots.lacksNewest[slot] = 0;
    out.left++;
    out.add(EntryKind.Out, slots.players[slot]);
  }

  #addState(slot: number, nowMs: number, out: Selection): void {
    const slots = this.#slots;
    slots.isBroken[slot] = 0;
    slots.lacksNewest[slot] = 0;
    slots.markSent(slot, nowMs);
    slots.layersNow[slot] = slots.classes[slot];
    out.add(EntryKind.State, slots.players[slot]);
  }

  #addFrames(slot: number, frames: NewFrames, nowMs: number, out: Selection): void {
    const slots = this.#slots;
    const player = slots.players[slot];
    const layersOfClass = Math.min(slots.classes[slot], this.layersMax);
    const granted = this.#granted[slot];
    let layers = Math.min(slots.layersNow[slot], layersOfClass);
    let lacksNewest = slots.lacksNewest[slot];
    let isAnySent = false;
    for (let frame = frames.firsts[player]; frame < frames.ends[player]; frame++) {
      const layer = frames.layers[frame];
      if (frames.isRepeated[frame] === 1) {
        // All that followed the newest frame of layer 0 comes again, so nothing is missing between.
        if (slots.lacksNewest[slot] === 0 || granted === 0) continue;
        out.add(EntryKind.Frame, player, frame);
        isAnySent = true;
        lacksNewest = 0;
        continue;
      }
      if (layer === 0) layers = layersOfClass;
      const isSent = layer < layers && layer < granted;
      lacksNewest = isSent ? 0 : 1;
      if (isSent) {
        out.add(EntryKind.Frame, player, frame);
        isAnySent = true;
      } else if (!frames.areIndependent && layer < layers) {
        // What needs a frame that was left out is left out too: nothing needs layer 2.
        if (layer === 0) {
          this.#break(slot);
          return;
        }
        if (layer === 1) layers = 1;
      }
    }
    slots.layersNow[slot] = layers;
    slots.lacksNewest[slot] = lacksNewest;
    if (isAnySent) slots.markSent(slot, nowMs);
  }

  #break(slot: number): void {
    this.#slots.isBroken[slot] = 1;
    this.#slots.lacksNewest[slot] = 1;
  }
}

/** When it is the turn of a player that was sent something at `sentMs`: 0 is first. */
function turnOf(sentMs: number, nowMs: number): number {
  const waited = Math.floor((nowMs - sentMs) / TURN_MS);
  return TURNS - 1 - Math.max(0, Math.min(waited, TURNS - 1));
}

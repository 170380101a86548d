// What the classes of one receiver's players ask for at a tick, and which part of it the budget holds.
import { SightClass } from "./sight-class.ts";
import type { SightTick } from "./sight-tick.ts";
import type { Slots } from "./slots.ts";

// A player whose newest frame is missing for longer, because its layer was left out or the budget did not hold it,
// is sent its state.
const LACKS_MAX_MS = 400;
// Of those who wait for their turn, the ones that waited longest are first, by this much.
const TURN_MS = 250;
const TURNS = 4;

export class Demand {
  /** By slot: how many layers the budget holds at this tick; of state, whether it holds it. */
  readonly granted: Uint8Array;
  /** By slot: it needs state, and there is none. */
  readonly isStateless: Uint8Array;

  constructor(slotsMax: number) {
    this.granted = new Uint8Array(slotsMax);
    this.isStateless = new Uint8Array(slotsMax);
  }

  /** Grants everything. @returns bytes of all that is asked for, of those who are in sight. */
  measure(slots: Slots, tick: SightTick): number {
    // In locals: this loop runs for every receiver and every player in its sight.
    const { count, players, classes, lacksNewest, sentMs, isBroken, layersNow } = slots;
    const { frames, costs, layersMax, nowMs } = tick;
    const { firsts, ends, layers, bytes } = frames;
    this.granted.fill(SightClass.Near, 0, count);
    this.isStateless.fill(0, 0, count);
    let sum = 0;
    for (let slot = 0; slot < count; slot++) {
      const sightClass = classes[slot];
      if (sightClass === SightClass.Out) continue;
      const player = players[slot];
      const isLate = lacksNewest[slot] === 1 && nowMs - sentMs[slot] > LACKS_MAX_MS;
      if (isLate || frames.isRestarted(player)) slots.break(slot);
      if (isBroken[slot] === 1) {
        const stateBytes = costs.stateBytes(player);
        if (stateBytes < 0) this.isStateless[slot] = 1;
        else sum += stateBytes;
        continue;
      }
      const first = firsts[player];
      const frameCount = ends[player] - first;
      if (frameCount === 0) continue;
      const layer = layers[first];
      const isOne = frameCount === 1 && frames.isRepeated[first] === 0;
      if (!isOne) sum += bytesOf(slots, slot, tick, 0, SightClass.Near);
      else if (layer === 0 || layer < Math.min(sightClass, layersMax, layersNow[slot])) {
        sum += bytes[first];
      }
    }
    return sum;
  }

  /**
   * The budget does not hold everything. It holds layer 0 first, of those who have waited longest, so that nobody
   * starves; then layer 1 and layer 2 by rank, so that near shrinks first.
   */
  share(slots: Slots, tick: SightTick, available: number): void {
    let rest = available;
    this.granted.fill(0, 0, slots.count);
    for (let turn = 0; turn < TURNS; turn++) {
      for (let rank = 0; rank < slots.rankedCount; rank++) {
        const slot = slots.byRank[rank];
        if (slots.classes[slot] === SightClass.Out || this.isStateless[slot] === 1) continue;
        if (turnOf(slots.sentMs[slot], tick.nowMs) !== turn) continue;
        const isBroken = slots.isBroken[slot] === 1;
        const bytes = isBroken
          ? tick.costs.stateBytes(slots.players[slot])
          : bytesOf(slots, slot, tick, 0, 1);
        if (bytes > rest) continue;
        rest -= bytes;
        this.granted[slot] = isBroken ? SightClass.Near : SightClass.Far;
      }
    }
    for (let layer = 1; layer < SightClass.Near; layer++) {
      for (let rank = 0; rank < slots.rankedCount; rank++) {
        const slot = slots.byRank[rank];
        if (this.granted[slot] !== layer) continue;
        const bytes = bytesOf(slots, slot, tick, layer, layer + 1);
        if (bytes > rest) continue;
        rest -= bytes;
        this.granted[slot] = layer + 1;
      }
    }
  }
}

/** Bytes of a slot's new frames of layers `first` to `end` - 1. Frames that are repeated count as layer 0. */
function bytesOf(
  slots: Slots,
  slot: number,
  { frames, layersMax }: SightTick,
  first: number,
  end: number,
): number {
  const player = slots.players[slot];
  const layersOfClass = Math.min(slots.classes[slot], layersMax);
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

/** When it is the turn of a player that was sent something at `sentMs`: 0 is first. */
function turnOf(sentMs: number, nowMs: number): number {
  const waited = Math.floor((nowMs - sentMs) / TURN_MS);
  return TURNS - 1 - Math.max(0, Math.min(waited, TURNS - 1));
}

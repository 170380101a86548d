// Turns what was granted to one receiver's players into the entries of its selection, and takes note of it.
import type { Demand } from "./demand.ts";
import { CLASS_HELD_MS } from "./ranking.ts";
import { EntryKind } from "./selection.ts";
import type { Selection } from "./selection.ts";
import { SightClass } from "./sight-class.ts";
import type { SightTick } from "./sight-tick.ts";
import type { Slots } from "./slots.ts";

// A player whom the budget does not hold for longer leaves sight. So nobody in sight starves for a second, even if
// a tick is a third of a second late.
const STARVES_MAX_MS = 650;

/** Adds the entries of all players in sight, and of those who leave it, in ascending order. */
export function addEntries(slots: Slots, demand: Demand, tick: SightTick, out: Selection): void {
  const { count, players, classes, wanted, lacksNewest, sentMs, isBroken, layersNow } = slots;
  const { frames, layersMax, nowMs } = tick;
  const { firsts, ends, layers, isRepeated } = frames;
  const { granted } = demand;
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
      addSlot(slots, slot, demand, tick, out);
      continue;
    }
    const layer = layers[frame];
    const layersOfClass = Math.min(sightClass, layersMax);
    // Fewer at once, more from a frame of layer 0 on: what is sent never needs what was left out.
    if (layer === 0 || layersOfClass < layersNow[slot]) layersNow[slot] = layersOfClass;
    if (layer < layersNow[slot]) {
      out.add(EntryKind.Frame, player, frame);
      lacksNewest[slot] = 0;
      sentMs[slot] = nowMs;
    } else {
      lacksNewest[slot] = 1;
    }
  }
}

function addSlot(
  slots: Slots,
  slot: number,
  demand: Demand,
  tick: SightTick,
  out: Selection,
): void {
  const { nowMs, frames } = tick;
  if (slots.classes[slot] === SightClass.Out) {
    if (slots.isLeaving[slot] === 1) addOut(slots, slot, slots.changedMs[slot], out);
  } else if (slots.isBroken[slot] === 1) {
    const isHeldByBudget = demand.granted[slot] !== 0 && demand.isStateless[slot] === 0;
    if (isHeldByBudget) addState(slots, slot, nowMs, out);
    else if (mustLeave(slots, slot, nowMs)) addOut(slots, slot, nowMs, out);
  } else if (frames.ends[slots.players[slot]] > 0) {
    addFrames(slots, slot, demand.granted[slot], tick, out);
  } else if (slots.lacksNewest[slot] === 0) {
    slots.markSent(slot, nowMs);
  }
}

function mustLeave({ sentMs, changedMs }: Slots, slot: number, nowMs: number): boolean {
  return nowMs - sentMs[slot] > STARVES_MAX_MS && nowMs - changedMs[slot] >= CLASS_HELD_MS;
}

function addOut(slots: Slots, slot: number, changedMs: number, out: Selection): void {
  slots.clear(slot);
  slots.changedMs[slot] = changedMs;
  out.left++;
  out.add(EntryKind.Out, slots.players[slot]);
}

function addState(slots: Slots, slot: number, nowMs: number, out: Selection): void {
  slots.isBroken[slot] = 0;
  slots.lacksNewest[slot] = 0;
  slots.markSent(slot, nowMs);
  slots.layersNow[slot] = slots.classes[slot];
  out.add(EntryKind.State, slots.players[slot]);
}

function addFrames(
  slots: Slots,
  slot: number,
  granted: number,
  { frames, layersMax, nowMs }: SightTick,
  out: Selection,
): void {
  const player = slots.players[slot];
  const layersOfClass = Math.min(slots.classes[slot], layersMax);
  let layers = Math.min(slots.layersNow[slot], layersOfClass);
  let lacksNewest = slots.lacksNewest[slot];
  let isAnySent = false;
  for (let frame = frames.firsts[player]; frame < frames.ends[player]; frame++) {
    const layer = frames.layers[frame];
    const isRepeated = frames.isRepeated[frame] === 1;
    // All that followed the newest frame of layer 0 comes again, so nothing is missing between.
    if (isRepeated && slots.lacksNewest[slot] === 0) continue;
    if (layer === 0 && !isRepeated) layers = layersOfClass;
    const isSent = isRepeated ? granted > 0 : layer < layers && layer < granted;
    lacksNewest = isSent ? 0 : 1;
    if (isSent) {
      out.add(EntryKind.Frame, player, frame);
      isAnySent = true;
    } else if (!isRepeated && !frames.areIndependent && layer < layers) {
      // What needs a frame that was left out is left out too: nothing needs layer 2.
      if (layer === 0) {
        slots.break(slot);
        return;
      }
      if (layer === 1) layers = 1;
    }
  }
  slots.layersNow[slot] = layers;
  slots.lacksNewest[slot] = lacksNewest;
  if (isAnySent) slots.markSent(slot, nowMs);
}

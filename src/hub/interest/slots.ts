// The players that one receiver has in sight, or may soon have: one slot each, in ascending order of players.
import { SightClass } from "./sight-class.ts";

export class Slots {
  count = 0;
  readonly players: Int32Array;
  /** A SightClass. */
  readonly classes: Uint8Array;
  /** The class that a player has once it enters, or the next is sent of it. */
  readonly wanted: Uint8Array;
  /** When the class changed last. */
  readonly changedMs: Float64Array;
  /** When the receiver was last sent something of the player, or lacked nothing. */
  readonly sentMs: Float64Array;
  /** Of how many layers frames can be sent until the next frame of layer 0. */
  readonly layersNow: Uint8Array;
  /** A frame of layer 0 was left out: the next is worth nothing without the player's state. */
  readonly isBroken: Uint8Array;
  /** The player's newest frame was not sent. */
  readonly lacksNewest: Uint8Array;
  /** The player has left sight, and the receiver has not been told. */
  readonly isLeaving: Uint8Array;
  /** Slots by rank, the most important first. */
  readonly byRank: Int32Array;
  rankedCount = 0;
  /** Whether anybody may be waiting to enter. */
  isAnyWaiting = true;

  constructor(slotsMax: number) {
    this.players = new Int32Array(slotsMax);
    this.classes = new Uint8Array(slotsMax);
    this.wanted = new Uint8Array(slotsMax);
    this.changedMs = new Float64Array(slotsMax);
    this.sentMs = new Float64Array(slotsMax);
    this.layersNow = new Uint8Array(slotsMax);
    this.isBroken = new Uint8Array(slotsMax);
    this.lacksNewest = new Uint8Array(slotsMax);
    this.isLeaving = new Uint8Array(slotsMax);
    this.byRank = new Int32Array(slotsMax);
  }

  /** The slot of a player, -1 if there is none. */
  find(player: number): number {
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.players[middle] < player) from = middle + 1;
      else to = middle;
    }
    return from < this.count && this.players[from] === player ? from : -1;
  }

  /** Appends a slot: another one's, or with null a new one of a player out of sight. */
  append(player: number, from: Slots | null, slot: number): number {
    const at = this.count++;
    this.players[at] = player;
    this.classes[at] = from === null ? SightClass.Out : from.classes[slot];
    // A held player keeps the class it has.
    this.wanted[at] = this.classes[at];
    this.changedMs[at] = from === null ? -Infinity : from.changedMs[slot];
    this.sentMs[at] = from === null ? -Infinity : from.sentMs[slot];
    this.layersNow[at] = from === null ? 0 : from.layersNow[slot];
    this.isBroken[at] = from === null ? 0 : from.isBroken[slot];
    this.lacksNewest[at] = from === null ? 0 : from.lacksNewest[slot];
    this.isLeaving[at] = from === null ? 0 : from.isLeaving[slot];
    return at;
  }

  /** Appends a slot of a player in sight, of whom everything was sent until now. */
  appendNear(player: number, lacksNewest: boolean, layers: number, nowMs: number): void {
    const at = this.append(player, null, -1);
    this.classes[at] = SightClass.Near;
    this.wanted[at] = SightClass.Near;
    this.sentMs[at] = nowMs;
    this.layersNow[at] = layers;
    this.lacksNewest[at] = lacksNewest ? 1 : 0;
  }

  /** The player enters sight: its state is sent. */
  enter(slot: number, nowMs: number): void {
    this.classes[slot] = this.wanted[slot];
    this.changedMs[slot] = nowMs;
    this.isLeaving[slot] = 0;
    this.isBroken[slot] = 1;
  }

  /** What is sent of the player next needs something that was not sent. */
  break(slot: number): void {
    this.isBroken[slot] = 1;
    this.lacksNewest[slot] = 1;
  }

  /** Nobody is in sight. Those who were are to enter again. */
  reset(): void {
    for (let slot = 0; slot < this.count; slot++) {
      const wanted = Math.max(this.classes[slot], this.wanted[slot]);
      this.clear(slot);
      this.wanted[slot] = wanted;
    }
    this.isAnyWaiting = true;
  }

  /** Something of the player is sent, or nothing is lacking. */
  markSent(slot: number, nowMs: number): void {
    this.sentMs[slot] = nowMs;
    const wanted = this.wanted[slot];
    if (wanted === this.classes[slot] || wanted === SightClass.Out) return;
    this.classes[slot] = wanted;
    this.changedMs[slot] = nowMs;
    if (wanted < this.layersNow[slot]) this.layersNow[slot] = wanted;
  }

  /** The player of this slot is gone from the room: nothing is known or sent of it any more. */
  clear(slot: number): void {
    this.classes[slot] = SightClass.Out;
    this.wanted[slot] = SightClass.Out;
    this.changedMs[slot] = -Infinity;
    this.isLeaving[slot] = 0;
    this.isBroken[slot] = 0;
    this.lacksNewest[slot] = 0;
  }
}

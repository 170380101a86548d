// What is new of each player at one tick, in one format: the frames in their order, their layers and their sizes.
// All receivers of the format read it. It also measures how many bytes a second each player costs.
import { LAYERS_MAX } from "../../codec/stream/index.ts";

// Rates are measured over half a second: long enough for two frames of layer 0 at 20 Hz.
const WINDOW_MS = 500;
// A rate that falls is believed by halves: whoever stops for a moment is not taken for cheap.
const FALL_SHARE = 0.5;

export class NewFrames {
  /**
   * JSON and binary: no frame needs another. `layer` is then only the share of the frames that it is part of.
   */
  readonly areIndependent: boolean;
  /** By player: its first new frame and the end of them. Of a player without any, both are 0. */
  readonly firsts: Int32Array;
  readonly ends: Int32Array;
  /** By frame: its layer, its bytes in a batch, and whether it is sent only to those who lack it. */
  layers = new Uint8Array(256);
  bytes = new Int32Array(256);
  isRepeated = new Uint8Array(256);
  #count = 0;
  // By player: whether what was sent before is worth nothing.
  readonly #isRestarted: Uint8Array;
  // The players with anything new.
  readonly #players: Int32Array;
  #playerCount = 0;
  // By player and layer: bytes in the current window, and bytes a second.
  readonly #windowBytes: Float64Array;
  readonly #rates: Float64Array;
  #windowStartMs: number | null = null;

  constructor({ indexCount, areIndependent }: { indexCount: number; areIndependent: boolean }) {
    this.areIndependent = areIndependent;
    this.firsts = new Int32Array(indexCount);
    this.ends = new Int32Array(indexCount);
    this.#isRestarted = new Uint8Array(indexCount);
    this.#players = new Int32Array(indexCount);
    this.#windowBytes = new Float64Array(LAYERS_MAX * indexCount);
    this.#rates = new Float64Array(LAYERS_MAX * indexCount);
  }

  /** Begins a tick. */
  begin(nowMs: number): void {
    for (let at = 0; at < this.#playerCount; at++) {
      const player = this.#players[at];
      this.firsts[player] = 0;
      this.ends[player] = 0;
      this.#isRestarted[player] = 0;
    }
    this.#playerCount = 0;
    this.#count = 0;
    this.#windowStartMs ??= nowMs;
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs < WINDOW_MS) return;
    this.#measure(elapsedMs);
    this.#windowStartMs = nowMs;
  }

  /**
   * Adds a frame. All new frames of a player are added one after another, in their order.
   * @returns its number in this tick, by which selections name it.
   */
  add(player: number, layer: number, bytes: number): number {
    this.#windowBytes[LAYERS_MAX * player + layer] += bytes;
    return this.#append(player, layer, bytes, false);
  }

  /** Adds a frame of an earlier tick, for those in whose sight the player is and who have not been sent it. */
  addAgain(player: number, layer: number, bytes: number): number {
    return this.#append(player, layer, bytes, true);
  }

  /** Whoever has this player in sight is sent all of its state again: a new stream has begun. */
  restart(player: number): void {
    this.#mention(player);
    this.#isRestarted[player] = 1;
  }

  /** A player is gone: its index may be another's. */
  forget(player: number): void {
    this.#windowBytes.fill(0, LAYERS_MAX * player, LAYERS_MAX * (player + 1));
    this.#rates.fill(0, LAYERS_MAX * player, LAYERS_MAX * (player + 1));
  }

  isRestarted(player: number): boolean {
    return this.#isRestarted[player] === 1;
  }

  /** Bytes a second of the player's lowest `layers` layers. */
  bytesPerSecond(player: number, layers: number): number {
    let sum = 0;
    for (let layer = 0; layer < layers; layer++) sum += this.#rates[LAYERS_MAX * player + layer];
    return sum;
  }

  #append(player: number, layer: number, bytes: number, isRepeated: boolean): number {
    const frame = this.#count;
    if (frame === this.layers.length) this.#grow();
    this.layers[frame] = layer;
    this.bytes[frame] = bytes;
    this.isRepeated[frame] = isRepeated ? 1 : 0;
    if (this.ends[player] === 0) {
      this.#mention(player);
      this.firsts[player] = frame;
    }
    this.#count++;
    this.ends[player] = this.#count;
    return frame;
  }

  #mention(player: number): void {
    if (this.ends[player] !== 0 || this.#isRestarted[player] === 1) return;
    this.#players[this.#playerCount++] = player;
  }

  #grow(): void {
    const grow = <T extends Uint8Array | Int32Array>(from: T, to: T): T => (to.set(from), to);
    const length = 2 * this.layers.length;
    this.layers = grow(this.layers, new Uint8Array(length));
    this.bytes = grow(this.bytes, new Int32Array(length));
    this.isRepeated = grow(this.isRepeated, new Uint8Array(length));
  }

  #measure(elapsedMs: number): void {
    for (let at = 0; at < this.#rates.length; at++) {
      const rate = (1000 * this.#windowBytes[at]) / elapsedMs;
      const before = this.#rates[at];
      this.#rates[at] = rate >= before ? rate : before + (rate - before) * FALL_SHARE;
      this.#windowBytes[at] = 0;
    }
  }
}

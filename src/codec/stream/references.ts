// The states that frames refer to, on both sides of a stream, and which of them a frame needs. Rules E2
// to E4:
//
//   number mod 4   layer   refers to              motion from
//   0              0       number - 4             number - 8 to it
//   1              2       number - 1 (layer 0)   number - 5 to it
//   2              1       number - 2 (layer 0)   number - 6 to it
//   3              2       number - 1 (layer 1)   number - 3 to it
//
// Nothing refers to layer 2, and layer 0 only to layer 0, so a layer can be left out with those above it.
import { Mode } from "./state-coder.ts";
import { copyState, createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";

/** The layers of a stream: a receiver may be sent 1, 2 or all 3 of them. */
export const LAYERS_MAX = 3;

const LAYER_OF_PHASE: readonly number[] = [0, 2, 1, 2];

/** A frame's temporal layer, 0 to 2, by its number. */
export function layerOf(number: number): number {
  return LAYER_OF_PHASE[number & 3];
}

/** What is known of a stream frame before its payload is read. A protocol's header holds at least this. */
export interface StreamFrameHeader {
  isKey: boolean;
  /** Modulo 256. It tells the layer: a multiple of 4 is of layer 0. */
  number: number;
}

/** What a delta is coded with. */
export interface Resolved {
  readonly mode: Mode;
  readonly reference: StreamState;
  /** The reference itself if no motion is known. */
  readonly before: StreamState;
}

/** The last layer-0 frame, the one before it, and the group's layer-1 frame. */
export class References {
  /** The next frame is built here. `keep` takes it and puts an unused state in its place. */
  next: StreamState;
  #layer0: StreamState;
  #layer0Before: StreamState;
  #layer1: StreamState;
  // The number of #layer0; null before the first.
  #layer0Number: number | null = null;
  #hasBefore = false;
  #hasLayer1 = false;
  readonly #resolved: { mode: Mode; reference: StreamState; before: StreamState };

  constructor(skeleton: StreamSkeleton) {
    const count = skeleton.restState.weights.length;
    const create = (): StreamState => createState(skeleton.transformCount, count);
    this.next = create();
    this.#layer0 = create();
    this.#layer0Before = create();
    this.#layer1 = create();
    this.#resolved = { mode: Mode.Blind, reference: this.#layer0, before: this.#layer0 };
  }

  /** The last layer-0 frame; null before the first. Valid until the next `keep`. */
  get layer0(): StreamState | null {
    return this.#layer0Number === null ? null : this.#layer0;
  }

  get layer0Number(): number | null {
    return this.#layer0Number;
  }

  /** The layer-0 frame before that; null if it is not known. Valid until the next `keep`. */
  get layer0Before(): StreamState | null {
    return this.#layer0Number !== null && this.#hasBefore ? this.#layer0Before : null;
  }

  /** Forgets all frames. */
  clear(): void {
    this.#layer0Number = null;
  }

  /** What the delta of this number is coded with; null if it is missing. The next call uses the object again. */
  resolve(number: number): Resolved | null {
    if (this.#layer0Number === null) return null;
    const distance = (number - this.#layer0Number) & 0xff;
    const phase = number & 3;
    const resolved = this.#resolved;
    if (phase === 3) {
      if (distance !== 3 || !this.#hasLayer1) return null;
      resolved.reference = this.#layer1;
      resolved.before = this.#layer0;
      resolved.mode = Mode.Phase3;
      return resolved;
    }
    if (distance !== (phase === 0 ? 4 : phase)) return null;
    resolved.reference = this.#layer0;
    resolved.before = this.#hasBefore ? this.#layer0Before : this.#layer0;
    resolved.mode = this.#hasBefore ? (phase as Mode) : Mode.Blind;
    return resolved;
  }

  /** Keeps `next` as the frame of this header. */
  keep({ isKey, number }: Readonly<StreamFrameHeader>): void {
    const state = this.next;
    switch (number & 3) {
      case 0:
        this.next = this.#layer0Before;
        this.#layer0Before = this.#layer0;
        this.#layer0 = state;
        this.#layer0Number = number;
        this.#hasBefore = !isKey;
        this.#hasLayer1 = false;
        break;
      case 2:
        this.next = this.#layer1;
        this.#layer1 = state;
        this.#hasLayer1 = true;
        break;
      default:
    }
  }

  /** Sets the layer-0 frame before the keyframe that was kept last. */
  setBefore(state: StreamState): void {
    copyState(state, this.#layer0Before);
    this.#hasBefore = true;
  }
}

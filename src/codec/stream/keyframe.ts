// A keyframe's payload: a state that refers to no frame. If the sender has it, the layer-0 frame before
// is in it too, so that the following deltas decode as they do for everyone else. Rules E24 and E25.
import { FlagTable, streamModels } from "./models.ts";
import type { Models } from "./models.ts";
import type { RangeDecoder } from "./range-decoder.ts";
import { RangeEncoder } from "./range-encoder.ts";
import { codeDelta, codeKey, Mode } from "./state-coder.ts";
import type { SymbolCoder } from "./state-coder.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { equalStates } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Bytes that no payload of this skeleton exceeds. A number has at most 15 bits of symbol and 20 raw bits; a
 * transform has 9 numbers and flags; a keyframe holds at most two states.
 */
export function payloadBytesMax(skeleton: StreamSkeleton): number {
  const { transformCount, restState } = skeleton;
  return 2 * (transformCount * (9 * 5 + 8) + restState.weights.length * 5) + 16;
}

/** Codes `state` and, if given, `before`. */
export function codeKeyframe(
  coder: SymbolCoder,
  skeleton: StreamSkeleton,
  state: StreamState,
  before: StreamState | null,
): void {
  const hasBefore = coder.symbol(FlagTable.HasBefore, before === null ? 0 : 1) === 1;
  codeKey(coder, skeleton, state);
  if (hasBefore && before !== null) codeBefore(coder, skeleton, before, state);
}

/** Reads a keyframe into `state`, and the frame before it into `before`; returns false if there is none. */
export function readKeyframe(
  coder: RangeDecoder,
  skeleton: StreamSkeleton,
  state: StreamState,
  before: StreamState,
): boolean {
  const hasBefore = coder.symbol(FlagTable.HasBefore, 0) === 1;
  codeKey(coder, skeleton, state);
  if (hasBefore) codeBefore(coder, skeleton, before, state);
  coder.finish();
  return hasBefore;
}

function codeBefore(
  coder: SymbolCoder,
  skeleton: StreamSkeleton,
  before: StreamState,
  state: StreamState,
): void {
  codeDelta(coder, skeleton, Mode.Blind, before, state, state, equalStates(before, state));
}

/** Writes keyframes of one skeleton. All use the same memory. */
export class KeyframeWriter {
  readonly #skeleton: StreamSkeleton;
  readonly #coder: RangeEncoder;

  constructor(skeleton: StreamSkeleton, models: Models = streamModels()) {
    this.#skeleton = skeleton;
    this.#coder = new RangeEncoder(models, payloadBytesMax(skeleton));
  }

  /** The payload, in memory that the next call uses again. */
  write(state: StreamState, before: StreamState | null): Uint8Array<ArrayBuffer> {
    this.#coder.start();
    codeKeyframe(this.#coder, this.#skeleton, state, before);
    return this.#coder.finish();
  }
}

/**
 * A keyframe of a decoder's state, for a receiver that joins later. With `before`, the layer-0 frame
 * before it, the publisher's next deltas decode exactly as for everyone else.
 */
export function encodeKeyframe(
  skeleton: StreamSkeleton,
  state: StreamState,
  before: StreamState | null = null,
): Uint8Array<ArrayBuffer> {
  return new KeyframeWriter(skeleton).write(state, before).slice();
}

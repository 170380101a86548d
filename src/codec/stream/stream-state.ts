// A frame in whole steps: what a stream carries. Both sides have the same integers, so errors do not
// grow from frame to frame.

/** Quantised frame. Transform 0 is the root, bone b is transform b + 1. */
export interface StreamState {
  /** The dropped component of each rotation, the largest: 0 to 3 for x to w. */
  readonly dropped: Uint8Array;
  /** Three components per rotation, in the order x y z w without the dropped one. */
  readonly rotations: Int32Array;
  /** Steps from rest, three per transform. */
  readonly positions: Int32Array;
  /** Steps from rest, three per transform. */
  readonly scales: Int32Array;
  /** Steps from zero. */
  readonly weights: Int32Array;
}

/** A state of zeros. */
export function createState(transformCount: number, weightCount: number): StreamState {
  return {
    dropped: new Uint8Array(transformCount),
    rotations: new Int32Array(3 * transformCount),
    positions: new Int32Array(3 * transformCount),
    scales: new Int32Array(3 * transformCount),
    weights: new Int32Array(weightCount),
  };
}

/** Copies `from` into `out`, which must be of the same skeleton. */
export function copyState(from: StreamState, out: StreamState): StreamState {
  out.dropped.set(from.dropped);
  out.rotations.set(from.rotations);
  out.positions.set(from.positions);
  out.scales.set(from.scales);
  out.weights.set(from.weights);
  return out;
}

/** Whether two states of the same skeleton are the same in every number. */
export function equalStates(a: StreamState, b: StreamState): boolean {
  return (
    equalNumbers(a.rotations, b.rotations) &&
    equalNumbers(a.weights, b.weights) &&
    equalNumbers(a.positions, b.positions) &&
    equalNumbers(a.scales, b.scales) &&
    equalNumbers(a.dropped, b.dropped)
  );
}

function equalNumbers(a: Int32Array | Uint8Array, b: Int32Array | Uint8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

// A frame in whole steps: what a stream carries. Both sides have the same integers, so errors do not
// grow from frame to frame.

/** Quantised frame, in steps from the rest. Transform 0 is the root, bone b is transform b + 1. */
export interface StreamState {
  /** Three per transform. */
  readonly rotations: Int32Array;
  /** Three per transform. */
  readonly positions: Int32Array;
  /** Three per transform. */
  readonly scales: Int32Array;
  /** Steps from zero. */
  readonly weights: Int32Array;
}

/** A state of zeros: the rest. */
export function createState(transformCount: number, weightCount: number): StreamState {
  return {
    rotations: new Int32Array(3 * transformCount),
    positions: new Int32Array(3 * transformCount),
    scales: new Int32Array(3 * transformCount),
    weights: new Int32Array(weightCount),
  };
}

/** Copies `from` into `out`, which must be of the same skeleton. */
export function copyState(from: StreamState, out: StreamState): StreamState {
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
    equalNumbers(a.scales, b.scales)
  );
}

function equalNumbers(a: Int32Array, b: Int32Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

// Walks a state and codes each of its numbers. Writing, reading, counting (training) and tracing are the
// same walk with different SymbolCoders, so an encoder and a decoder cannot disagree. Rules E12 to E19.
import { DecodeError } from "../errors.ts";
import { CLASS_COUNT, classOf, FlagTable, TableSet } from "./models.ts";
import { OFFSET_STEPS_MAX, WEIGHT_STEPS_MAX, WEIGHT_STEPS_WHOLE } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { copyState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";
import { ENERGY_WEIGHTS, predict, PREDICTION } from "./prediction.ts";

/**
 * Where the numbers go to or come from. Each method returns the coded number: a writer its argument, a reader
 * what it read.
 */
export interface SymbolCoder {
  symbol(table: number, symbol: number): number;
  residual(table: number, value: number): number;
  bits(count: number, value: number): number;
  readonly byteOffset: number;
}

/**
 * How a state is predicted: by the place of a delta in its group; blind, if the frame before the reference is
 * not known; or as a keyframe, from the rest.
 */
export const Mode = { Phase0: 0, Phase1: 1, Phase2: 2, Phase3: 3, Blind: 4, Key: 5 } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

/** Transforms that share one symbol while their positions or scales are at rest. */
const OFFSET_GROUP = 16;

// By mode: its tables. Modes 0 to 3 share theirs.
const rotationSets = [0, 0, 0, 0, TableSet.RotationBlind, TableSet.RotationKey];
const weightInsideSets = [3, 3, 3, 3, TableSet.WeightBlindInside, TableSet.WeightKey];
const weightAtEndSets = [4, 4, 4, 4, TableSet.WeightBlindAtEnd, TableSet.WeightKey];

/**
 * Codes `state` by its `reference` and by the motion from `before` to the reference. `before` is the reference
 * itself if no motion is known. A reader's `state` is filled, a writer's is not changed. Only a writer
 * uses `isStill`.
 * @throws {DecodeError} while reading, for a number beyond the skeleton's ranges.
 */
export function codeDelta(
  coder: SymbolCoder,
  skeleton: StreamSkeleton,
  mode: Mode,
  state: StreamState,
  reference: StreamState,
  before: StreamState,
  isStill: boolean,
): void {
  if (coder.symbol(FlagTable.Still, isStill ? 1 : 0) === 1) {
    copyState(reference, state);
    return;
  }
  codeState(coder, skeleton, mode, state, reference, before);
}

/** Codes a keyframe likewise. */
export function codeKey(coder: SymbolCoder, skeleton: StreamSkeleton, state: StreamState): void {
  codeState(coder, skeleton, Mode.Key, state, skeleton.restState, skeleton.restState);
}

function codeState(
  coder: SymbolCoder,
  skeleton: StreamSkeleton,
  mode: Mode,
  state: StreamState,
  reference: StreamState,
  before: StreamState,
): void {
  // The root first: who only wants to know where an avatar is reads no further.
  codeTransforms(coder, skeleton, mode, state, reference, before, 0, 1);
  codeTransforms(coder, skeleton, mode, state, reference, before, 1, skeleton.transformCount);
  codeWeights(coder, mode, state.weights, reference.weights, before.weights);
}

function codeTransforms(
  coder: SymbolCoder,
  skeleton: StreamSkeleton,
  mode: Mode,
  state: StreamState,
  reference: StreamState,
  before: StreamState,
  first: number,
  end: number,
): void {
  codeRotations(coder, skeleton, mode, state, reference, before, first, end);
  codeOffsets(coder, mode, state.positions, reference.positions, before.positions, first, end);
  codeOffsets(coder, mode, state.scales, reference.scales, before.scales, first, end);
}

function codeRotations(
  coder: SymbolCoder,
  { turnSquaresMax }: StreamSkeleton,
  mode: Mode,
  state: StreamState,
  reference: StreamState,
  before: StreamState,
  first: number,
  end: number,
): void {
  const tables = rotationSets[mode] * CLASS_COUNT;
  const alpha = PREDICTION.rotation[mode];
  // In locals, because an engine cannot know that the coder does not change them.
  const { rotations } = state;
  const referenceRotations = reference.rotations;
  const beforeRotations = before.rotations;
  const weights = ENERGY_WEIGHTS.rotation[mode];
  const ownA = weights[0];
  const othersA = weights[1];
  const neighbourA = weights[2];
  const ownB = weights[3];
  const othersB = weights[4];
  const lastB = weights[5];
  const neighbourB = weights[6];
  const ownC = weights[7];
  const othersC = weights[8];
  const lastC = weights[9];
  const earlierC = weights[10];
  const neighbourC = weights[11];
  let neighbour = 0;
  for (let transform = first; transform < end; transform++) {
    const at = 3 * transform;
    let a = referenceRotations[at];
    let b = referenceRotations[at + 1];
    let c = referenceRotations[at + 2];
    const motionA = a - beforeRotations[at];
    const motionB = b - beforeRotations[at + 1];
    const motionC = c - beforeRotations[at + 2];
    const sizeA = Math.abs(motionA);
    const sizeB = Math.abs(motionB);
    const sizeC = Math.abs(motionC);
    let energy =
      Math.imul(ownA, sizeA) +
      Math.imul(othersA, (sizeB + sizeC) | 0) +
      Math.imul(neighbourA, neighbour);
    a = predict(a, motionA, alpha);
    const restA = coder.residual(tables + classOf(energy), rotations[at] - a);
    const lastA = Math.abs(restA);
    energy =
      Math.imul(ownB, sizeB) +
      Math.imul(othersB, (sizeA + sizeC) | 0) +
      Math.imul(lastB, lastA) +
      Math.imul(neighbourB, neighbour);
    b = predict(b, motionB, alpha);
    const restB = coder.residual(tables + classOf(energy), rotations[at + 1] - b);
    const lastOfB = Math.abs(restB);
    energy =
      Math.imul(ownC, sizeC) +
      Math.imul(othersC, (sizeA + sizeB) | 0) +
      Math.imul(lastC, lastOfB) +
      Math.imul(earlierC, lastA) +
      Math.imul(neighbourC, neighbour);
    c = predict(c, motionC, alpha);
    const restC = coder.residual(tables + classOf(energy), rotations[at + 2] - c);
    neighbour = lastA + lastOfB + Math.abs(restC);
    a += restA;
    b += restB;
    c += restC;
    if (a * a + b * b + c * c > turnSquaresMax[transform]) throw beyond(coder, "a rotation");
    rotations[at] = a;
    rotations[at + 1] = b;
    rotations[at + 2] = c;
  }
}

/** Positions or scales, as steps from rest. */
function codeOffsets(
  coder: SymbolCoder,
  mode: Mode,
  values: Int32Array,
  reference: Int32Array,
  before: Int32Array,
  firstTransform: number,
  endTransform: number,
): void {
  const isKey = mode === Mode.Key;
  const groupTable = isKey ? FlagTable.GroupLeavesKey : FlagTable.GroupLeaves;
  const leavesTable = isKey ? FlagTable.LeavesKey : FlagTable.Leaves;
  const startSet = isKey ? TableSet.OffsetKey : TableSet.OffsetStart;
  for (let from = firstTransform; from < endTransform; from += OFFSET_GROUP) {
    const first = 3 * from;
    const end = 3 * Math.min(from + OFFSET_GROUP, endTransform);
    // The root is alone: its group's symbol says it all.
    const isAlone = end - first === 3;
    let away = 0;
    let now = 0;
    for (let at = first; at < end; at++) {
      away |= reference[at] | before[at];
      now |= values[at];
    }
    let leaving = 0;
    if (away === 0) {
      // All rest, as nearly all groups do.
      leaving = coder.symbol(groupTable, now === 0 ? 0 : 1);
      if (leaving === 0) {
        for (let at = first; at < end; at++) values[at] = 0;
        continue;
      }
    } else {
      let resting = 0;
      for (let at = first; at < end; at += 3) {
        if (!isResting(reference, before, at)) continue;
        resting = 1;
        if ((values[at] | values[at + 1] | values[at + 2]) !== 0) leaving = 1;
      }
      if (resting === 1) leaving = coder.symbol(groupTable, leaving);
    }
    for (let at = first; at < end; at += 3) {
      if (isResting(reference, before, at)) {
        const leaves = (values[at] | values[at + 1] | values[at + 2]) !== 0;
        const isLeaving =
          leaving === 1 && (isAlone || coder.symbol(leavesTable, leaves ? 1 : 0) === 1);
        if (isLeaving) {
          codeOffset(coder, startSet, mode, values, reference, before, at);
        } else {
          values[at] = 0;
          values[at + 1] = 0;
          values[at + 2] = 0;
        }
      } else if (isSame(reference, before, at)) {
        const moves = !isSame(values, reference, at);
        if (coder.symbol(FlagTable.Moves, moves ? 1 : 0) === 1) {
          codeOffset(coder, startSet, mode, values, reference, before, at);
        } else {
          values[at] = reference[at];
          values[at + 1] = reference[at + 1];
          values[at + 2] = reference[at + 2];
        }
      } else {
        codeOffset(coder, TableSet.Offset, mode, values, reference, before, at);
      }
    }
  }
}

function codeOffset(
  coder: SymbolCoder,
  set: TableSet,
  mode: Mode,
  values: Int32Array,
  reference: Int32Array,
  before: Int32Array,
  first: number,
): void {
  const tables = set * CLASS_COUNT;
  const alpha = PREDICTION.offset[mode];
  const weights = ENERGY_WEIGHTS.offset[mode];
  const own = weights[0];
  const others = weights[1];
  const last = weights[2];
  const sum =
    Math.abs(reference[first] - before[first]) +
    Math.abs(reference[first + 1] - before[first + 1]) +
    Math.abs(reference[first + 2] - before[first + 2]);
  let lastSize = 0;
  for (let at = first; at < first + 3; at++) {
    const motion = reference[at] - before[at];
    const size = Math.abs(motion);
    const energy = own * size + others * (sum - size) + last * lastSize;
    const predicted = predict(reference[at], motion, alpha);
    const residual = coder.residual(tables + classOf(energy), values[at] - predicted);
    const value = predicted + residual;
    if (value > OFFSET_STEPS_MAX || value < -OFFSET_STEPS_MAX) throw beyond(coder, "an offset");
    values[at] = value;
    lastSize += Math.abs(residual);
  }
}

function codeWeights(
  coder: SymbolCoder,
  mode: Mode,
  values: Int32Array,
  reference: Int32Array,
  before: Int32Array,
): void {
  const insideTables = weightInsideSets[mode] * CLASS_COUNT;
  const atEndTables = weightAtEndSets[mode] * CLASS_COUNT;
  const alpha = PREDICTION.weight[mode];
  const weights = ENERGY_WEIGHTS.weight[mode];
  const own = weights[0];
  const last = weights[1];
  const earlier = weights[2];
  let lastSize = 0;
  let earlierSize = 0;
  for (let at = 0; at < values.length; at++) {
    const from = reference[at];
    const motion = from - before[at];
    const energy = own * Math.abs(motion) + last * lastSize + earlier * earlierSize;
    const predicted = predict(from, motion, alpha);
    const tables = from === 0 || from === WEIGHT_STEPS_WHOLE ? atEndTables : insideTables;
    const residual = coder.residual(tables + classOf(energy), values[at] - predicted);
    const value = predicted + residual;
    if (value > WEIGHT_STEPS_MAX || value < -WEIGHT_STEPS_MAX) throw beyond(coder, "a weight");
    values[at] = value;
    earlierSize = lastSize;
    lastSize = Math.abs(residual);
  }
}

/** Whether it is at its rest and was there in the frame before. */
function isResting(reference: Int32Array, before: Int32Array, at: number): boolean {
  return (
    (reference[at] | reference[at + 1] | reference[at + 2]) === 0 && isSame(reference, before, at)
  );
}

function isSame(a: Int32Array, b: Int32Array, at: number): boolean {
  return a[at] === b[at] && a[at + 1] === b[at + 1] && a[at + 2] === b[at + 2];
}

function beyond(coder: SymbolCoder, what: string): DecodeError {
  const detail = `${what} is beyond the skeleton's range`;
  return new DecodeError("out_of_range", { byteOffset: coder.byteOffset }, detail);
}

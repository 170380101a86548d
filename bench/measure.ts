// Timing and memory of functions on a machine that others use too. Functions to compare take turns within one
// process, and the median of the rounds counts.
import { heapStats } from "bun:jsc";

/** Works on one item of a block, by index. Its result keeps the engine from optimising the call away. */
export type Work = (index: number) => unknown;

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export interface TimingOptions {
  /** Items of a block: few enough to stay in the caches. */
  readonly blockLength: number;
  readonly rounds: number;
  /** Time for everything. A quarter of it is the warm-up, which compiles and fills the caches. */
  readonly seconds: number;
}

/**
 * Microseconds of one call of each work: the median of rounds, in each of which every work has one
 * turn of equal length.
 */
export function timeInTurns<K extends string>(
  works: Readonly<Record<K, Work>>,
  { blockLength, rounds, seconds }: TimingOptions,
): Record<K, number> {
  const names = Object.keys(works) as K[];
  const turnMs = (seconds * 1000 * 0.75) / (rounds * names.length);
  for (const name of names) timeTurn(works[name], blockLength, (turnMs * rounds) / 3);
  const turns = Array.from({ length: rounds }, () =>
    names.map((name) => timeTurn(works[name], blockLength, turnMs)),
  );
  return Object.fromEntries(
    names.map((name, index) => [name, median(turns.map((turn) => turn[index]))]),
  ) as Record<K, number>;
}

/** The result of the last call, kept where the engine must assume that somebody reads it. */
export let lastResult: unknown;

/** Microseconds of one call, over at least one block and until `turnMs` have passed. */
function timeTurn(work: Work, blockLength: number, turnMs: number): number {
  const startMs = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    for (let index = 0; index < blockLength; index++) lastResult = work(index);
    calls += blockLength;
    elapsedMs = performance.now() - startMs;
  } while (elapsedMs < turnMs);
  return (elapsedMs * 1000) / calls;
}

/** Bytes by which the heap grows for each result of `work` that is kept, over `count` of them. */
export function retainedBytes(work: Work, count: number): number {
  // Called before the measurement, so that what the first calls allocate for good does not count.
  lastResult = work(0);
  const kept: unknown[] = Array.from({ length: count }, () => undefined);
  const before = heapBytes();
  for (let index = 0; index < count; index++) kept[index] = work(index);
  lastResult = kept;
  return (heapBytes() - before) / count;
}

/** Bytes of the heap that are in use, after garbage is collected. */
export function heapBytes(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

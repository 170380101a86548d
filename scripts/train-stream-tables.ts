// Derives src/codec/stream/tables.ts, the frequencies of the stream encoding, from clips:
//
//   bun scripts/train-stream-tables.ts CLIP...              writes the tables
//   bun scripts/train-stream-tables.ts --leave-out CLIP...  the size of each clip, without training on its kin
//
// The tables are part of the format: other tables are another version of it.
import { join } from "node:path";
import { readClip } from "../bench/clips.ts";
import { createPose, poseOf } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";
import {
  buildModels,
  CLASS_COUNT,
  expandTables,
  ENERGY_THRESHOLDS,
  FlagTable,
  KNOT_CLASSES,
  LEVELS,
  SYMBOLS_MAX,
  symbolCountOf,
  TABLE_COUNT,
  TableSet,
  weightOfLevel,
} from "../src/codec/stream/models.ts";
import type { Models } from "../src/codec/stream/models.ts";
import { PoseQuantizer } from "../src/codec/stream/pose-quantizer.ts";
import { References } from "../src/codec/stream/references.ts";
import {
  binBits,
  binOf,
  binStart,
  LARGE_BIN,
  unzigzag,
  zigzag,
} from "../src/codec/stream/residual-bins.ts";
import { codeDelta, codeKey, Mode } from "../src/codec/stream/state-coder.ts";
import type { SymbolCoder } from "../src/codec/stream/state-coder.ts";
import { StreamEncoder } from "../src/codec/stream/stream-encoder.ts";
import { createStreamSkeleton } from "../src/codec/stream/stream-skeleton.ts";
import type { StreamSkeleton } from "../src/codec/stream/stream-skeleton.ts";
import { copyState, createState, equalStates } from "../src/codec/stream/stream-state.ts";
import type { StreamState } from "../src/codec/stream/stream-state.ts";

const HEADER_BYTES = 6;

/** Counts what is coded, by table and symbol. */
class CountingCoder implements SymbolCoder {
  readonly byteOffset = 0;
  readonly counts = new Float64Array(TABLE_COUNT * SYMBOLS_MAX);

  symbol(table: number, symbol: number): number {
    this.counts[table * SYMBOLS_MAX + symbol]++;
    return symbol;
  }

  residual(table: number, value: number): number {
    const code = zigzag(value);
    this.symbol(table, code < LARGE_BIN ? code : binOf(code));
    return value;
  }

  bits(_count: number, value: number): number {
    return value;
  }
}

interface TrainingClip {
  readonly name: string;
  readonly poses: readonly Pose[];
  readonly timesUs: readonly number[];
  readonly skeleton: StreamSkeleton;
  /** The same clip with another frame as the rest pose. */
  readonly otherSkeleton: StreamSkeleton;
}

/** Reads a clip, with its parents from NAME.parents.json beside it. */
export async function readTrainingClip(path: string): Promise<TrainingClip> {
  const { name, frames, skeleton: plain } = await readClip(path);
  const poses = frames.map((frame) => poseOf(frame, createPose(plain)));
  return {
    name,
    poses,
    timesUs: frames.map((frame) => Math.round(frame.timestamp * 1e6)),
    skeleton: createStreamSkeleton(plain, poses[0]),
    otherSkeleton: createStreamSkeleton(plain, poses[poses.length >> 1]),
  };
}

/** A clip as a stream that begins at each of its first four frames, so that each frame is coded in each mode. */
export function countClip({ poses, skeleton, otherSkeleton }: TrainingClip): Float64Array {
  const coder = new CountingCoder();
  for (let first = 0; first < 4; first++) {
    countStream(coder, skeleton, poses.slice(first));
    countStream(coder, otherSkeleton, poses.slice(first));
  }
  return coder.counts;
}

function countStream(coder: CountingCoder, skeleton: StreamSkeleton, poses: readonly Pose[]): void {
  const references = new References(skeleton);
  const quantizer = new PoseQuantizer(skeleton);
  const copy = createState(skeleton.transformCount, skeleton.restState.weights.length);
  const delta = (mode: Mode, state: StreamState, reference: StreamState, before: StreamState) => {
    if (equalStates(state, reference)) return;
    codeDelta(coder, skeleton, mode, state, reference, before, false);
  };
  poses.forEach((pose, index) => {
    const number = index & 0xff;
    const resolved = references.resolve(number);
    const state = quantizer.quantize(pose, resolved, references.next);
    if (resolved !== null) delta(resolved.mode, state, resolved.reference, resolved.before);
    if (number % 4 === 0) {
      codeKey(coder, skeleton, state);
      const before = references.layer0;
      // After a keyframe the frame before is not known; a keyframe for a newcomer tells it backwards.
      if (before !== null) {
        delta(Mode.Blind, state, before, before);
        delta(Mode.Blind, copyState(before, copy), state, state);
      }
    } else if (number % 4 < 3 && references.layer0 !== null) {
      delta(Mode.Blind, state, references.layer0, references.layer0);
    }
    references.keep({ isKey: index === 0, number });
  });
}

function sumOf(all: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(TABLE_COUNT * SYMBOLS_MAX);
  for (const counts of all) counts.forEach((count, index) => (sum[index] += count));
  return sum;
}

/** How many samples the prior of a table weighs. */
const PRIOR_SAMPLES = 100;

/** Each table's probabilities: what was counted, mixed with a shape fitted to it and its neighbours. */
export function probabilitiesOf(counts: Float64Array): Float64Array {
  const out = new Float64Array(TABLE_COUNT * SYMBOLS_MAX);
  for (let set = 0; set < Object.keys(TableSet).length; set++) {
    const sizes = smoothSizes(counts, set * CLASS_COUNT);
    sizes.forEach((size, index) => {
      mix(counts, set * CLASS_COUNT + index, priorOf(size), PRIOR_SAMPLES, out);
    });
  }
  for (let table = FlagTable.Still; table < TABLE_COUNT; table++) {
    const fixed = FIXED.get(table);
    if (fixed !== undefined) out.set([1 - fixed, fixed], table * SYMBOLS_MAX);
    else mix(counts, table, FLAG_PRIOR, PRIOR_SAMPLES, out);
  }
  return out;
}

const FLAG_PRIOR = [0.9, 0.1];

/** Probabilities that no clip tells: how often an avatar stands still, and how often a newcomer joins. */
const FIXED = new Map<number, number>([
  [FlagTable.Still, 1 / 32],
  [FlagTable.HasBefore, 1 / 8],
]);

function mix(
  counts: Float64Array,
  table: number,
  prior: readonly number[],
  priorSamples: number,
  out: Float64Array,
): void {
  const at = table * SYMBOLS_MAX;
  const total = counts.subarray(at, at + SYMBOLS_MAX).reduce((sum, count) => sum + count, 0);
  prior.forEach((share, symbol) => {
    out[at + symbol] = (counts[at + symbol] + priorSamples * share) / (total + priorSamples);
  });
}

/** The mean size of a class's residuals, estimated from neighbouring classes if it has few. */
function smoothSizes(counts: Float64Array, firstTable: number): number[] {
  const samples: number[] = [];
  const sums: number[] = [];
  for (let index = 0; index < CLASS_COUNT; index++) {
    let sum = 0;
    let count = 0;
    for (let symbol = 0; symbol < SYMBOLS_MAX; symbol++) {
      const here = counts[(firstTable + index) * SYMBOLS_MAX + symbol];
      count += here;
      sum += here * sizeOf(symbol);
    }
    samples.push(count);
    sums.push(sum);
  }
  // A class's residuals grow with its energy: by 2^(1/3) from class to class.
  const step = 2 ** (1 / 3);
  return samples.map((own, index) => {
    let weight = own;
    let sum = sums[index];
    for (let distance = 1; distance < CLASS_COUNT && weight < 2000; distance++) {
      const share = 0.5 ** distance;
      for (const [other, factor] of [
        [index - distance, step ** distance],
        [index + distance, step ** -distance],
      ]) {
        // Class 0 has no energy to scale by.
        if (other < 1 || other >= CLASS_COUNT || index === 0) continue;
        weight += share * samples[other];
        sum += share * sums[other] * factor;
      }
    }
    const energy = index === 0 ? 0.1 : ENERGY_THRESHOLDS[index - 1] / 64;
    return (sum + 10 * energy) / (weight + 10);
  });
}

function sizeOf(symbol: number): number {
  if (symbol < LARGE_BIN) return Math.abs(unzigzag(symbol));
  return binStart(symbol) * 0.6;
}

/** Two-sided exponentials of the mean size, narrow, wide and very wide, as residuals have. */
function priorOf(size: number): number[] {
  const mixture = [
    [0.6, 0.7],
    [0.32, 1.4],
    [0.07, 4],
    [0.01, 30],
  ];
  const prior = Array.from({ length: SYMBOLS_MAX }, () => 0);
  for (const [share, factor] of mixture) {
    const mean = Math.max(size * factor, 0.01);
    // Of codes z = 0, 1, 2 …, |v| being ceil(z / 2): geometric in |v|.
    const ratio = mean / (1 + mean);
    const tailFrom = (magnitude: number): number => ratio ** magnitude;
    for (let symbol = 0; symbol < SYMBOLS_MAX; symbol++) {
      const from = symbol < LARGE_BIN ? symbol : binStart(symbol);
      const to = symbol < LARGE_BIN ? symbol + 1 : from + 2 ** binBits(symbol);
      // A magnitude m > 0 is split evenly between the codes 2m - 1 and 2m.
      const below = (code: number): number => {
        if (code <= 0) return 0;
        const magnitude = code >> 1;
        const even = 1 - tailFrom(magnitude + 1);
        if (code % 2 === 1) return even;
        return even - (tailFrom(magnitude) - tailFrom(magnitude + 1)) / 2;
      };
      prior[symbol] += share * Math.max(0, below(to) - below(from));
    }
  }
  return prior;
}

/** One text a table: the nearest level of each probability, relative to the largest. */
export function tablesOf(probabilities: Float64Array): string[] {
  return Array.from({ length: TABLE_COUNT }, (_, table) => {
    const count = symbolCountOf(table);
    const shares = probabilities.subarray(table * SYMBOLS_MAX, table * SYMBOLS_MAX + count);
    const largest = Math.max(...shares);
    const top = weightOfLevel(LEVELS.length - 1);
    const levels = Array.from(shares, (share) => levelOf((share / largest) * top));
    return levels
      .map((level) => LEVELS[level])
      .join("")
      .replace(/0+$/, "");
  });
}

/** The knots' tables, each smoothed over the classes beside it, and the flags. */
export function knotsOf(tables: readonly string[]): string[] {
  const knots: string[] = [];
  for (let set = 0; set < Object.keys(TableSet).length; set++) {
    for (const knot of KNOT_CLASSES) {
      // Class 0 has no energy: it is not averaged with its neighbours.
      const near = knot === 0 ? [0] : [knot - 1, knot, knot, knot + 1];
      const inside = near.filter((index) => index === knot || (index > 0 && index < CLASS_COUNT));
      knots.push(meanOf(inside.map((index) => tables[set * CLASS_COUNT + index])));
    }
  }
  return [...knots, ...tables.slice(FlagTable.Still)];
}

function meanOf(tables: readonly string[]): string {
  const length = Math.max(...tables.map((table) => table.length));
  const levels = Array.from({ length }, (_, symbol) => {
    const sum = tables.reduce((total, table) => total + LEVELS.indexOf(table[symbol] ?? "0"), 0);
    return LEVELS[Math.round(sum / tables.length)];
  });
  return levels.join("").replace(/0+$/, "");
}

function levelOf(weight: number): number {
  if (weight < weightOfLevel(1) / 2) return 0;
  let best = 1;
  for (let level = 2; level < LEVELS.length; level++) {
    const isNearer =
      Math.abs(Math.log(weightOfLevel(level) / weight)) <
      Math.abs(Math.log(weightOfLevel(best) / weight));
    if (isNearer) best = level;
  }
  return best;
}

/** Mean bytes a frame, header and keyframes included. */
export function bytesMeanOf(clip: TrainingClip, models: Models): number {
  const encoder = new StreamEncoder(clip.skeleton, { models });
  let bytes = 0;
  clip.poses.forEach((pose, index) => {
    const frame = encoder.encode(pose, { captureTimeUs: clip.timesUs[index] });
    bytes += HEADER_BYTES + frame.payload.length;
  });
  return bytes / clip.poses.length;
}

/** The text of tables.ts, predictions and energy weights included. */
function fileOf(knots: readonly string[], trainedOn: readonly string[]): string {
  const quoted = (lines: readonly string[]): string =>
    lines.map((line) => `  ${JSON.stringify(line)},`).join("\n");
  const sets = Object.entries(TableSet).map(([name, set]) => {
    const first = set * KNOT_CLASSES.length;
    return `  // ${name}\n${quoted(knots.slice(first, first + KNOT_CLASSES.length))}`;
  });
  return `// Made by scripts/train-stream-tables.ts from ${trainedOn.length} clips: not to be edited by hand.
// Version 1 of the stream encoding's numbers; any other numbers are another version.
//
// One text a table, one character a symbol (models.ts, LEVELS), zeros at the end left out. Each set has a
// table for each of KNOT_CLASSES, in their order; flags follow.
export const KNOT_TABLES: readonly string[] = [
${sets.join("\n")}
  // Flags, in the order of FlagTable
${quoted(knots.slice(sets.length * KNOT_CLASSES.length))}
];
`;
}

/** Clips made from the same recordings are kin: tables trained on one know the other. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "cmu-jumps": ["cmu"],
  "full-cmu": ["cmu", "leap", "arkit"],
  "full-conversation": ["kinect", "leap", "arkit"],
  "face-arkit": ["arkit"],
};

function sourcesOf(clip: TrainingClip): readonly string[] {
  const name = clip.name.replace(/\..*/, "");
  return SOURCES[name] ?? [name];
}

function areKin(a: TrainingClip, b: TrainingClip): boolean {
  return sourcesOf(a).some((source) => sourcesOf(b).includes(source));
}

function knotsFrom(counts: readonly Float64Array[]): string[] {
  return knotsOf(tablesOf(probabilitiesOf(sumOf(counts))));
}

export function modelsOf(counts: readonly Float64Array[]): Models {
  return buildModels(expandTables(knotsFrom(counts)));
}

if (import.meta.main) {
  const paths = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const clips = await Promise.all(paths.map(readTrainingClip));
  const counts = clips.map(countClip);
  const all = modelsOf(counts);
  for (const clip of clips) {
    const shipped = bytesMeanOf(clip, all);
    if (!process.argv.includes("--leave-out")) {
      console.log(`${clip.name}: ${shipped.toFixed(2)} bytes a frame`);
      continue;
    }
    const strangers = clips.flatMap((other, index) => (areKin(clip, other) ? [] : [index]));
    const without = bytesMeanOf(clip, modelsOf(strangers.map((index) => counts[index])));
    const loss = (100 * (without / shipped - 1)).toFixed(1);
    const names = strangers.map((index) => clips[index].name).join(", ");
    console.log(
      `${clip.name}: ${shipped.toFixed(2)} bytes, ${without.toFixed(2)} trained on ${names}: +${loss} %`,
    );
  }
  if (!process.argv.includes("--leave-out")) {
    const names = clips.map((clip) => clip.name);
    const target = join(import.meta.dir, "../src/codec/stream/tables.ts");
    await Bun.write(target, fileOf(knotsFrom(counts), names));
  }
}

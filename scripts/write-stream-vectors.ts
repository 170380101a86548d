// Writes vectors/stream.json: the numbers of the stream encoding, and tiny streams with every value
// between a pose and its bytes.
//
//   bun scripts/write-stream-vectors.ts
import { join } from "node:path";
import { createPose } from "../src/codec/index.ts";
import type { Skeleton } from "../src/codec/index.ts";
import {
  buildModels,
  ENERGY_THRESHOLDS,
  FlagTable,
  LEVELS,
  SYMBOLS_MAX,
  symbolCountOf,
  TableSet,
  expandTables,
} from "../src/codec/stream/models.ts";
import { KNOT_TABLES } from "../src/codec/stream/tables.ts";
import { ENERGY_WEIGHTS, PREDICTION } from "../src/codec/stream/prediction.ts";
import { encodeSkeleton } from "../src/codec/stream/skeleton-message.ts";
import { createStreamSkeleton } from "../src/codec/stream/stream-skeleton.ts";
import type { StreamPrecision } from "../src/codec/stream/stream-skeleton.ts";
import { numbersOf, poseFrom, traceStream } from "../test/stream-trace.ts";
import type { PoseNumbers } from "../test/stream-trace.ts";
import { invalidFrames, invalidSkeletons } from "./stream-faults.ts";

const TARGET = join(import.meta.dir, "../vectors/stream.json");

const skeleton: Skeleton = {
  boneNames: ["Hips", "Spine", "LeftEye"],
  boneParents: [null, "Hips", "Head of another rig"],
  blendShapeNames: ["jawOpen", "eyeBlinkLeft"],
};

/** Straight up, the eye looking ahead. */
const restPose = new Float32Array(
  [
    [0, 1, 0, 0, 0, 0, 1, 1, 1, 1],
    [0, 0.1, 0, 0, 0, 0, 1, 1, 1, 1],
    [0.03, 0.06, 0.08, 0, 0, 0, 1, 1, 1, 1],
  ].flat(),
);

/** Decimals of few digits: the vectors are read by people too. */
function short(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** A pose at a time: the root walks, the spine bends past the corner of two components, the eye rests. */
function poseAt(time: number): PoseNumbers {
  const spine = 0.7 + 0.4 * Math.sin(time / 3);
  const blink = time % 5 === 3 ? 1 : 0;
  return [
    [0.05 * time, 0, -0.3, 0, Math.sin(time / 20), 0, Math.cos(time / 20), 1, 1, 1],
    [0, 0.98 + 0.01 * Math.sin(time), 0, 0, 0, 0, 1, 1, 1, 1],
    [0, 0.1, 0, Math.sin(spine), 0.1, -0.05, Math.cos(spine), 1, 1 + (time > 6 ? 0.1 : 0), 1],
    [0.03, 0.06, 0.08, 0, 0, 0, -2, 1, 1, 1],
    [0.5 + 0.5 * Math.sin(time / 4), blink],
  ]
    .flat()
    .map(short);
}

const walk = Array.from({ length: 15 }, (_, index) => ({
  // Two frames of standing still.
  pose: poseAt(Math.min(index, 11)),
  forceKey: index === 9,
  captureTimeUs: index * 33_333,
}));

/** Every number jumps at every frame: large residuals, and rotations that go raw. */
const jumps = Array.from({ length: 6 }, (_, index) => ({
  pose: poseAt(0).map((value, at) => short(value + ((at * 7 + index * index * 5) % 11) - 5)),
  forceKey: false,
  captureTimeUs: index * 1_000_000,
}));

/** The hips' height and the spine's scale swing from end to end of their ranges, a group at each. */
const swings = Array.from({ length: 13 }, (_, index) => ({
  pose: poseAt(0).map((value, at) => {
    const end = (index >> 2) % 2 === 0 ? -1 : 1;
    return at === 11 || at === 28 ? short(value + end * 1048.57) : value;
  }),
  forceKey: false,
  captureTimeUs: index * 33_333,
}));

function streamOf(
  name: string,
  frames: typeof walk,
  precision: Partial<StreamPrecision>,
  rest?: Float32Array<ArrayBuffer>,
) {
  const plain = createStreamSkeleton(skeleton, createPose(skeleton), precision);
  const first = poseFrom(plain, poseAt(0));
  const stream = createStreamSkeleton(
    rest === undefined ? skeleton : { ...skeleton, rest },
    first,
    precision,
  );
  return {
    name,
    skeleton: encodeSkeleton(stream).toHex(),
    names: skeleton,
    hasRestPose: rest !== undefined,
    precision: stream.precision,
    rest: Array.from(stream.rest),
    restState: numbersOf(stream.restState),
    frames: traceStream(stream, frames),
  };
}

const walkStream = streamOf("a walk: all layers, a keyframe on request, standing still", walk, {});
const tables = expandTables(KNOT_TABLES);
const { cumulative } = buildModels(tables);
const vectors = {
  description:
    "The stream encoding: its numbers, and streams step by step. docs/stream-encoding.md explains the fields.",
  version: 1,
  levels: LEVELS,
  energyThresholds: ENERGY_THRESHOLDS,
  tableSets: TableSet,
  flagTables: FlagTable,
  prediction: PREDICTION,
  energyWeights: Object.fromEntries(
    Object.entries(ENERGY_WEIGHTS).map(([kind, modes]) => [
      kind,
      modes.map((weights) => Array.from(weights)),
    ]),
  ),
  tables,
  // The frequencies of a few tables, to check an implementation by.
  frequencies: [0, 12, 400, FlagTable.Still, FlagTable.Dropped].map((table) => ({
    table,
    frequencies: Array.from({ length: symbolCountOf(table) }, (_, symbol) => {
      const at = table * (SYMBOLS_MAX + 1) + symbol;
      return cumulative[at + 1] - cumulative[at];
    }),
  })),
  streams: [
    walkStream,
    streamOf("jumps at 16 bits", jumps, {
      rotationBits: 16,
      positionStep: 0.0005,
      weightScale: 100,
    }),
    streamOf("swings from end to end of the ranges", swings, {}),
    streamOf("a rest pose that no frame is in", walk.slice(0, 5), {}, restPose),
  ],
  invalid: {
    skeletons: invalidSkeletons(walkStream.skeleton),
    frames: invalidFrames(walkStream.skeleton, walkStream.frames),
  },
};
// One line for each list of numbers, as people would write it.
const text = JSON.stringify(vectors, null, 2).replace(/\[[^[\]{}]*\]/g, (list) =>
  list.includes('"') && list.length > 80 && !/"(symbol|residual|bits)"/.test(list)
    ? list
    : list.replace(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]"),
);
await Bun.write(TARGET, `${text}\n`);

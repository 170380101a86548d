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
import { createStreamSkeleton, OFFSET_STEPS_MAX } from "../src/codec/stream/stream-skeleton.ts";
import type { StreamPrecision } from "../src/codec/stream/precision.ts";
import { poseFrom, traceStream } from "../test/stream-trace.ts";
import type { PoseNumbers } from "../test/stream-trace.ts";
import { misreadVectors } from "../test/runtimes/stream-reader.ts";
import * as codec from "../test/mutants/stream-codec.ts";
import { invalidFrames, invalidSkeletons } from "./stream-faults.ts";
import { acceptedFrames, acceptedSkeletons, skeletonVector } from "./stream-liberties.ts";
import { receiversOf } from "./stream-receivers.ts";

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

/** A pose at a time: the root walks and turns, the spine bends, the eye rests. */
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

function skeletonOf(
  names: Skeleton,
  firstPose: PoseNumbers,
  precision: Partial<StreamPrecision>,
  rest?: Float32Array<ArrayBuffer>,
) {
  const plain = createStreamSkeleton(names, createPose(names), precision);
  const first = poseFrom(plain, firstPose);
  return createStreamSkeleton(rest === undefined ? names : { ...names, rest }, first, precision);
}

const swinging = skeletonOf(skeleton, poseAt(0), {}, restPose);

const walk = Array.from({ length: 15 }, (_, index) => ({
  // Two frames of standing still.
  pose: poseAt(Math.min(index, 11)),
  forceKey: index === 9,
  captureTimeUs: index * 33_333,
}));

/** Every number jumps at every frame: large residuals. */
const jumps = Array.from({ length: 6 }, (_, index) => ({
  pose: poseAt(0).map((value, at) => short(value + ((at * 7 + index * index * 5) % 11) - 5)),
  forceKey: false,
  captureTimeUs: index * 1_000_000,
}));

/** The hips' height and the spine's scale swing from end to end of their ranges, a group at each. */
const swings = Array.from({ length: 13 }, (_, index) => ({
  pose: poseAt(0).map((value, at) => {
    const end = (index >> 2) % 2 === 0 ? -1 : 1;
    if (at === 11)
      return short(value + end * OFFSET_STEPS_MAX * swinging.positionSteps[1] * 0.9999);
    if (at === 28) return short(value + end * OFFSET_STEPS_MAX * swinging.scaleSteps[2] * 0.9999);
    return value;
  }),
  forceKey: false,
  captureTimeUs: index * 33_333,
}));

/** A tail of 33 bones that waves and comes to rest: more than two groups of 16, the last of them one bone. */
const tail: Skeleton = {
  boneNames: Array.from({ length: 33 }, (_, index) => `tail ${index + 1}`),
  boneParents: Array.from({ length: 33 }, (_, index) => (index === 0 ? null : `tail ${index}`)),
  blendShapeNames: [],
};
const waves = Array.from({ length: 9 }, (_, index) => {
  // The last frames are the first again.
  const time = index > 6 ? 0 : index;
  const bones = tail.boneNames.map((_name, bone) => {
    const bend = 0.1 * Math.sin(time * (1 + bone / 9));
    // Every third bone translates; the last one grows.
    const slide = bone % 3 === 2 ? 0.02 * time : 0;
    return [slide === 0 ? -0 : slide, 0.1, 0, bend, 0, 0, 1, 1, 1, bone === 32 ? 1 + time / 9 : 1];
  });
  return {
    pose: [[0, 0.5, 0, 0, 0, 0, 1, 1, 1, 1], ...bones].flat().map(short),
    forceKey: false,
    captureTimeUs: index * 33_333,
  };
});

/** Rests that are unusual: a rotation of four zeros, another whose length is not 1, and -0. No parents. */
const odd: Skeleton = {
  boneNames: ["through", "long", "zeros"],
  blendShapeNames: ["up", "beyond", "below", "on and off"],
};
const oddFrames = Array.from({ length: 14 }, (_, index) => {
  // One axis of the first bone moves, away from a rest of -0 and back through it; the other bone stops there.
  const slide = [0, 0, 1, 3, 4, 2, 0, -2, -4, -4, 0, 0, 3, 3][index] / 50;
  const stop = index < 8 && index > 0 ? 0.02 * (8 - (index & 12)) : 0;
  const turn = 0.1 * Math.sin(index);
  return {
    pose: [
      [0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
      [-0, slide, -0, 0, turn, 0, 1, 1, 1, 1],
      [stop, -0, 0, 0.3, 0.6, 0.9 + turn, -1.2, 2, 2, 2],
      [0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
      [0.3 * index, 1.1 + 0.01 * index * (index & 1), -0.2 - 0.1 * Math.sin(index), index & 2],
    ]
      .flat()
      .map(short),
    forceKey: false,
    captureTimeUs: index * 33_333,
  };
});

/** 270 frames, so that numbers come round: it turns about itself, several times past half a turn, and stops. */
const top: Skeleton = { boneNames: [], boneParents: [], blendShapeNames: [] };
const spins = Array.from({ length: 270 }, (_, index) => {
  const half = Math.min(index, 262) / 20;
  return {
    pose: [[0, 0, 0, 0, Math.sin(half), 0, Math.cos(half), 1, 1, 1]].flat().map(short),
    forceKey: false,
    captureTimeUs: index * 11_111,
  };
});

function streamOf(
  name: string,
  frames: typeof walk,
  precision: Partial<StreamPrecision>,
  rest?: Float32Array<ArrayBuffer>,
  names = skeleton,
) {
  const stream = skeletonOf(names, frames[0].pose, precision, rest);
  return {
    ...skeletonVector(name, encodeSkeleton(stream).toHex()),
    frames: traceStream(stream, frames),
  };
}

const walkStream = streamOf("a walk: all layers, a keyframe on request, standing still", walk, {});
const longStream = streamOf(
  "270 frames: numbers come round, and so does the root",
  spins,
  {},
  undefined,
  top,
);
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
  frequencies: [0, 12, 400, FlagTable.Still, FlagTable.Moves].map((table) => ({
    table,
    frequencies: Array.from({ length: symbolCountOf(table) }, (_, symbol) => {
      const at = table * (SYMBOLS_MAX + 1) + symbol;
      return cumulative[at + 1] - cumulative[at];
    }),
  })),
  streams: [
    walkStream,
    streamOf("jumps, with weights of 0 to 100", jumps, { errorMetres: 0.05, weightScale: 100 }),
    streamOf("swings from end to end of the ranges", swings, {}, restPose),
    streamOf("a rest pose that no frame is in", walk.slice(0, 5), {}, restPose),
    streamOf("a tail of 33 bones: groups of 16, and back to rest", waves, {}, undefined, tail),
    streamOf(
      "unusual rests, through the rest, and weights beyond their scale",
      oddFrames,
      {},
      undefined,
      odd,
    ),
    longStream,
  ],
  receivers: receiversOf(walkStream, longStream),
  accepted: {
    skeletons: acceptedSkeletons(walkStream.skeleton),
    frames: acceptedFrames(walkStream.skeleton, walkStream.frames),
  },
  invalid: {
    skeletons: invalidSkeletons(walkStream.skeleton),
    frames: invalidFrames(walkStream.skeleton, walkStream.frames),
  },
};
for (const misread of misreadVectors(codec, vectors)) throw new Error(misread);
// One line for each list of numbers, as people would write it.
const signed = (_key: string, value: unknown): unknown => (Object.is(value, -0) ? "-0" : value);
const text = JSON.stringify(vectors, signed, 2)
  .replaceAll('"-0"', "-0.0")
  .replace(/\[[^[\]{}]*\]/g, (list) =>
    list.includes('"') && list.length > 80 && !/"(symbol|residual|bits)"/.test(list)
      ? list
      : list.replace(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]"),
  );
await Bun.write(TARGET, `${text}\n`);

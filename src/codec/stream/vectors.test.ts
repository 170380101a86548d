// vectors/stream.json, which every language reads: each value between a pose and its bytes.
import { describe, expect, test } from "bun:test";
import { traceStream } from "../../../test/stream-trace.ts";
import type { FrameVector } from "../../../test/stream-trace.ts";
import { misreadVectors } from "../../../test/runtimes/stream-reader.ts";
import type { StreamToRead, VectorsToRead } from "../../../test/runtimes/stream-reader.ts";
import { DecodeError } from "../errors.ts";
import { createPose } from "../frame.ts";
import {
  ENERGY_THRESHOLDS,
  FlagTable,
  LEVELS,
  expandTables,
  streamModels,
  TableSet,
} from "./models.ts";
import { KNOT_TABLES } from "./tables.ts";
import { ENERGY_WEIGHTS, PREDICTION } from "./prediction.ts";
import { layerOf } from "./references.ts";
import { decodeSkeleton, encodeSkeleton, STREAM_VERSION } from "./skeleton-message.ts";
import { StreamDecoder } from "./stream-decoder.ts";

interface StreamVector extends StreamToRead {
  readonly frames: readonly FrameVector[];
}

interface StreamVectors extends VectorsToRead {
  readonly version: number;
  readonly levels: string;
  readonly energyThresholds: readonly number[];
  readonly tableSets: unknown;
  readonly flagTables: unknown;
  readonly prediction: unknown;
  readonly energyWeights: unknown;
  readonly tables: readonly string[];
  readonly frequencies: readonly { table: number; frequencies: number[] }[];
  readonly streams: readonly StreamVector[];
}

const file = Bun.file(new URL("../../../vectors/stream.json", import.meta.url));
const vectors = (await file.json()) as StreamVectors;

test("[E1] the vectors hold the numbers of this version", () => {
  expect(vectors.version).toBe(STREAM_VERSION);
  expect(vectors.levels).toBe(LEVELS);
  expect(vectors.energyThresholds).toEqual(ENERGY_THRESHOLDS);
  expect(vectors.tableSets).toEqual(TableSet);
  expect(vectors.flagTables).toEqual(FlagTable);
  expect(vectors.prediction).toEqual(PREDICTION);
  const weights = Object.entries(ENERGY_WEIGHTS).map(([kind, modes]) => {
    return [kind, modes.map((each) => Array.from(each))] as const;
  });
  expect(vectors.energyWeights).toEqual(Object.fromEntries(weights));
  expect(vectors.tables).toEqual(expandTables(KNOT_TABLES));
  for (const { table, frequencies } of vectors.frequencies) {
    let sum = 0;
    for (const [symbol, frequency] of frequencies.entries()) {
      sum += frequency;
      expect(streamModels().cumulative[table * 53 + symbol + 1]).toBe(sum);
    }
  }
});

describe("streams", () => {
  for (const vector of vectors.streams) {
    const skeleton = decodeSkeleton(Uint8Array.fromHex(vector.skeleton));

    test(`${vector.name}: the skeleton is written as it was read`, () => {
      expect(encodeSkeleton(skeleton).toHex()).toBe(vector.skeleton);
    });

    test(`${vector.name}: every value from the poses to the bytes`, () => {
      expect(traceStream(skeleton, vector.frames)).toEqual([...vector.frames]);
    });
  }
});

test("[E12] [E27] [E4] our reader reads all of them, and parts of streams, and what it must refuse", () => {
  const codec = { createPose, decodeSkeleton, layerOf, StreamDecoder };
  expect([...misreadVectors(codec, vectors)]).toEqual([]);
});

describe("what is refused", () => {
  const errorOf = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };

  for (const { name, skeleton, code, byteOffset } of vectors.invalid.skeletons) {
    test(`[E28] a skeleton: ${name}`, () => {
      const error = errorOf(() => decodeSkeleton(Uint8Array.fromHex(skeleton)));
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ code, place: { byteOffset } });
    });
  }

  const [stream] = vectors.streams;
  for (const { name, after, payload, code, ...header } of vectors.invalid.frames) {
    test(`[E4c] [E28b] a frame: ${name}`, () => {
      const skeleton = decodeSkeleton(Uint8Array.fromHex(stream.skeleton));
      const decoder = new StreamDecoder(skeleton);
      const pose = createPose(stream.names);
      for (const frame of stream.frames.slice(0, after)) {
        decoder.decode(frame, Uint8Array.fromHex(frame.payload), null);
      }
      const found = errorOf(() => decoder.decode(header, Uint8Array.fromHex(payload), pose));
      if (code === "unknown_reference") {
        expect(found).toBe(code);
        return;
      }
      expect(found).toBeInstanceOf(DecodeError);
      expect(found).toMatchObject({ code });
    });
  }
});

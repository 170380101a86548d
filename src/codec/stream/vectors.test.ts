// vectors/stream.json, which every language reads: each value between a pose and its bytes.
import { describe, expect, test } from "bun:test";
import { traceStream } from "../../../test/stream-trace.ts";
import type { FrameVector } from "../../../test/stream-trace.ts";
import type { InvalidFrame, InvalidSkeleton } from "../../../scripts/stream-faults.ts";
import { DecodeError } from "../errors.ts";
import { createPose } from "../frame.ts";
import type { Skeleton } from "../frame.ts";
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
import { decodeSkeleton, encodeSkeleton, STREAM_VERSION } from "./skeleton-message.ts";
import { StreamDecoder } from "./stream-decoder.ts";

interface StreamVectors {
  readonly version: number;
  readonly levels: string;
  readonly energyThresholds: readonly number[];
  readonly tableSets: unknown;
  readonly flagTables: unknown;
  readonly prediction: unknown;
  readonly energyWeights: unknown;
  readonly tables: readonly string[];
  readonly frequencies: readonly { table: number; frequencies: number[] }[];
  readonly streams: readonly {
    readonly name: string;
    readonly skeleton: string;
    readonly names: Skeleton;
    readonly hasRestPose: boolean;
    readonly weightScale: number;
    readonly rotationSteps: readonly number[];
    readonly positionSteps: readonly number[];
    readonly scaleSteps: readonly number[];
    readonly rest: readonly number[];
    readonly frames: readonly FrameVector[];
  }[];
  readonly invalid: {
    readonly skeletons: readonly InvalidSkeleton[];
    readonly frames: readonly InvalidFrame[];
  };
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

    test(`${vector.name}: the skeleton`, () => {
      const { rest, ...names } = skeleton.skeleton;
      expect(names).toEqual(vector.names);
      // [E30]
      const restPose = vector.hasRestPose ? Array.from(vector.rest.slice(10)) : undefined;
      expect(rest && Array.from(rest)).toEqual(restPose);
      expect(skeleton.weightScale).toBe(vector.weightScale);
      expect([...skeleton.rotationSteps]).toEqual([...vector.rotationSteps]);
      expect([...skeleton.positionSteps]).toEqual([...vector.positionSteps]);
      expect([...skeleton.scaleSteps]).toEqual([...vector.scaleSteps]);
      expect(Array.from(skeleton.rest)).toEqual([...vector.rest]);
      expect(encodeSkeleton(skeleton).toHex()).toBe(vector.skeleton);
    });

    test(`${vector.name}: every value from the poses to the bytes`, () => {
      expect(traceStream(skeleton, vector.frames)).toEqual([...vector.frames]);
    });

    test(`${vector.name}: the bytes decode, for those who come later too`, () => {
      const decoder = new StreamDecoder(skeleton);
      const pose = createPose(skeleton.skeleton);
      const hex = (): string =>
        [pose.root, pose.bones, pose.blendShapes]
          .map((values) => new Uint8Array(values.buffer).toHex())
          .join("");
      let layer0 = "";
      for (const frame of vector.frames) {
        expect(decoder.decode(frame, Uint8Array.fromHex(frame.payload), pose)).toBe("decoded");
        expect(hex()).toBe(frame.decoded);
        if (frame.layer === 0) layer0 = frame.decoded;
        const newcomer = new StreamDecoder(skeleton);
        const header = { layer: 0, isKey: true, number: frame.newcomer.number };
        newcomer.decode(header, Uint8Array.fromHex(frame.newcomer.payload), pose);
        expect(hex()).toBe(layer0);
      }
    });
  }
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
    test(`a frame: ${name}`, () => {
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
      // As if it had not been.
      const next = stream.frames[after];
      expect(decoder.decode(next, Uint8Array.fromHex(next.payload), pose)).toBe("decoded");
      const words = [pose.root, pose.bones, pose.blendShapes].map(({ buffer }) => buffer);
      expect(words.map((each) => new Uint8Array(each).toHex()).join("")).toBe(next.decoded);
    });
  }
});

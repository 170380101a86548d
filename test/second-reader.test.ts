// The text and the numbers of vectors/stream.json suffice for a reader: one that was written from them alone reads every
// vector as ours does, number by number.
import { describe, expect, test } from "bun:test";
import type { InvalidFrame } from "../scripts/stream-faults.ts";
import { frequenciesOf, readSkeleton, Refused, SecondReader } from "./second-reader.ts";
import type { StreamNumbers } from "./second-reader.ts";
import type { FrameVector } from "./stream-trace.ts";

interface Vectors extends StreamNumbers {
  readonly frequencies: readonly { table: number; frequencies: number[] }[];
  readonly streams: readonly {
    readonly name: string;
    readonly skeleton: string;
    readonly names: object;
    readonly hasRestPose: boolean;
    readonly weightScale: number;
    readonly rotationSteps: number[];
    readonly positionSteps: number[];
    readonly scaleSteps: number[];
    readonly rest: number[];
    readonly frames: readonly FrameVector[];
  }[];
  readonly invalid: { readonly frames: readonly InvalidFrame[] };
}

const file = Bun.file(new URL("../vectors/stream.json", import.meta.url));
const vectors = (await file.json()) as Vectors;

function readerOf({ skeleton }: Vectors["streams"][number]): SecondReader {
  return new SecondReader(vectors, readSkeleton(Uint8Array.fromHex(skeleton)));
}

/** What the second reader says of every frame of a stream. */
function framesOf(stream: Vectors["streams"][number]) {
  const reader = readerOf(stream);
  return stream.frames.map((frame) => {
    const read = reader.read(frame, Uint8Array.fromHex(frame.payload));
    if (read === null) throw new Error(`frame ${frame.number} has an unknown reference`);
    return { frame, ...read, pose: hexOf(reader.pose(read.state)) };
  });
}

/** The pose of this keyframe alone. */
function readKeyframe(stream: Vectors["streams"][number], number: number, payload: string): string {
  const reader = readerOf(stream);
  const read = reader.read({ number, isKey: true }, Uint8Array.fromHex(payload));
  return hexOf(reader.pose(read!.state));
}

const hexOf = (pose: readonly number[]) => new Uint8Array(Float32Array.from(pose).buffer).toHex();

test("[E19] tables in levels give the frequencies", () => {
  for (const { table, frequencies } of vectors.frequencies) {
    expect(frequenciesOf(vectors, table)).toEqual(frequencies);
  }
});

describe("a reader that was written from the text", () => {
  for (const stream of vectors.streams) {
    test(`[E27] [E27b] ${stream.name}: reads the skeleton, and takes its steps as they are`, () => {
      const { steps, rests, hasRestPose, weightScale, ...names } = readSkeleton(
        Uint8Array.fromHex(stream.skeleton),
      );
      const { rotationSteps, positionSteps, scaleSteps } = stream;
      expect(names).toEqual(stream.names as typeof names);
      expect({ hasRestPose, weightScale }).toEqual({
        hasRestPose: stream.hasRestPose,
        weightScale: stream.weightScale,
      });
      expect(steps).toEqual(
        rotationSteps.map((step, at) => [step, positionSteps[at], scaleSteps[at]]),
      );
      expect(rests.flat()).toEqual(stream.rest);
    });

    test(`[E12] [E13] [E14] [E15] [E16] [E18] [E24] [E26] ${stream.name}: finds what is coded, by which tables`, () => {
      for (const { frame, steps, state } of framesOf(stream)) {
        // Raw bits are steps of their own in the vectors.
        expect(steps).toEqual(frame.steps.filter(([kind]) => kind !== "bits") as typeof steps);
        const { rotations, positions, scales, weights } = state;
        expect({
          rotations: rotations.flat(),
          positions: positions.flat(),
          scales: scales.flat(),
          weights,
        }).toEqual(frame.state);
      }
    });

    test(`[E20] [E21] [E22] [E23] ${stream.name}: the bytes are those of what was read`, () => {
      // The reader writes what it has read, and compares.
      expect(framesOf(stream)).toHaveLength(stream.frames.length);
    });

    test(`[E5] [E6] [E8] [E10] [E11] [E11a] ${stream.name}: has the same poses to the bit`, () => {
      for (const { frame, pose } of framesOf(stream)) expect(pose).toBe(frame.decoded);
    });

    test(`[E25] [E25a] ${stream.name}: reads a newcomer's keyframes, and what follows them`, () => {
      let layer0 = "";
      for (const [index, frame] of stream.frames.entries()) {
        if (frame.layer === 0) layer0 = frame.decoded;
        const { number, payload } = frame.newcomer;
        expect(readKeyframe(stream, number, payload)).toBe(layer0);
        const next = stream.frames[index + 1];
        if (next === undefined || frame.layer !== 0) continue;
        // The frames of this group, and the next of layer 0.
        const newcomer = readerOf(stream);
        newcomer.read({ number, isKey: true }, Uint8Array.fromHex(payload));
        for (const later of stream.frames.slice(index + 1, index + 5)) {
          const read = newcomer.read(later, Uint8Array.fromHex(later.payload));
          expect(hexOf(newcomer.pose(read!.state))).toBe(later.decoded);
        }
      }
    });

    test(`[E25b] ${stream.name}: a publisher's keyframes tell no frame before`, () => {
      const keys = stream.frames.filter(({ isKey }) => isKey);
      expect(keys.length).toBeGreaterThan(0);
      for (const { steps } of keys) {
        expect([...steps[0]]).toEqual(["symbol", vectors.flagTables["HasBefore"], 0]);
      }
    });
  }

  const [stream] = vectors.streams;
  for (const { name, after, payload, code, ...header } of vectors.invalid.frames) {
    test(`[E4] [E4b] [E4c] [E17] [E23a] [E28b] refuses ${name}, and continues`, () => {
      const reader = readerOf(stream);
      for (const frame of stream.frames.slice(0, after)) {
        reader.read(frame, Uint8Array.fromHex(frame.payload));
      }
      const read = () => reader.read(header, Uint8Array.fromHex(payload));
      if (code === "unknown_reference") {
        expect(read()).toBeNull();
        return;
      }
      // Bytes too many and other bytes are one fault for a reader that compares.
      const expected = code === "trailing_bytes" ? "not_canonical" : code;
      expect(read).toThrow(new Refused(expected));
      const next = stream.frames[after];
      const { state } = reader.read(next, Uint8Array.fromHex(next.payload))!;
      expect(hexOf(reader.pose(state))).toBe(next.decoded);
    });
  }
});

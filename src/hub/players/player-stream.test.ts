import { describe, expect, test } from "bun:test";
import { smallFrame } from "../../../test/frames.ts";
import {
  createPose,
  DEFAULT_FRAME_LIMITS,
  EncodeError,
  poseOf,
  skeletonOf,
} from "../../codec/index.ts";
import {
  createStreamSkeleton,
  encodeSkeleton,
  restPoseOf,
  layerOf,
  StreamDecoder,
  StreamEncoder,
} from "../../codec/stream/index.ts";
import {
  BatchReader,
  BatchWriter,
  createFrameHeader,
  EntryKind,
  FRAME_HEADER_BYTES,
  ProtocolError,
  revisionByNumber,
  writeFrameHeader,
} from "../../protocol/index.ts";
import type { FrameHeader } from "../../protocol/index.ts";
import { PlayerStream } from "./player-stream.ts";

const FRAME = smallFrame();
const SKELETON = skeletonOf(FRAME);
const STREAM_SKELETON = createStreamSkeleton(SKELETON, poseOf(FRAME, createPose(SKELETON)));

function messageOf(header: FrameHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(header, message, 0);
  message.set(payload, FRAME_HEADER_BYTES);
  return message;
}

const at = (revision: number) => ({ revision, receivedMs: 0, captureTimeUs: 0 });

/** A publisher that walks along x, and its stream as a server keeps it. */
class Stage {
  readonly garbled: string[] = [];
  readonly stream = new PlayerStream(encodeSkeleton(STREAM_SKELETON), DEFAULT_FRAME_LIMITS, {
    onGarbled: (message) => this.garbled.push(message),
    isCountedByNumbers: true,
  });
  readonly #encoder = new StreamEncoder(STREAM_SKELETON);
  readonly #pose = createPose(SKELETON);
  revision = 0;
  frameCount = 0;
  /** By revision: where the frame is. */
  readonly xs = new Map<number, number>();

  publish(options: { forceKey?: boolean; garbage?: boolean } = {}): void {
    this.frameCount++;
    poseOf(smallFrame(1 + this.frameCount / 100), this.#pose);
    const captureTimeUs = this.frameCount * 10_000;
    const { isKey, number, payload } = this.#encoder.encode(this.#pose, {
      captureTimeUs,
      forceKey: options.forceKey ?? false,
    });
    const bytes = options.garbage === true ? new Uint8Array(40).fill(0xa5) : payload;
    const header = { isKey, number, teleports: 0, captureTimeUs };
    this.revision += this.stream.revisionStep({ isKey, number, teleports: 0 });
    this.xs.set(this.revision, 1 + this.frameCount / 100);
    this.stream.accept(messageOf(header, bytes), header, at(this.revision));
  }
}

interface Entry {
  readonly revision: number;
  readonly layer: number | "skeleton";
  readonly isKey: boolean;
  readonly payload: Uint8Array;
  readonly number: number;
}

// Of the entry that was read last.
let last = { revision: 0, number: 0 };

function entriesOf(add: (writer: BatchWriter) => void): Entry[] {
  const writer = new BatchWriter();
  writer.begin({ sequence: 1, serverTimeUs: 0, isFullState: false });
  add(writer);
  const reader = new BatchReader(writer.finish());
  const entries: Entry[] = [];
  while (reader.next()) {
    const { frame, payload } = reader;
    const { isKey, number } = frame;
    if (reader.kind === EntryKind.Skeleton) {
      entries.push({ revision: 0, layer: "skeleton", isKey: false, number, payload });
      continue;
    }
    const revision = reader.revision ?? revisionByNumber(last, number);
    last = { revision, number };
    entries.push({ revision, layer: layerOf(number), isKey, number, payload });
  }
  return entries;
}

/** Receivers that hold no skeleton. */
const HOLDERS = { name: () => false };

const stateOf = (stream: PlayerStream) =>
  entriesOf((writer) => stream.addState(writer, 0, HOLDERS));
const newOf = (stream: PlayerStream, layers = 3) => {
  const entries = entriesOf((writer) => stream.addNew(writer, 0, layers, HOLDERS));
  stream.markSent();
  return entries;
};

/** A receiver: what it decodes to after these entries. */
class Receiver {
  readonly #decoder = new StreamDecoder(STREAM_SKELETON);
  readonly pose = restPoseOf(STREAM_SKELETON);

  take(entries: readonly Entry[]): string[] {
    return entries
      .filter(({ layer }) => layer !== "skeleton")
      .map(({ isKey, number, payload }) =>
        this.#decoder.decode({ isKey, number }, payload, this.pose),
      );
  }
}

describe("what the room is sent", () => {
  test("[S24] [S24a] the skeleton once, then every frame as it came", () => {
    const stage = new Stage();
    stage.publish();
    stage.publish();
    expect(newOf(stage.stream).map(({ layer }) => layer)).toEqual(["skeleton", 0, 2]);
    stage.publish();
    stage.publish();
    expect(newOf(stage.stream).map(({ layer, revision }) => [layer, revision])).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(newOf(stage.stream)).toEqual([]);
  });

  test("fewer layers are frames left out, and decode", () => {
    for (const layers of [1, 2]) {
      const stage = new Stage();
      const receiver = new Receiver();
      for (let frame = 0; frame < 40; frame++) {
        stage.publish();
        const entries = newOf(stage.stream, layers);
        expect(receiver.take(entries)).toEqual(
          entries.filter(({ layer }) => layer !== "skeleton").map(() => "decoded"),
        );
      }
    }
  });

  test("[S24] a keyframe makes what waits before it worthless", () => {
    const stage = new Stage();
    for (let frame = 0; frame < 3; frame++) stage.publish();
    newOf(stage.stream);
    stage.publish();
    stage.publish({ forceKey: true });
    stage.publish();
    expect(newOf(stage.stream).map(({ isKey, revision }) => [isKey, revision])).toEqual([
      [true, 5],
      [false, 6],
    ]);
  });

  test("[S14f] keyframes use up one revision each, whatever their numbers are", () => {
    const stage = new Stage();
    for (let frame = 0; frame < 100; frame++) stage.publish({ forceKey: true });
    expect(stage.revision).toBe(100);
    for (let frame = 0; frame < 3; frame++) stage.publish();
    expect(stage.revision).toBe(103);
    for (const number of [0, 4, 252]) {
      expect(stage.stream.revisionStep({ isKey: true, number, teleports: 0 })).toBe(1);
    }
  });

  test("[S24a] the skeleton is still owed where no frame decodes, to the room and to a newcomer", () => {
    for (const isNewcomerLate of [false, true]) {
      const stage = new Stage();
      const garbageCount = isNewcomerLate ? 1 : 70;
      for (let frame = 0; frame < garbageCount; frame++) stage.publish({ garbage: true });
      if (isNewcomerLate) newOf(stage.stream);
      // Both are told that the player is unavailable.
      const ask = isNewcomerLate ? stateOf : newOf;
      expect(() => ask(stage.stream)).toThrow(EncodeError);
      stage.stream.markSent();
      stage.publish({ forceKey: true });
      const entries = newOf(stage.stream);
      expect(entries.map(({ layer }) => layer)).toEqual(["skeleton", 0]);
      expect(new Receiver().take(entries)).toEqual(["decoded"]);
      stage.publish();
      expect(newOf(stage.stream).map(({ layer }) => layer)).toEqual([2]);
    }
  });

  test("[S24e] a publisher far faster than the ticks is shown by its newest state", () => {
    const stage = new Stage();
    for (let frame = 0; frame < 500; frame++) stage.publish();
    const entries = newOf(stage.stream);
    expect(entries.length).toBeLessThan(6);
    expect(new Receiver().take(entries).every((result) => result === "decoded")).toBe(true);
    expect(entries.at(-1)?.revision).toBe(500);
  });
});

describe("a pause", () => {
  /** A stream whose newest frame, of layer 2, was left out. */
  const paused = () => {
    const stage = new Stage();
    stage.publish();
    stage.publish();
    newOf(stage.stream, 1);
    expect(stage.stream.settle()).toBe(false);
    return stage;
  };

  test("[S24d] brings what was left out, once", () => {
    const { stream } = paused();
    expect(stream.settle()).toBe(true);
    expect(newOf(stream, 1).map(({ layer, revision }) => [layer, revision])).toEqual([[2, 2]]);
    expect(stream.settle()).toBe(false);
  });

  test("brings nothing to a room that has been sent all of it again", () => {
    const { stream } = paused();
    stream.resend();
    expect(newOf(stream, 1).at(-1)?.revision).toBe(2);
    expect(stream.settle()).toBe(false);
  });
});

describe("a newcomer", () => {
  test("[S26] is given one keyframe at any time, and decodes to the bit what everybody else does", () => {
    const stage = new Stage();
    const witness = new Receiver();
    const newcomers: Receiver[] = [];
    for (let frame = 0; frame < 60; frame++) {
      stage.publish();
      const entries = newOf(stage.stream);
      witness.take(entries);
      for (const newcomer of newcomers) {
        expect(newcomer.take(entries)).toEqual(["decoded"]);
        expect(newcomer.pose.bones).toEqual(witness.pose.bones);
        expect(newcomer.pose.root).toEqual(witness.pose.root);
      }
      const newcomer = new Receiver();
      const state = stateOf(stage.stream);
      expect(state.map(({ layer }) => layer).slice(0, 2)).toEqual(["skeleton", 0]);
      newcomer.take(state);
      expect(newcomer.pose.root).toEqual(witness.pose.root);
      newcomers.push(newcomer);
    }
  });
});

describe("a pose for other formats", () => {
  test("[S29a] is the newest frame's, however seldom it is asked for", () => {
    const stage = new Stage();
    expect(stage.stream.newest()).toBeUndefined();
    for (let frame = 1; frame <= 300; frame++) {
      stage.publish();
      if (frame % 7 > 0 && frame % 101 > 0) continue;
      const { pose } = stage.stream.newest()!;
      expect(Math.abs(pose.root[0] - (1 + frame / 100))).toBeLessThan(0.0021);
    }
  });
});

describe("a bad publisher", () => {
  /** Frames of this stage, by number; those in `garbled` have a payload that no encoder writes. */
  function publishWith(garbled: readonly number[], count: number): Stage {
    const stage = new Stage();
    for (let number = 0; number < count; number++) {
      stage.publish({ garbage: garbled.includes(number) });
    }
    return stage;
  }

  /** The x of the newest pose that decodes, as a receiver of full state shows it, too. */
  function newestX({ stream, xs }: Stage): number {
    const { pose, revision } = stream.newest()!;
    const newcomer = new Receiver();
    const state = stateOf(stream);
    expect(newcomer.take(state)).toEqual(state.slice(1).map(() => "decoded"));
    expect(newcomer.pose.root[0]).toBe(pose.root[0]);
    expect(Math.abs(pose.root[0] - xs.get(revision)!)).toBeLessThan(0.0021);
    expect(state.at(-1)?.revision).toBe(revision);
    return Math.round(pose.root[0] * 100);
  }

  test("[12] [S29] garbage above layer 0 spoils nothing but what refers to it", () => {
    // Frame n has x = 1 + (n + 1) / 100: the number of the newest that decodes is 1 less than asked for.
    for (const [garbled, count, newest] of [
      [[1], 2, 101],
      [[1], 3, 103],
      [[1, 3], 4, 103],
      [[2], 3, 102],
      [[2], 4, 102],
      [[2], 5, 105],
      [[5, 6], 8, 105],
    ] as const) {
      const stage = publishWith(garbled, count);
      expect(newestX(stage)).toBe(newest);
      expect(stage.garbled).toHaveLength(garbled.length);
    }
  });

  test("[12] [H18a] [S29] its author is told which frame does not decode, and where, once", () => {
    const stage = publishWith([5], 10);
    for (let look = 0; look < 3; look++) stage.stream.newest();
    expect(stage.garbled).toEqual([expect.stringMatching(/^frame 5 of layer 2: .*byte/)]);
  });

  test("[12] [S29b] its author is told within 64 frames, though nobody looks", () => {
    const stage = publishWith([5], 64);
    expect(stage.garbled).toEqual([]);
    stage.publish();
    expect(stage.garbled).toEqual([expect.stringMatching(/^frame 5 of layer 2: /)]);
  });

  test("[12] [S29] garbage of layer 0 keeps the last pose that decodes, until the next keyframe", () => {
    for (const isLookedAt of [false, true]) {
      const stage = publishWith([], 6);
      if (isLookedAt) expect(newestX(stage)).toBe(106);
      for (let number = 6; number < 8; number++) stage.publish();
      stage.publish({ garbage: true });
      for (let number = 9; number < 60; number++) stage.publish();
      const { revision } = stage.stream.newest()!;
      // What was decoded is never replaced by something older.
      expect(revision).toBeWithin(5, 9);
      expect(stateOf(stage.stream).map(({ isKey }) => isKey)).toEqual([false, true]);
      expect(stage.garbled).toHaveLength(1);
      stage.publish({ forceKey: true });
      expect(stage.stream.newest()).toMatchObject({ revision: stage.revision });
      expect(newestX(stage)).toBe(100 + stage.frameCount);
    }
  });

  test("[12] [S29a] a stream that begins with garbage has no pose before its first sound keyframe", () => {
    const stage = publishWith([0], 9);
    expect(stage.stream.newest()).toBeUndefined();
    expect(() => stateOf(stage.stream)).toThrow(EncodeError);
    stage.publish({ forceKey: true });
    expect(newestX(stage)).toBe(110);
  });

  test("[11] [S23d] a delta whose reference was not sent breaks the rules", () => {
    for (const sent of [1, 2]) {
      const stage = new Stage();
      for (let frame = 0; frame < sent; frame++) stage.publish();
      const bad = { ...createFrameHeader(), isKey: false, number: 3 };
      const accept = () => stage.stream.accept(messageOf(bad, payload), bad, at(9));
      expect(accept).toThrow(/frame 3 refers to the one before it/);
      expect(stage.stream.newest()).toMatchObject({ revision: sent });
    }
  });

  const header = createFrameHeader();
  const payload = new Uint8Array(4);
  const faults: [string, Partial<typeof header>, number][] = [
    ["no keyframe first", { isKey: false }, 0],
    ["a keyframe above layer 0", { number: 1 }, 0],
    ["a payload beyond all measure", {}, 100_000],
  ];
  for (const [what, change, length] of faults) {
    test(`[S23c] [S23d] ${what} breaks the rules`, () => {
      const { stream } = new Stage();
      const bad = { ...header, ...change };
      const message = messageOf(bad, length > 0 ? new Uint8Array(length) : payload);
      expect(() => stream.accept(message, bad, at(1))).toThrow(ProtocolError);
    });
  }

  test("[S23d] a delta that does not follow breaks the rules", () => {
    for (const number of [8, 5, 6, 0]) {
      const stage = new Stage();
      stage.publish();
      const bad = { ...createFrameHeader(), isKey: false, number };
      const message = messageOf(bad, payload);
      expect(() => stage.stream.accept(message, bad, at(2))).toThrow(ProtocolError);
    }
  });

  test("[S23d] a group goes one way: nothing that goes back or stands still makes it grow", () => {
    for (const number of [1, 2]) {
      const stage = new Stage();
      for (let frame = 0; frame < 3; frame++) stage.publish();
      const bad = { ...createFrameHeader(), isKey: false, number };
      expect(() => stage.stream.accept(messageOf(bad, payload), bad, at(4))).toThrow(ProtocolError);
    }
  });
});

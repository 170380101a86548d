import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { anyFrame, smallFrame } from "../../test/frames.ts";
import { createPose, decodeBinary, decodeJson, DecodeError, EncodeError } from "../codec/index.ts";
import { identityFrame, poseOf, skeletonOf } from "../codec/index.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import type { Pose, SkeletonPose, StreamFormat } from "../codec/index.ts";
import { decodeSkeleton, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import {
  captureTimeOf,
  createFrameHeader,
  FRAME_HEADER_BYTES,
  MessageType,
  messageTypeOf,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
} from "../protocol/index.ts";
import type { FrameHeader } from "../protocol/index.ts";
import { ClockSync } from "./clock-sync.ts";
import type { RoomError } from "./errors.ts";
import { Publisher } from "./publisher.ts";
import type { PublishLink } from "./publisher.ts";

class FakeLink implements PublishLink {
  state = { name: "joined" };
  bufferedBytes = 0;
  readonly clock = new ClockSync();
  readonly sent: Uint8Array<ArrayBuffer>[] = [];
  readonly memories = new Set<ArrayBuffer>();

  sendBytes(data: Uint8Array<ArrayBuffer>): boolean {
    this.sent.push(data.slice());
    this.memories.add(data.buffer);
    return true;
  }

  /** The last frame sent. */
  get header(): FrameHeader {
    return readFrameHeader(this.sent.at(-1) ?? new Uint8Array(), 0, createFrameHeader());
  }

  get payload(): Uint8Array {
    return (this.sent.at(-1) ?? new Uint8Array()).subarray(FRAME_HEADER_BYTES);
  }
}

/** Follows a stream. */
class Receiver {
  readonly #header = createFrameHeader();
  #decoder: StreamDecoder | undefined;
  #pose: Pose | undefined;

  read(message: Uint8Array<ArrayBuffer>): void {
    if (messageTypeOf(message) === MessageType.Skeleton) {
      const stream = decodeSkeleton(message.subarray(SKELETON_HEADER_BYTES));
      this.#decoder = new StreamDecoder(stream);
      this.#pose = restPoseOf(stream);
      return;
    }
    const header = readFrameHeader(message, 0, this.#header);
    const payload = message.subarray(FRAME_HEADER_BYTES);
    expect(this.#decoder!.decode(header, payload, this.#pose!)).toBe("decoded");
  }

  /** Of the root's position. */
  get x(): number {
    return this.#pose!.root[0];
  }

  get weight(): number {
    return this.#pose!.blendShapes[0];
  }

  /** Half a step, and the rounding to f32. */
  get weightErrorMax(): number {
    return this.#decoder!.skeleton.weightScale * (1 / 510 + 1e-6);
  }
}

let link: FakeLink;
let runtime: FakeRuntime;
let errors: RoomError[];

beforeEach(() => {
  link = new FakeLink();
  runtime = new FakeRuntime();
  errors = [];
});

function publisherOf(format: StreamFormat): Publisher {
  return new Publisher({ format, link, runtime, onError: (error) => errors.push(error) });
}

const isFrame = (message: Uint8Array) => messageTypeOf(message) === MessageType.Frame;

function teleportsOf(message: Uint8Array): number {
  return readFrameHeader(message, 0, createFrameHeader()).teleports;
}

function smallPose(x = 1): SkeletonPose {
  const frame = smallFrame(x);
  const skeleton = skeletonOf(frame);
  return { skeleton, pose: poseOf(frame, createPose(skeleton)) };
}

describe("what is sent", () => {
  test("[S11] is a frame message that is read as it was published, in either format", () => {
    const binary = publisherOf("binary");
    const json = publisherOf("json");
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(binary.publish(frame, runtime.nowMs)).toBe(true);
        expect(decodeBinary(link.payload).bones.map(({ name }) => name)).toEqual(
          frame.bones.map(({ name }) => name),
        );
        expect(json.publish(frame, runtime.nowMs)).toBe(true);
        expect(decodeJson(link.payload)).toEqual(frame);
      }),
    );
  });

  for (const format of STREAM_FORMATS) {
    test(`[S30] in ${format}, jumps are counted modulo 4, each with the next frame that is sent`, () => {
      const publisher = publisherOf(format);
      const counts: number[] = [];
      const publish = () => {
        runtime.advance(20);
        const { skeleton, pose } = smallPose();
        if (publisher.publishPose(skeleton, pose, runtime.nowMs))
          counts.push(link.header.teleports);
      };
      publish();
      for (let jump = 1; jump <= 5; jump++) {
        publisher.teleport();
        // Said twice before a frame is one jump; a frame that is skipped does not use it up.
        publisher.teleport();
        link.bufferedBytes = 1_000_000;
        publish();
        link.bufferedBytes = 0;
        publish();
        publish();
      }
      expect(counts).toEqual([0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1]);
    });
  }

  for (const format of STREAM_FORMATS) {
    test(`[S30] in ${format}, a jump belongs to the frame published after it, not to an older frame sent late`, () => {
      const publisher = publisherOf(format);
      const publish = (x: number, bufferedBytes = 0) => {
        link.bufferedBytes = bufferedBytes;
        const { skeleton, pose } = smallPose(x);
        const isSent = publisher.publishPose(skeleton, pose, runtime.nowMs);
        link.bufferedBytes = 0;
        runtime.advance(20);
        return isSent;
      };
      publish(0);
      expect(publish(1, 1_000_000)).toBe(false);
      // The application says that it jumps, and has the pose only after the skipped one is sent.
      publisher.teleport();
      runtime.advance(200);
      const counts = link.sent.filter(isFrame).map(teleportsOf);
      expect(counts).toEqual([0, 0]);
      // Skipped, older, impossible: none of them uses the jump up, or makes two of it.
      const tooMany = { ...smallPose().pose, blendShapes: Float32Array.of(NaN) };
      expect(() => publisher.publishPose(smallPose().skeleton, tooMany, runtime.nowMs)).toThrow();
      expect(publish(9, 1_000_000)).toBe(false);
      publisher.teleport();
      expect(publish(10, 1_000_000)).toBe(false);
      runtime.advance(200);
      expect(link.header.teleports).toBe(1);
      publish(11);
      expect(link.header.teleports).toBe(1);
    });
  }

  test("[S11] is a pose likewise", () => {
    const { skeleton, pose } = smallPose(4);
    publisherOf("binary").publishPose(skeleton, pose, runtime.nowMs);
    expect(decodeBinary(link.payload)).toEqual(smallFrame(4));
    publisherOf("json").publishPose(skeleton, pose, runtime.nowMs);
    expect(decodeJson(link.payload)).toEqual(smallFrame(4));
  });

  test("[S11] [S11a] is numbered modulo 256, and every frame is a keyframe", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    for (let index = 0; index < 300; index++) {
      publisher.publishPose(skeleton, pose, runtime.nowMs);
      expect(link.header).toMatchObject({ isKey: true, number: index % 256 });
    }
  });

  test("takes no new memory while the skeleton is the same", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    for (let index = 0; index < 10; index++) {
      pose.root[0] = index;
      publisher.publishPose(skeleton, pose, runtime.nowMs);
      publisher.publish(smallFrame(index), runtime.nowMs);
    }
    expect(link.sent).toHaveLength(20);
    expect(link.memories.size).toBe(1);
  });

  for (const format of ["binary", "stream"] as const) {
    test(`${format}: a skeleton made again for each frame is sent once and takes no new memory`, () => {
      const publisher = publisherOf(format);
      for (let index = 0; index < 10; index++) {
        const { skeleton, pose } = smallPose(index);
        publisher.publishPose(
          { ...skeleton, rest: createPose(skeleton).bones },
          pose,
          runtime.nowMs,
        );
      }
      expect(link.sent).toHaveLength(format === "stream" ? 11 : 10);
      expect(link.memories.size).toBe(format === "stream" ? 2 : 1);
    });
  }

  test("[E30] another rest begins a stream, whose bones rest there", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(3);
    const rest = createPose(skeleton).bones;
    for (const each of [skeleton, { ...skeleton, rest }])
      publisher.publishPose(each, pose, runtime.nowMs);
    expect(link.sent).toHaveLength(4);
    const [plain, rested] = [link.sent[0], link.sent[2]].map((message) =>
      decodeSkeleton(message.subarray(SKELETON_HEADER_BYTES)),
    );
    expect(plain.skeleton.rest).toBeUndefined();
    expect([...plain.rest.subarray(10)]).toEqual([...pose.bones]);
    expect(rested.skeleton.rest).toEqual(rest);
    expect([...rested.rest.subarray(10)]).toEqual([...rest]);
    expect(rested.rest.subarray(0, 10)).toEqual(plain.rest.subarray(0, 10));
  });

  test("a pose of another size is refused with both counts, even without a connection", () => {
    const { skeleton } = smallPose();
    const pose = createPose({ boneNames: ["Hips", "Head", "Tail"], blendShapeNames: [] });
    link.state = { name: "connecting" };
    for (const format of STREAM_FORMATS) {
      expect(() => publisherOf(format).publishPose(skeleton, pose, runtime.nowMs)).toThrow(
        new RangeError("the pose has 3 bones and 0 blend shapes; expected 2 and 1"),
      );
    }
    expect(link.sent).toEqual([]);
  });

  test("[S23b] goes any distance: beyond the encoding's range the stream begins again, with another rest", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(0);
    const receiver = new Receiver();
    for (const x of [0, 1, 700, 5000, 5001, -40_000, -40_001]) {
      pose.root[0] = x;
      expect(publisher.publishPose(skeleton, pose, runtime.nowMs)).toBe(true);
      for (const message of link.sent.splice(0)) receiver.read(message);
      expect(Math.abs(receiver.x - x)).toBeLessThanOrEqual(0.0015 + Math.abs(x) * 2 ** -24);
    }
  });

  test("[5] [E11] is a weight beyond the stream's scale: another stream begins that holds it", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(0);
    publisher.publishPose(skeleton, pose, runtime.nowMs);
    const before = link.sent.length;
    for (const weight of [150, 90, 299, 1e6, 1]) {
      pose.blendShapes[0] = weight;
      expect(publisher.publishPose(skeleton, pose, runtime.nowMs)).toBe(true);
    }
    // Two more skeletons: one holds up to 300, one up to 2,000,000.
    expect(link.sent.length).toBe(before + 5 + 2);
  });

  test("[S12] says the capture time on the server's clock once that is known", () => {
    const publisher = publisherOf("binary");
    publisher.publish(smallFrame(), runtime.nowMs);
    expect(link.header.captureTimeUs).toBeNull();
    const offsetMs = 1.7e12;
    for (let sentMs = 0; sentMs < 300; sentMs += 100) {
      link.clock.addSample({
        sentMs,
        receivedMs: sentMs,
        serverTimeUs: (sentMs + offsetMs) * 1000,
      });
    }
    runtime.advance(100);
    publisher.publish(smallFrame(), 1087.5);
    const expected = (1087.5 + offsetMs) * 1000;
    expect(captureTimeOf(link.header.captureTimeUs ?? 0, expected + 5e6)).toBeCloseTo(expected, -1);
  });
});

describe("[3] a capture time that is none of performance.now", () => {
  /** What is sent as captured for what is passed, on the local clock. */
  function sentTimeOf(publisher: Publisher, captureTimeMs: number): number {
    publisher.publish(smallFrame(), captureTimeMs);
    return (link.header.captureTimeUs ?? 0) / 1000;
  }

  beforeEach(() => {
    // The server's clock is the local one.
    for (let sentMs = 0; sentMs < 300; sentMs += 100) {
      link.clock.addSample({ sentMs, receivedMs: sentMs, serverTimeUs: sentMs * 1000 });
    }
  });

  test("is replaced by the present, and told once with its likely cause", () => {
    const wrong: [(nowMs: number) => number, string][] = [
      [(nowMs) => nowMs + 1.7e12, "as of Date.now()"],
      [(nowMs) => (nowMs + 1.7e12) / 1000, "as of seconds since 1970"],
      [(nowMs) => nowMs / 1000, "as of seconds"],
      [() => 0, "is 0"],
      [() => Number.NaN, "is NaN"],
      [() => Infinity, "is Infinity"],
      [(nowMs) => nowMs - 1e6, "expected milliseconds of performance.now()"],
    ];
    for (const [timeOf, told] of wrong) {
      for (const startMs of [150, 1000, 100_000]) {
        runtime.nowMs = startMs;
        errors = [];
        const publisher = publisherOf("binary");
        for (let frame = 0; frame < 30; frame++) {
          runtime.advance(33);
          expect(sentTimeOf(publisher, timeOf(runtime.nowMs))).toBeCloseTo(runtime.nowMs, 2);
        }
        expect(errors.map(({ code }) => code)).toEqual(["bad_capture_time"]);
        expect(errors[0].message).toContain(told);
      }
    }
  });

  test("is none a little in the past or in the future", () => {
    const publisher = publisherOf("binary");
    runtime.nowMs = 10_000;
    for (const offsetMs of [-1900, -200, -16, 0, 33, 400]) {
      expect(sentTimeOf(publisher, 10_000 + offsetMs)).toBeCloseTo(10_000 + offsetMs, 2);
    }
    expect(errors).toEqual([]);
  });
});

describe("the last frame before a pause", () => {
  test("[1] is sent although the server's rate skipped it", () => {
    const publisher = publisherOf("stream");
    publisher.rateHz = 30;
    const receiver = new Receiver();
    for (let frame = 0; frame < 11; frame++) {
      runtime.advance(1000 / 90);
      const { skeleton, pose } = smallPose(frame);
      publisher.publishPose(skeleton, pose, runtime.nowMs);
    }
    const sentBefore = publisher.stats.sentFrames;
    runtime.advance(500);
    link.sent.forEach((message) => receiver.read(message));
    expect(receiver.x).toBeCloseTo(10, 2);
    expect(publisher.stats.sentFrames).toBe(sentBefore + 1);
    expect(runtime.timerCount).toBe(0);
  });

  test("[1] is sent again on a new connection, in every format", () => {
    for (const format of STREAM_FORMATS) {
      link = new FakeLink();
      const publisher = publisherOf(format);
      publisher.publish(smallFrame(7), runtime.nowMs);
      link.state = { name: "reconnecting" };
      runtime.advance(1000);
      publisher.publish(smallFrame(8), runtime.nowMs);
      const sent = link.sent.length;
      runtime.advance(1000);
      expect(link.sent.length).toBe(sent);
      link.state = { name: "joined" };
      publisher.restart();
      runtime.advance(600);
      expect(link.sent.length).toBe(sent + (format === "stream" ? 2 : 1));
      publisher.stop();
    }
  });

  test("is not sent where another follows, nor after the end", () => {
    const publisher = publisherOf("binary");
    publisher.rateHz = 30;
    for (let frame = 0; frame < 90; frame++) {
      runtime.advance(1000 / 90);
      publisher.publish(smallFrame(frame), runtime.nowMs);
    }
    expect(publisher.stats.sentFrames).toBe(30);
    publisher.stop();
    runtime.advance(1000);
    expect(publisher.stats.sentFrames).toBe(30);
  });
});

describe("what is skipped", () => {
  test("[S19] is a frame while the socket holds more than one, before it is encoded", () => {
    const publisher = publisherOf("binary");
    publisher.publish(smallFrame(), runtime.nowMs);
    link.bufferedBytes = link.sent[0].length;
    expect(publisher.publish(smallFrame(), runtime.nowMs)).toBe(true);
    link.bufferedBytes++;
    const notEncodable = smallFrame();
    notEncodable.bones[0].name = "";
    expect(publisher.publish(notEncodable, runtime.nowMs)).toBe(false);
    expect(publisher.stats).toMatchObject({ sentFrames: 2, skippedByBackpressure: 1 });
  });

  test("[S18] is what comes faster than the server asks for", () => {
    const publisher = publisherOf("binary");
    publisher.rateHz = 30;
    for (let frame = 0; frame < 90; frame++) {
      runtime.advance(1000 / 90);
      publisher.publish(smallFrame(), runtime.nowMs);
    }
    expect(publisher.stats).toMatchObject({ sentFrames: 30, skippedByRate: 60 });
  });

  test("[S28] is what comes faster than the server takes, whatever it asks for", () => {
    const publisher = publisherOf("binary");
    for (let frame = 0; frame < 10_000; frame++) {
      runtime.advance(1);
      publisher.publish(smallFrame(), runtime.nowMs);
    }
    // 600 at once, and 240 a second.
    expect(publisher.stats.sentFrames).toBeWithin(2998, 3002);
    expect(publisher.stats.skippedByRate).toBe(10_000 - publisher.stats.sentFrames);
  });

  test("[2] is a frame that was captured before the last one", () => {
    const publisher = publisherOf("binary");
    runtime.advance(1000);
    expect(publisher.publish(smallFrame(), runtime.nowMs)).toBe(true);
    expect(publisher.publish(smallFrame(), runtime.nowMs - 20)).toBe(false);
    expect(publisher.publish(smallFrame(), runtime.nowMs)).toBe(true);
    expect(publisher.stats).toMatchObject({ sentFrames: 2, skippedAsOlder: 1 });
  });

  test("is everything without a connection", () => {
    const publisher = publisherOf("binary");
    link.state = { name: "reconnecting" };
    expect(publisher.publish(smallFrame(), runtime.nowMs)).toBe(false);
    expect(publisher.stats).toMatchObject({ sentFrames: 0, skippedOffline: 1 });
  });
});

describe("what the server would refuse is refused here, with its place", () => {
  test("binary", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    pose.bones[4] = Number.NaN;
    expect(() => publisher.publishPose(skeleton, pose, runtime.nowMs)).toThrow(EncodeError);
    expect(() => publisher.publish({ ...identityFrame(), bones: [{}] }, runtime.nowMs)).toThrow(
      "$.bones[0].name",
    );
    expect(link.sent).toEqual([]);
  });

  test("json", () => {
    const publisher = publisherOf("json");
    const frame = smallFrame();
    frame.bones[1].localPosition.x = Number.NaN;
    expect(() => publisher.publish(frame, runtime.nowMs)).toThrow(DecodeError);
    expect(() => publisher.publish(frame, runtime.nowMs)).toThrow("$.bones[1].localPosition.x");
    const { skeleton, pose } = smallPose();
    pose.blendShapes[0] = Infinity;
    expect(() => publisher.publishPose(skeleton, pose, runtime.nowMs)).toThrow(
      "$.blendShapes[0].weight",
    );
    expect(link.sent).toEqual([]);
  });
});

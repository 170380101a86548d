import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { anyFrame, smallFrame } from "../../test/frames.ts";
import { createPose, decodeBinary, decodeJson, DecodeError, EncodeError } from "../codec/index.ts";
import { identityFrame, poseOf, skeletonOf } from "../codec/index.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import type { Pose, SkeletonPose, StreamFormat } from "../codec/index.ts";
import { decodeSkeleton, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import {
  FRAME_HEADER_BYTES,
  MessageType,
  messageTypeOf,
  nearestTimeUs,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
} from "../protocol/index.ts";
import type { FrameHeader } from "../protocol/index.ts";
import { ClockSync } from "./clock-sync.ts";
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
    const out: FrameHeader = { layer: 9, isKey: false, number: -1, captureTimeUs: -1 };
    return readFrameHeader(this.sent.at(-1) ?? new Uint8Array(), 0, out);
  }

  get payload(): Uint8Array {
    return (this.sent.at(-1) ?? new Uint8Array()).subarray(FRAME_HEADER_BYTES);
  }
}

/** Follows a stream. */
class Receiver {
  readonly #header: FrameHeader = { layer: 9, isKey: false, number: -1, captureTimeUs: -1 };
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
}

let link: FakeLink;
let nowMs: number;

beforeEach(() => {
  link = new FakeLink();
  nowMs = 1000;
});

function publisherOf(format: StreamFormat): Publisher {
  return new Publisher({ format, link, now: () => nowMs });
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
        expect(binary.publish(frame, 0)).toBe(true);
        expect(decodeBinary(link.payload).bones.map(({ name }) => name)).toEqual(
          frame.bones.map(({ name }) => name),
        );
        expect(json.publish(frame, 0)).toBe(true);
        expect(decodeJson(link.payload)).toEqual(frame);
      }),
    );
  });

  test("[S11] is a pose likewise", () => {
    const { skeleton, pose } = smallPose(4);
    publisherOf("binary").publishPose(skeleton, pose, 0);
    expect(decodeBinary(link.payload)).toEqual(smallFrame(4));
    publisherOf("json").publishPose(skeleton, pose, 0);
    expect(decodeJson(link.payload)).toEqual(smallFrame(4));
  });

  test("[S11] is numbered modulo 256, and every frame is a keyframe of layer 0", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    for (let index = 0; index < 300; index++) {
      publisher.publishPose(skeleton, pose, 0);
      expect(link.header).toMatchObject({ layer: 0, isKey: true, number: index % 256 });
    }
  });

  test("takes no new memory while the skeleton is the same", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    for (let index = 0; index < 10; index++) {
      pose.root[0] = index;
      publisher.publishPose(skeleton, pose, 0);
      publisher.publish(smallFrame(index), 0);
    }
    expect(link.sent).toHaveLength(20);
    expect(link.memories.size).toBe(1);
  });

  for (const format of ["binary", "stream"] as const) {
    test(`${format}: a skeleton made again for each frame is sent once and takes no new memory`, () => {
      const publisher = publisherOf(format);
      for (let index = 0; index < 10; index++) {
        const { skeleton, pose } = smallPose(index);
        publisher.publishPose({ ...skeleton, rest: createPose(skeleton).bones }, pose, 0);
      }
      expect(link.sent).toHaveLength(format === "stream" ? 11 : 10);
      expect(link.memories.size).toBe(format === "stream" ? 2 : 1);
    });
  }

  test("[E30] another rest begins a stream, whose bones rest there and whose root where it is", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(3);
    const rest = createPose(skeleton).bones;
    for (const each of [skeleton, { ...skeleton, rest }]) publisher.publishPose(each, pose, nowMs);
    expect(link.sent).toHaveLength(4);
    const [plain, rested] = [link.sent[0], link.sent[2]].map((message) =>
      decodeSkeleton(message.subarray(SKELETON_HEADER_BYTES)),
    );
    expect(plain.skeleton.rest).toBeUndefined();
    expect([...plain.rest]).toEqual([...pose.root, ...pose.bones]);
    expect(rested.skeleton.rest).toEqual(rest);
    expect([...rested.rest]).toEqual([...pose.root, ...rest]);
  });

  test("a pose of another size is refused with both counts, even without a connection", () => {
    const { skeleton } = smallPose();
    const pose = createPose({ boneNames: ["Hips", "Head", "Tail"], blendShapeNames: [] });
    link.state = { name: "connecting" };
    for (const format of STREAM_FORMATS) {
      expect(() => publisherOf(format).publishPose(skeleton, pose, 0)).toThrow(
        new RangeError("the pose has 3 bones and 0 blend shapes; expected 2 and 1"),
      );
    }
    expect(link.sent).toEqual([]);
  });

  test("[S23] goes any distance: beyond the encoding's range the stream begins again, with another rest", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(0);
    const receiver = new Receiver();
    for (const x of [0, 1, 900, 5000, 5001, -40_000, -40_001]) {
      pose.root[0] = x;
      expect(publisher.publishPose(skeleton, pose, nowMs)).toBe(true);
      for (const message of link.sent.splice(0)) receiver.read(message);
      expect(Math.abs(receiver.x - x)).toBeLessThanOrEqual(0.0011 + Math.abs(x) * 2 ** -24);
    }
  });

  test("[E11] a weight that no rest brings into range is reported, and the stream continues", () => {
    const publisher = publisherOf("stream");
    const { skeleton, pose } = smallPose(0);
    publisher.publishPose(skeleton, pose, nowMs);
    const weight = pose.blendShapes[0];
    pose.blendShapes[0] = 1e6;
    const before = link.sent.length;
    expect(() => publisher.publishPose(skeleton, pose, nowMs)).toThrow(EncodeError);
    expect(link.sent.length).toBe(before);
    pose.blendShapes[0] = weight;
    expect(publisher.publishPose(skeleton, pose, nowMs)).toBe(true);
    expect(link.sent.length).toBe(before + 1);
  });

  test("[S12] says the capture time on the server's clock once that is known", () => {
    const publisher = publisherOf("binary");
    publisher.publish(smallFrame(), nowMs);
    expect(link.header.captureTimeUs).toBeNull();
    const offsetMs = 1.7e12;
    for (let sentMs = 0; sentMs < 300; sentMs += 100) {
      link.clock.addSample({
        sentMs,
        receivedMs: sentMs,
        serverTimeUs: (sentMs + offsetMs) * 1000,
      });
    }
    publisher.publish(smallFrame(), 987.5);
    const expected = (987.5 + offsetMs) * 1000;
    expect(nearestTimeUs(link.header.captureTimeUs ?? 0, expected + 5e6)).toBeCloseTo(expected, -1);
  });
});

describe("what is skipped", () => {
  test("[S19] is a frame while the socket holds more than one, before it is encoded", () => {
    const publisher = publisherOf("binary");
    publisher.publish(smallFrame(), 0);
    link.bufferedBytes = link.sent[0].length;
    expect(publisher.publish(smallFrame(), 0)).toBe(true);
    link.bufferedBytes++;
    const notEncodable = smallFrame();
    notEncodable.bones[0].name = "";
    expect(publisher.publish(notEncodable, 0)).toBe(false);
    expect(publisher.stats).toMatchObject({ sentFrames: 2, skippedByBackpressure: 1 });
  });

  test("[S18] is what comes faster than the server asks for", () => {
    const publisher = publisherOf("binary");
    publisher.rateHz = 30;
    for (let frame = 0; frame < 90; frame++) {
      nowMs += 1000 / 90;
      publisher.publish(smallFrame(), 0);
    }
    expect(publisher.stats).toMatchObject({ sentFrames: 30, skippedByRate: 60 });
  });

  test("[S28] is what comes faster than the server takes, whatever it asks for", () => {
    const publisher = publisherOf("binary");
    for (let frame = 0; frame < 10_000; frame++) {
      nowMs++;
      publisher.publish(smallFrame(), 0);
    }
    // 600 at once, and 240 a second.
    expect(publisher.stats.sentFrames).toBeWithin(2998, 3002);
    expect(publisher.stats.skippedByRate).toBe(10_000 - publisher.stats.sentFrames);
  });

  test("is everything without a connection", () => {
    const publisher = publisherOf("binary");
    link.state = { name: "reconnecting" };
    expect(publisher.publish(smallFrame(), 0)).toBe(false);
    expect(publisher.stats).toMatchObject({ sentFrames: 0, skippedOffline: 1 });
  });
});

describe("what the server would refuse is refused here, with its place", () => {
  test("binary", () => {
    const publisher = publisherOf("binary");
    const { skeleton, pose } = smallPose();
    pose.bones[4] = Number.NaN;
    expect(() => publisher.publishPose(skeleton, pose, 0)).toThrow(EncodeError);
    expect(() => publisher.publish({ ...identityFrame(), bones: [{}] }, 0)).toThrow(
      "$.bones[0].name",
    );
    expect(link.sent).toEqual([]);
  });

  test("json", () => {
    const publisher = publisherOf("json");
    const frame = smallFrame();
    frame.bones[1].localPosition.x = Number.NaN;
    expect(() => publisher.publish(frame, 0)).toThrow(DecodeError);
    expect(() => publisher.publish(frame, 0)).toThrow("$.bones[1].localPosition.x");
    const { skeleton, pose } = smallPose();
    pose.blendShapes[0] = Infinity;
    expect(() => publisher.publishPose(skeleton, pose, 0)).toThrow("$.blendShapes[0].weight");
    expect(link.sent).toEqual([]);
  });
});

import { describe, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { FramePublisher } from "../../test/frame-messages.ts";
import { smallFrame } from "../../test/frames.ts";
import { createPose } from "../codec/index.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import type { Skeleton, StreamFormat } from "../codec/index.ts";
import {
  BatchWriter,
  createFrameHeader,
  FRAME_HEADER_BYTES,
  MessageType,
  messageTypeOf,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
  StreamPublication,
} from "../protocol/index.ts";
import { connect } from "./room.ts";
import type { AvatarRoom, ConnectOptions } from "./room.ts";

/** A room with one other player, whose messages come as a publisher wrote them. */
class RoomWithBob {
  readonly room: AvatarRoom;
  readonly events: string[] = [];
  readonly #runtime = new FakeRuntime();
  #sequence = 0;
  #revision = 0;

  constructor(options: ConnectOptions) {
    this.room = connect("ws://host/rooms/lobby/stream", { ...options, runtime: this.#runtime });
    for (const name of ["joined", "info", "skeleton", "frame"] as const) {
      this.room.on(name, ({ id }) => this.events.push(`${name} ${id}`));
    }
    this.#runtime.socket.open();
    this.#runtime.socket.receive({
      type: "welcome",
      room: "lobby",
      player: null,
      resumeKey: null,
      resumed: false,
      players: [{ index: 1, id: "bob", info: {} }],
      rateHz: 0,
      serverTimeUs: 0,
    });
  }

  get bob() {
    return this.room.players.get("bob");
  }

  say(info: Record<string, unknown>): void {
    this.#runtime.socket.receive({ type: "info", index: 1, info });
  }

  sample() {
    return this.room.sample(this.#runtime.nowMs, new Map()).get("bob");
  }

  receive(messages: readonly Uint8Array<ArrayBuffer>[]): void {
    const writer = new BatchWriter();
    writer.begin({ sequence: ++this.#sequence, serverTimeUs: 0, isFullState: false });
    for (const message of messages) {
      if (messageTypeOf(message) === MessageType.Skeleton) {
        // As a server's content ids are: another one for other bytes.
        const payload = message.subarray(SKELETON_HEADER_BYTES);
        writer.addSkeleton(1, Bun.hash.xxHash64(payload), payload);
        continue;
      }
      const header = readFrameHeader(message, 0, createFrameHeader());
      const frame = { ...header, captureTimeUs: 0 };
      writer.addFrame(1, frame, ++this.#revision, message, FRAME_HEADER_BYTES);
    }
    this.#runtime.socket.receive(writer.finish());
  }
}

const longTailed = (x: number) => {
  const frame = smallFrame(x);
  frame.bones.push({ ...frame.bones[0], name: "Tail" });
  return frame;
};

describe("the skeleton event comes after joined and before the frame that brought the skeleton", () => {
  const eventsIn = (format: StreamFormat) => {
    const client = new RoomWithBob({ format });
    const publisher = new FramePublisher(format);
    const boneCounts: (number | undefined)[] = [];
    client.room.on("skeleton", (player) => {
      boneCounts.push(player.skeleton?.boneNames.length);
      // Everything of the new skeleton is there.
      expect(player.sample(0, createPose(player.skeleton!))).toBe(true);
    });
    for (const frame of [smallFrame(1), smallFrame(2), longTailed(3), smallFrame(4)]) {
      client.receive(publisher.messages(frame));
    }
    return { events: client.events, boneCounts };
  };

  for (const format of STREAM_FORMATS) {
    test(format, () => {
      const { events, boneCounts } = eventsIn(format);
      expect(events).toEqual([
        "joined bob",
        "skeleton bob",
        "frame bob",
        "frame bob",
        "skeleton bob",
        "frame bob",
        "skeleton bob",
        "frame bob",
      ]);
      expect(boneCounts).toEqual([2, 3, 2]);
    });
  }
});

const REST = new Float32Array([0.25, 1, 0, 0, 1, 0, 0, 1, 1, 1]);
const skeleton: Skeleton = {
  boneNames: ["Hips"],
  blendShapeNames: [],
  rest: REST,
};

function messagesOf(publication: StreamPublication, of: Skeleton, x = 0) {
  const pose = createPose(of);
  pose.root[0] = x;
  const message = publication.encode(of, pose, { captureTimeUs: null }).slice();
  return publication.opening === undefined ? [message] : [publication.opening, message];
}

test("[E30] a publisher's rest is the skeleton's rest, and a pose made for it is that rest", () => {
  const client = new RoomWithBob({});
  client.receive(messagesOf(new StreamPublication(), skeleton));
  expect(client.bob?.skeleton).toEqual(skeleton);
  expect(client.bob?.createPose()?.bones).toEqual(REST);
});

test("[E30] without a rest pose the first frame's bones are no rest", () => {
  const client = new RoomWithBob({});
  const { rest: _, ...plain } = skeleton;
  client.receive(messagesOf(new StreamPublication(), plain));
  expect(client.bob?.skeleton).toEqual(plain);
});

test("a stream that begins again with the same skeleton changes nothing, with another rest it does", () => {
  const client = new RoomWithBob({});
  client.receive(messagesOf(new StreamPublication(), skeleton));
  const first = client.bob?.skeleton;
  client.receive(messagesOf(new StreamPublication(), skeleton, 5000));
  expect(client.bob?.skeleton).toBe(first);
  expect(client.bob?.pose?.root[0]).toBe(5000);
  const other = { ...skeleton, rest: REST.map((value) => value / 2) };
  client.receive(messagesOf(new StreamPublication(), other));
  expect(client.bob?.skeleton).toEqual(other);
  expect(client.events.filter((event) => event.startsWith("skeleton"))).toHaveLength(2);
});

const rounded = (values: Float32Array) =>
  Array.from(values, (value) => Number(value.toFixed(6)) + 0);

test("the rest is in the coordinate system that sample converts to, and follows the player's info", () => {
  const client = new RoomWithBob({ coordinateSystem: "gltf" });
  const publication = new StreamPublication();
  client.receive(messagesOf(publication, skeleton));
  expect(client.bob?.skeleton?.rest?.[0]).toBe(-0.25);
  expect(rounded(client.sample()!.bones)).toEqual(rounded(client.bob!.skeleton!.rest!));
  client.say({ coordinateSystem: "gltf" });
  expect(client.bob?.skeleton?.rest).toEqual(REST);
  expect(client.sample()?.bones[0]).toBe(0.25);
  client.say({ coordinateSystem: "gltf", displayName: "Bob" });
  expect(client.events.slice(3)).toEqual(["info bob", "skeleton bob", "info bob"]);
});

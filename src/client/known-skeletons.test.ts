// What the client does with skeletons by content id, over one connection and the next.
import { beforeEach, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { FramePublisher } from "../../test/frame-messages.ts";
import { smallFrame } from "../../test/frames.ts";
import {
  BatchWriter,
  createFrameHeader,
  FRAME_HEADER_BYTES,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
} from "../protocol/index.ts";
import { connect } from "./room.ts";
import type { AvatarRoom } from "./room.ts";

const PLAYERS = ["alice", "bob", "carol"].map((id, index) => ({ id, index, info: {} }));
const [ALICE, BOB, CAROL] = [0, 1, 2];
const ID = 0xa1n;
const ID_TEXT = "00000000000000a1";

let runtime: FakeRuntime;
let room: AvatarRoom;
let sequence: number;
let revision: number;

beforeEach(() => {
  runtime = new FakeRuntime();
  [sequence, revision] = [0, 0];
  room = connect("ws://host/rooms/lobby/stream", { player: "alice", runtime });
  join();
});

function join(): void {
  runtime.socket.open();
  runtime.socket.receive({
    type: "welcome",
    room: "lobby",
    player: PLAYERS[ALICE],
    resumeKey: "key",
    resumed: false,
    players: PLAYERS,
    rateHz: 0,
    serverTimeUs: 0,
  });
}

/** What a player publishes: its skeleton and frames, as one publisher encodes them. */
function streamOf(...xs: number[]) {
  const publisher = new FramePublisher("stream");
  const [opening, ...first] = publisher.messages(smallFrame(xs[0]));
  const rest = xs.slice(1).flatMap((x) => publisher.messages(smallFrame(x)));
  return { skeleton: opening.subarray(SKELETON_HEADER_BYTES), frames: [...first, ...rest] };
}

type Entry =
  | { readonly index: number; readonly id: bigint; readonly payload?: Uint8Array }
  | { readonly index: number; readonly message: Uint8Array };

function receive(entries: readonly Entry[], isFullState = false): void {
  const writer = new BatchWriter();
  writer.begin({ sequence: ++sequence, serverTimeUs: 0, isFullState });
  for (const entry of entries) {
    if ("id" in entry) {
      writer.addSkeleton(entry.index, entry.id, entry.payload ?? null);
      continue;
    }
    const { message, index } = entry;
    const frame = { ...readFrameHeader(message, 0, createFrameHeader()), captureTimeUs: 0 };
    writer.addFrame(index, frame, ++revision, message, FRAME_HEADER_BYTES);
  }
  runtime.socket.receive(writer.finish());
}

const xOf = (id: string) => Math.round((room.players.get(id)?.pose?.root[0] ?? NaN) * 100) / 100;

test("[S37] the next connection says what this one was sent, of its own player too", () => {
  expect(runtime.socket.said("join")[0]).not.toHaveProperty("skeletons");
  const { skeleton, frames } = streamOf(1);
  receive([
    { index: ALICE, id: 0xffn, payload: skeleton },
    { index: BOB, id: ID, payload: skeleton },
    { index: BOB, message: frames[0] },
    // Nobody has this index any more.
    { index: 9, id: 0x09n, payload: skeleton },
  ]);
  runtime.socket.end(1006);
  runtime.advance(250);
  join();
  const held = ["00000000000000ff", ID_TEXT, "0000000000000009"];
  expect(runtime.socket.said("join")[0].skeletons).toEqual(held);
  // Another room of the same server.
  connect("ws://host/rooms/stage", { runtime });
  runtime.socket.open();
  expect(runtime.socket.said("join")[0].skeletons).toEqual(held);
  // A format that has no skeletons, and another server.
  for (const [address, format] of [
    ["ws://host/rooms/stage", "binary"],
    ["ws://other/rooms/stage", "stream"],
  ] as const) {
    connect(address, { format, runtime });
    runtime.socket.open();
    expect(runtime.socket.said("join")[0]).not.toHaveProperty("skeletons");
  }
});

test("[S38] a skeleton without payload is what is held, decoded once for two players", () => {
  const { skeleton, frames } = streamOf(1, 2);
  receive([
    { index: BOB, id: ID, payload: skeleton },
    { index: BOB, message: frames[0] },
    { index: CAROL, id: ID },
    { index: CAROL, message: frames[0] },
  ]);
  receive([{ index: CAROL, message: frames[1] }]);
  expect([xOf("bob"), xOf("carol")]).toEqual([1, 2]);
  expect(room.players.get("carol")?.skeleton).toBe(room.players.get("bob")!.skeleton);
  expect(runtime.socket.said("keyframe")).toEqual([]);
});

test("[S38] a player who is shown continues over a connection that leaves its skeleton out", () => {
  const { skeleton, frames } = streamOf(1, 2);
  receive([
    { index: BOB, id: ID, payload: skeleton },
    { index: BOB, message: frames[0] },
  ]);
  const known = room.players.get("bob")!.skeleton!;
  runtime.socket.end(1006);
  runtime.advance(250);
  join();
  receive(
    [
      { index: BOB, id: ID },
      { index: BOB, message: frames[0] },
      { index: BOB, message: frames[1] },
    ],
    true,
  );
  expect(xOf("bob")).toBe(2);
  expect(room.players.get("bob")?.skeleton).toBe(known);
});

test("[S39] a skeleton that is not held is asked for with what is held, and no frame is decoded by another", () => {
  const [before, after] = [streamOf(1), streamOf(5, 6)];
  receive([
    { index: BOB, id: ID, payload: before.skeleton },
    { index: BOB, message: before.frames[0] },
  ]);
  receive([
    { index: BOB, id: 0xb2n },
    { index: BOB, message: after.frames[0] },
  ]);
  expect(xOf("bob")).toBe(1);
  expect(runtime.socket.said("keyframe")).toEqual([{ type: "keyframe", skeletons: [ID_TEXT] }]);
  // Nobody moves, and the answer is lost: it asks again.
  runtime.advance(1000);
  expect(runtime.socket.said("keyframe")).toHaveLength(2);
  revision = 1;
  receive(
    [
      { index: BOB, id: 0xb2n, payload: after.skeleton },
      { index: BOB, message: after.frames[0] },
      { index: BOB, message: after.frames[1] },
    ],
    true,
  );
  expect(xOf("bob")).toBe(6);
  runtime.advance(5000);
  expect(runtime.socket.said("keyframe")).toHaveLength(2);
  expect(room.players.get("bob")?.stats.badFrames).toBe(0);
});

test("[S39] a skeleton that is not held, of a player whom full state leaves out then, is not asked for again", () => {
  receive([{ index: BOB, id: ID }]);
  expect(runtime.socket.said("keyframe")).toEqual([{ type: "keyframe", skeletons: [] }]);
  receive([], true);
  runtime.advance(5000);
  expect(runtime.socket.said("keyframe")).toHaveLength(1);
});

test("[S39] a skeleton that does not decode fails its player's frames, which is told once, and is not asked for", () => {
  const errors: string[] = [];
  room.on("error", ({ code }) => errors.push(code));
  const { skeleton, frames } = streamOf(1, 2);
  receive([
    { index: BOB, id: ID, payload: skeleton.subarray(1) },
    ...frames.map((message) => ({ index: BOB, message })),
  ]);
  receive([{ index: BOB, id: ID }, ...frames.map((message) => ({ index: BOB, message }))], true);
  runtime.advance(5000);
  expect(errors).toEqual(["bad_frame"]);
  expect(room.players.get("bob")?.stats.badFrames).toBe(4);
  expect(runtime.socket.said("keyframe")).toEqual([]);
});

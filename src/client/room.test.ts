import { beforeEach, describe, expect, test } from "bun:test";
import { smallFrame } from "../../test/frames.ts";
import { createPose, encodeBinary, encodeJson, poseOf, skeletonOf } from "../codec/index.ts";
import type { Pose } from "../codec/index.ts";
import {
  BatchWriter,
  createFrameHeader,
  FRAME_HEADER_BYTES,
  readFrameHeader,
} from "../protocol/index.ts";
import type { PlayerPresence, ServerMessage } from "../protocol/index.ts";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { connect } from "./room.ts";
import type { AvatarRoom, ConnectOptions, RoomEvents } from "./room.ts";

const ADDRESS = "ws://host/rooms/lobby/stream";
const SERVER_OFFSET_MS = 1.7e12;
const ALICE = { index: 0, id: "alice", info: {} };
const BOB = { index: 1, id: "bob", info: { displayName: "Bob" } };
const CAROL = { index: 2, id: "carol", info: { coordinateSystem: "gltf" } };

const EVENT_NAMES = ["joined", "left", "info", "message", "rate", "error", "unavailable"] as const;

let runtime: FakeRuntime;
let room: AvatarRoom;
let events: string[];

beforeEach(() => {
  runtime = new FakeRuntime();
  open({ player: "alice" });
});

function open(options: ConnectOptions): void {
  room = connect(ADDRESS, { format: "binary", ...options, runtime });
  events = [];
  for (const name of EVENT_NAMES) {
    room.on(name, (event: RoomEvents[typeof name]) => {
      events.push(`${name} ${describeEvent(event)}`);
    });
  }
}

function describeEvent(event: RoomEvents[(typeof EVENT_NAMES)[number]]): string {
  if (typeof event === "number") return String(event);
  if ("id" in event) return event.id;
  if ("from" in event) return `${event.from} ${JSON.stringify(event.body)}`;
  return event.code;
}

function receive(message: ServerMessage): void {
  runtime.socket.receive(message);
}

function join(
  players: readonly PlayerPresence[] = [ALICE, BOB],
  welcome: Partial<Extract<ServerMessage, { type: "welcome" }>> = {},
): void {
  runtime.socket.open();
  receive({
    type: "welcome",
    room: "lobby",
    player: ALICE,
    resumeKey: "key",
    resumed: false,
    players,
    rateHz: 0,
    serverTimeUs: serverTimeUs(),
    ...welcome,
  });
}

function serverTimeUs(): number {
  return (runtime.nowMs + SERVER_OFFSET_MS) * 1000;
}

const writer = new BatchWriter();
let sequence = 0;

interface Entry {
  readonly index?: number;
  readonly revision: number;
  readonly payload?: Uint8Array;
  readonly captureTimeUs?: number;
  readonly teleports?: number;
}

function receiveBatch(entries: readonly Entry[], isFullState = false): void {
  writer.begin({ sequence: ++sequence, serverTimeUs: serverTimeUs(), isFullState });
  for (const entry of entries.toSorted((a, b) => (a.index ?? 1) - (b.index ?? 1))) {
    const { index = 1, revision, payload, captureTimeUs = serverTimeUs(), teleports = 0 } = entry;
    const frame = { isKey: true, number: revision & 0xff, teleports, captureTimeUs };
    writer.addFrame(index, frame, revision, payload ?? encodeBinary(smallFrame(revision)));
  }
  runtime.socket.receive(writer.finish());
}

function reconnect(): void {
  runtime.socket.end(1006);
  runtime.advance(250);
}

const bob = () => room.players.get("bob");

describe("who is there", () => {
  test("[S6] the others, never oneself", () => {
    join();
    expect([...room.players.keys()]).toEqual(["bob"]);
    expect(room.player).toEqual(ALICE);
    expect(room.resumeKey).toBe("key");
    receive({ type: "joined", player: CAROL });
    receive({ type: "joined", player: ALICE });
    receive({ type: "info", index: 2, info: { displayName: "C" } });
    receive({ type: "info", index: 0, info: { displayName: "A" } });
    receive({ type: "left", index: 1, id: "bob" });
    expect(events).toEqual(["rate 0", "joined bob", "joined carol", "info carol", "left bob"]);
    expect([...room.players.keys()]).toEqual(["carol"]);
    expect(room.players.get("carol")?.info).toEqual({ displayName: "C" });
    expect(room.player?.info).toEqual({ displayName: "A" });
  });

  test("[S6] an index that is free again is its new player's", () => {
    join();
    receiveBatch([{ revision: 9 }]);
    receive({ type: "left", index: 1, id: "bob" });
    receiveBatch([{ revision: 10 }]);
    receive({ type: "joined", player: { ...CAROL, index: 1 } });
    receiveBatch([{ revision: 3 }]);
    expect(room.players.get("carol")?.revision).toBe(3);
    expect(room.stats.ignoredFrames).toBe(1);
  });

  test("after a reconnection: who left meanwhile, who came, who is another one's index now", () => {
    join([ALICE, BOB, CAROL]);
    const before = bob();
    receiveBatch([{ revision: 70 }]);
    events = [];
    reconnect();
    join(
      [
        { ...BOB, index: 2, info: { displayName: "Robert" } },
        { index: 1, id: "dave", info: {} },
      ],
      { player: { ...ALICE, index: 5 } },
    );
    expect(events).toEqual(["rate 0", "left carol", "info bob", "joined dave"]);
    expect(bob()).toBe(before);
    // A server that was restarted counts from the start.
    receiveBatch([{ index: 2, revision: 1 }], true);
    expect(bob()?.revision).toBe(1);
    expect(room.players.get("dave")?.revision).toBe(0);
  });

  test("a spectator is nobody, and publishes nothing", () => {
    open({});
    join([BOB], { player: null, resumeKey: null });
    expect(runtime.socket.said("join")).toEqual([{ type: "join" }]);
    expect([room.player, room.resumeKey]).toEqual([null, undefined]);
    expect(() => room.publish(smallFrame())).toThrow("a spectator publishes nothing");
    expect(() => room.setInfo({})).toThrow("spectator");
    expect(() => room.send("hello")).toThrow("spectator");
  });
});

describe("frames of others", () => {
  test("[S14b] the newest is there at once; a lower revision never counts", () => {
    join();
    expect(bob()?.frame()).toBeUndefined();
    expect(bob()?.sample(runtime.nowMs, createPose({ boneNames: [], blendShapeNames: [] }))).toBe(
      false,
    );
    receiveBatch([{ revision: 4 }]);
    receiveBatch([{ revision: 3 }]);
    receiveBatch([{ revision: 4 }]);
    expect(bob()?.frame()).toEqual(smallFrame(4));
    expect(bob()?.revision).toBe(4);
    expect(bob()?.stats.receivedFrames).toBe(1);
    expect(bob()?.skeleton?.boneNames).toEqual(["Hips", "Head"]);
    expect(room.stats).toMatchObject({ receivedBatches: 3, ignoredFrames: 2 });
  });

  test("[S14a] the client ignores its own player", () => {
    join();
    receiveBatch([{ index: 0, revision: 4 }, { revision: 5 }]);
    expect(bob()?.revision).toBe(5);
    expect(room.stats.ignoredFrames).toBe(0);
  });

  test("[S14a] the client ignores an index that nobody has", () => {
    join();
    receiveBatch([{ index: 7, revision: 1 }, { revision: 1 }]);
    expect(bob()!.revision).toBe(1);
    expect(room.stats.ignoredFrames).toBe(1);
  });

  test("each is told to who wants every frame", () => {
    join();
    const revisions: number[] = [];
    room.on("frame", ({ id, revision }) => id === "bob" && revisions.push(revision));
    for (let revision = 1; revision <= 3; revision++) receiveBatch([{ revision }]);
    expect(revisions).toEqual([1, 2, 3]);
  });

  test("[6] [S12b] [S49] the capture time is as old as the entry says, or as far ahead", () => {
    join();
    const nowUs = serverTimeUs();
    const captureMs = () => bob()?.captureTimeMs;
    receiveBatch([{ revision: 1, captureTimeUs: nowUs - 4_000_000 }]);
    expect(captureMs()).toBeCloseTo(nowUs / 1000 - 4000, 2);
    receiveBatch([{ revision: 2, captureTimeUs: nowUs - 50 * 60e6 }]);
    expect(captureMs()).toBeCloseTo(nowUs / 1000 - 50 * 60e3, 2);
    receiveBatch([{ revision: 3, captureTimeUs: nowUs + 5_000 }]);
    expect(captureMs()).toBeCloseTo(nowUs / 1000 + 5, 2);
  });

  test("one that does not decode is counted and told once; the next one heals it", () => {
    join();
    const bad = Uint8Array.of(1, 2, 3);
    receiveBatch([{ revision: 1 }, { revision: 2, payload: bad }]);
    receiveBatch([{ revision: 3, payload: bad }]);
    expect(bob()?.stats).toMatchObject({ receivedFrames: 1, badFrames: 2 });
    expect(bob()?.error?.code).toBe("truncated");
    expect(bob()?.frame()).toEqual(smallFrame(1));
    receiveBatch([{ revision: 4 }]);
    expect(bob()?.error).toBeUndefined();
    expect(bob()?.frame()).toEqual(smallFrame(4));
    expect(events.filter((event) => event.startsWith("error"))).toEqual(["error bad_frame"]);
    expect(room.state.name).toBe("joined");
  });

  test("[S20] one that this format cannot hold is told, until one fits again", () => {
    join();
    receive({ type: "unavailable", index: 1, path: "$.bones[0].mood" });
    receive({ type: "unavailable", index: 77, path: "$" });
    expect(bob()?.unavailablePath).toBe("$.bones[0].mood");
    receiveBatch([{ revision: 1 }]);
    expect(bob()?.unavailablePath).toBeUndefined();
    expect(events.filter((event) => event.startsWith("un"))).toEqual(["unavailable bob"]);
  });

  test("in JSON, a document that is not whole is there all the same", () => {
    open({ player: "alice", format: "json" });
    expect(runtime.socket.protocols).toEqual(["avatar-sync.v1.json"]);
    join();
    const payload = new TextEncoder().encode('{"mood":"fine"}');
    receiveBatch([{ revision: 1, payload: encodeJson(smallFrame(1)) }]);
    receiveBatch([{ revision: 2, payload }]);
    receiveBatch([{ revision: 3, payload }]);
    expect(bob()?.document as unknown).toEqual({ mood: "fine" });
    expect(bob()?.unavailablePath).toBe("$.rootTransform");
    expect(bob()?.frame()).toEqual(smallFrame(1));
    receiveBatch([{ revision: 4, payload: encodeJson(smallFrame(4)) }]);
    expect(bob()?.frame()).toEqual(smallFrame(4));
    expect(bob()?.unavailablePath).toBeUndefined();
    expect(events.filter((event) => event.startsWith("un"))).toEqual(["unavailable bob"]);
  });
});

describe("sight", () => {
  const told: string[] = [];

  beforeEach(() => {
    told.length = 0;
    for (const name of ["sight", "skeleton", "frame", "left"] as const) {
      room.on(name, ({ id, inSight }) => told.push(`${name} ${id} ${inSight}`));
    }
    join([ALICE, BOB, CAROL]);
  });

  test("[S34] begins with a player's first frame, and is told after its skeleton", () => {
    expect(bob()?.inSight).toBe(false);
    receive({ type: "unavailable", index: 2, path: "$.bones" });
    receiveBatch([{ revision: 1 }], true);
    expect(told).toEqual(["skeleton bob true", "sight bob true", "frame bob true"]);
    expect(bob()?.inSight).toBe(true);
    expect(room.players.get("carol")?.inSight).toBe(false);
  });

  test("[S35] ends when full state leaves a player out, and nobody has left", () => {
    receiveBatch([{ revision: 7 }, { index: 2, revision: 3 }]);
    const [before, shown] = [bob()!, bob()!.skeleton];
    const poses = room.sample(runtime.nowMs, new Map());
    expect([...poses.keys()].toSorted()).toEqual(["bob", "carol"]);
    told.length = 0;
    receiveBatch([{ index: 2, revision: 4 }], true);
    expect(told).toEqual(["frame carol true", "sight bob false"]);
    expect([...room.sample(runtime.nowMs, poses).keys()]).toEqual(["carol"]);
    expect(bob()).toBe(before);
    expect(bob()?.skeleton).toBe(shown);
    expect(bob()?.sample(runtime.nowMs, before.createPose()!)).toBe(false);
    expect(bob()).toMatchObject({ revision: 0, pose: undefined, captureTimeMs: undefined });
    expect(bob()?.frame()).toBeUndefined();
    // Other batches leave out whoever does not move.
    receiveBatch([{ index: 2, revision: 5 }]);
    receiveBatch([]);
    expect(room.players.get("carol")?.inSight).toBe(true);
  });

  test("[S35] ends with an entry that says so, told once", () => {
    receiveBatch([{ revision: 7 }, { index: 2, revision: 3 }]);
    told.length = 0;
    for (let count = 0; count < 2; count++) {
      writer.begin({ sequence: ++sequence, serverTimeUs: serverTimeUs(), isFullState: false });
      writer.addOutOfSight(0);
      writer.addOutOfSight(1);
      runtime.socket.receive(writer.finish());
    }
    expect(told).toEqual(["sight bob false"]);
    expect([...room.sample(runtime.nowMs, new Map()).keys()]).toEqual(["carol"]);
    expect([...room.players.keys()]).toEqual(["bob", "carol"]);
  });

  test("[S36] comes again with the very frame that was seen last, and the same skeleton", () => {
    receiveBatch([{ revision: 7 }]);
    const { skeleton } = bob()!;
    receiveBatch([], true);
    expect(bob()?.inSight).toBe(false);
    told.length = 0;
    receiveBatch([{ revision: 7 }]);
    expect(told).toEqual(["sight bob true", "frame bob true"]);
    expect(bob()?.skeleton).toBe(skeleton);
    expect([...room.sample(runtime.nowMs, new Map()).keys()]).toEqual(["bob"]);
  });

  test("[S35] continues over a new connection whose full state has the player", () => {
    receiveBatch([{ revision: 7 }, { index: 2, revision: 7 }]);
    const poses = room.sample(runtime.nowMs, new Map());
    told.length = 0;
    reconnect();
    join([ALICE, BOB, CAROL]);
    expect(room.sample(runtime.nowMs, poses).size).toBe(2);
    receiveBatch([{ revision: 7 }], true);
    expect(told).toEqual(["frame bob true", "sight carol false"]);
  });

  test("[S35] a frame of full state that was known already is an entry too", () => {
    receiveBatch([{ revision: 7 }]);
    receiveBatch([{ revision: 7 }], true);
    expect(bob()).toMatchObject({ inSight: true, revision: 7 });
  });
});

describe("motion", () => {
  /** Bob moves 1 a frame at 50 Hz, over a line of 30 ms, and is watched at 100 Hz. */
  function watch(frames: number, poses: Map<string, Pose>): number[] {
    const shown: number[] = [];
    for (let revision = 1; revision <= frames; revision++) {
      const capturedMs = runtime.nowMs + SERVER_OFFSET_MS - 30;
      receiveBatch([{ revision, captureTimeUs: capturedMs * 1000 }]);
      for (let half = 0; half < 2; half++) {
        room.sample(runtime.nowMs, poses);
        const pose = poses.get("bob");
        if (pose !== undefined) shown.push(pose.root[0]);
        runtime.advance(10);
      }
    }
    return shown;
  }

  test("is even, and a frame interval late", () => {
    join();
    const poses = new Map<string, Pose>();
    const shown = watch(300, poses);
    const steps = shown.slice(-50).map((x, index, all) => (index === 0 ? 0.5 : x - all[index - 1]));
    for (const step of steps) expect(step).toBeCloseTo(0.5, 3);
    expect(300 - (shown.at(-1) ?? 0)).toBeLessThan(2);
    const delayMs = bob()?.stats.delayMs ?? 0;
    expect(delayMs).toBeGreaterThan(49);
    expect(delayMs).toBeLessThan(56);
    expect(bob()?.stats.jitterMs).toBeCloseTo(0, 2);
    expect(bob()?.stats.transitMs).toBeCloseTo(30, 2);
  });

  test("uses the same poses, and drops those of players that have left", () => {
    join([ALICE, BOB, CAROL]);
    const poses = new Map<string, Pose>();
    expect(room.sample(runtime.nowMs, poses)).toBe(poses);
    expect(poses.size).toBe(0);
    watch(5, poses);
    const pose = poses.get("bob");
    watch(5, poses);
    expect(poses.get("bob")).toBe(pose);
    expect(poses.size).toBe(1);
    receive({ type: "left", index: 1, id: "bob" });
    // Another one is there whose first frame is still to come: the sizes are the same.
    receive({ type: "joined", player: { index: 3, id: "dave", info: {} } });
    room.sample(runtime.nowMs, poses);
    expect(poses.size).toBe(0);
  });

  test("a new skeleton gets a new pose; an old pose is refused by the player itself", () => {
    join();
    const poses = new Map<string, Pose>();
    receiveBatch([{ revision: 1 }]);
    room.sample(runtime.nowMs, poses);
    const old = poses.get("bob");
    const frame = smallFrame(2);
    frame.bones.push({ ...frame.bones[0], name: "Tail" });
    receiveBatch([{ revision: 2, payload: encodeBinary(frame) }]);
    room.sample(runtime.nowMs, poses);
    expect(poses.get("bob")?.bones).toHaveLength(30);
    expect(() => old && bob()?.sample(runtime.nowMs, old)).toThrow(RangeError);
    const fitting = bob()?.createPose();
    expect(fitting && bob()?.sample(runtime.nowMs, fitting)).toBe(true);
  });

  test("is converted where the player's coordinates are not the room's", () => {
    for (const [coordinateSystem, bobX, carolX] of [
      ["gltf", -1, 1],
      ["unity", 1, -1],
      [undefined, 1, 1],
    ] as const) {
      open({ player: "alice", ...(coordinateSystem && { coordinateSystem }) });
      join([BOB, CAROL]);
      const payload = encodeBinary(smallFrame(1));
      receiveBatch([
        { index: 1, revision: 1, payload },
        { index: 2, revision: 1, payload },
      ]);
      const poses = room.sample(runtime.nowMs, new Map());
      const xAndTurn = (id: string) => [poses.get(id)?.root[0], poses.get(id)?.root[4]];
      const turn = Math.fround(0.6);
      expect(xAndTurn("bob")).toEqual([bobX, bobX * turn]);
      expect(xAndTurn("carol")).toEqual([carolX, carolX * turn]);
    }
  });
});

describe("publishing", () => {
  const lastFrame = () => {
    const bytes = runtime.socket.sentBytes.at(-1) ?? new Uint8Array();
    return {
      header: readFrameHeader(bytes, 0, createFrameHeader()),
      payload: bytes.subarray(FRAME_HEADER_BYTES),
    };
  };

  test("a frame and a pose go out alike", () => {
    join();
    const frame = smallFrame(3);
    const skeleton = skeletonOf(frame);
    expect(room.publish(frame)).toBe(true);
    expect(lastFrame().payload).toEqual(encodeBinary(frame));
    room.publishPose(skeleton, poseOf(smallFrame(4), createPose(skeleton)));
    expect(lastFrame()).toMatchObject({
      header: { number: 1 },
      payload: encodeBinary(smallFrame(4)),
    });
  });

  test("[S18] no faster than the server says", () => {
    join([ALICE], { rateHz: 10 });
    const sentIn = (seconds: number) => {
      const before = room.stats.sentFrames;
      for (let frame = 0; frame < 100 * seconds; frame++) {
        room.publish(smallFrame());
        runtime.advance(10);
        runtime.socket.receive('{"type":"still there"}');
      }
      return room.stats.sentFrames - before;
    };
    // One more, because the first may be sent at once.
    expect(sentIn(2)).toBe(21);
    receive({ type: "rate", rateHz: 50 });
    expect(sentIn(2)).toBe(100);
    expect(events).toContain("rate 50");
  });

  test("[S19] not while the socket holds more than one frame", () => {
    join();
    room.publish(smallFrame());
    runtime.socket.bufferedAmount = 1e6;
    expect(room.publish(smallFrame())).toBe(false);
    expect(room.stats).toMatchObject({ sentFrames: 1, skippedByBackpressure: 1 });
  });

  test("[3] with a time of another clock at the present, and says so once", () => {
    join();
    for (let frame = 0; frame < 3; frame++) {
      runtime.advance(33);
      expect(room.publish(smallFrame(), 1.7e12 + runtime.nowMs)).toBe(true);
    }
    expect(events.filter((event) => event.startsWith("error"))).toEqual(["error bad_capture_time"]);
  });

  test("nothing while there is no connection", () => {
    expect(room.publish(smallFrame())).toBe(false);
    expect(room.send("hello")).toBe(false);
    expect(room.stats.skippedOffline).toBe(1);
  });
});

describe("what this player says", () => {
  test("[S8] the session's key comes with every join", () => {
    join();
    reconnect();
    runtime.socket.open();
    expect(runtime.socket.said("join")).toEqual([
      { type: "join", player: "alice", resumeKey: "key" },
    ]);
  });

  test("[S7] a key of this side's own comes with the first join", () => {
    runtime.socket.open();
    const [{ resumeKey }] = runtime.socket.said("join");
    expect(resumeKey).toBe(room.resumeKey);
    expect(resumeKey).toMatch(/^.{16,128}$/);
    open({ player: "alice" });
    expect(room.resumeKey).not.toBe(resumeKey);
    open({});
    expect(room.resumeKey).toBeUndefined();
  });

  test("[S8] an earlier session's key may be given", () => {
    open({ player: "alice", resumeKey: "an-earlier-session" });
    runtime.socket.open();
    expect(runtime.socket.said("join")[0]).toMatchObject({ resumeKey: "an-earlier-session" });
  });

  test("the info comes with every join, the newest with the next", () => {
    open({ player: "alice", info: { displayName: "A" }, coordinateSystem: "gltf" });
    join();
    expect(runtime.socket.said("join")[0].info).toEqual({
      displayName: "A",
      coordinateSystem: "gltf",
    });
    room.setInfo({ displayName: "B", coordinateSystem: "unity" });
    expect(runtime.socket.said("info")[0].info).toEqual({
      displayName: "B",
      coordinateSystem: "unity",
    });
    runtime.socket.end(1006);
    room.setInfo({ displayName: "C" });
    runtime.advance(500);
    runtime.socket.open();
    expect(runtime.socket.said("join")[0].info).toEqual({
      displayName: "C",
      coordinateSystem: "gltf",
    });
  });

  test("what is too large is refused here", () => {
    join();
    // 4,096 bytes in UTF-8: 18 around 2,039 letters of 2 bytes.
    const largest = { displayName: "é".repeat(2039) };
    room.setInfo(largest);
    expect(() => room.setInfo({ displayName: `${largest.displayName}x` })).toThrow(RangeError);
    expect(runtime.socket.said("info").map(({ info }) => info)).toEqual([largest]);
    expect(() => room.send("é".repeat(512))).toThrow(RangeError);
    expect(() => room.send(undefined)).toThrow(TypeError);
    expect(() => open({ player: "a", info: { displayName: "x".repeat(5000) } })).toThrow(
      RangeError,
    );
  });

  test("messages go out, and those of others come in", () => {
    join();
    room.send({ wave: 1 });
    room.send(null, "bob");
    expect(runtime.socket.said("message")).toEqual([
      { type: "message", body: { wave: 1 } },
      { type: "message", body: null, to: "bob" },
    ]);
    receive({ type: "message", from: "alice", body: { wave: 1 } });
    receive({ type: "message", from: "bob", body: [2] });
    receive({ type: "error", code: "rate_limited", message: "too many messages" });
    expect(events.slice(2)).toEqual(["message bob [2]", "error refused"]);
  });
});

test("the server's clock is told", () => {
  join();
  expect(room.serverTimeMs()).toBeCloseTo(runtime.nowMs + SERVER_OFFSET_MS, 2);
  expect(room.serverTimeMs(0)).toBeCloseTo(SERVER_OFFSET_MS, 2);
});

// A room in a crowd: views, everybody's place, and presence in pages and batches.
import { beforeEach, describe, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { smallFrame } from "../../test/frames.ts";
import { encodeBinary } from "../codec/index.ts";
import { BatchWriter, headingOf, PlacesWriter, WELCOME_PLAYERS_MAX } from "../protocol/index.ts";
import type { PlayerName, ServerMessage } from "../protocol/index.ts";
import type { Place } from "./place-track.ts";
import { connect } from "./room.ts";
import type { AvatarRoom, ConnectOptions } from "./room.ts";

const BOB = { index: 1, id: "bob", info: { coordinateSystem: "gltf" } };
const CAROL = { index: 2, id: "carol", info: {} };

let runtime: FakeRuntime;
let room: AvatarRoom;
let events: string[];

beforeEach(() => {
  runtime = new FakeRuntime();
  open();
});

function open(options: ConnectOptions = {}): void {
  room = connect("ws://host/rooms/lobby", { format: "binary", ...options, runtime });
  events = [];
  for (const name of ["joined", "left", "info", "sight"] as const) {
    room.on(name, ({ id }) => void events.push(`${name} ${id}`));
  }
}

const receive = (message: ServerMessage) => runtime.socket.receive(message);
const serverTimeUs = () => (runtime.nowMs + 1e9) * 1000;

function join(players: readonly PlayerName[] = [BOB, CAROL]): void {
  runtime.socket.open();
  receive({
    type: "welcome",
    room: "lobby",
    player: null,
    resumeKey: null,
    resumed: false,
    players,
    rateHz: 0,
    serverTimeUs: serverTimeUs(),
  });
}

function reconnect(): void {
  runtime.socket.end(1006);
  runtime.advance(250);
}

let sequence = 0;
const batches = new BatchWriter();

function receiveBatch(indices: readonly number[], isFullState = false): void {
  batches.begin({ sequence: ++sequence, serverTimeUs: serverTimeUs(), isFullState });
  for (const index of indices) {
    const frame = { isKey: true, number: 0, teleports: 0, captureTimeUs: serverTimeUs() };
    batches.addFrame(index, frame, sequence, encodeBinary(smallFrame(index)));
  }
  runtime.socket.receive(batches.finish());
}

const places = new PlacesWriter();

function receivePlaces(all: readonly [index: number, x: number, heading: number][]): void {
  places.begin({ serverTimeUs: serverTimeUs(), originX: 0, originY: 0, originZ: 0 });
  for (const [index, x, heading] of all) places.add(index, x, 0, 0, heading);
  runtime.socket.receive(places.finish());
}

const views = () => runtime.socket.said("view");

describe("a view", () => {
  test("is sent once joined, again on each new connection, and never twice alike", () => {
    room.setView({ points: [[1, 2, 3], "bob"], pinned: ["carol"], bytesPerSecond: 50_000 });
    join();
    const view = {
      type: "view",
      points: [[1, 2, 3], "bob"],
      pinned: ["carol"],
      bytesPerSecond: 50_000,
    } as const;
    expect(views()).toEqual([view]);
    room.setView({ points: [[1, 2, 3.001], "bob"], pinned: ["carol"], bytesPerSecond: 50_000 });
    runtime.advance(1000);
    expect(views()).toEqual([view]);
    reconnect();
    join();
    expect(views()).toEqual([view]);
  });

  test("that moves with every frame is sent 5 times a second, and ends on the newest", () => {
    join();
    for (let frame = 1; frame <= 60; frame++) {
      room.setView({ points: [[frame, 0, 0]] });
      runtime.advance(1000 / 60);
    }
    expect(views().length).toBeGreaterThanOrEqual(4);
    expect(views().length).toBeLessThanOrEqual(6);
    runtime.advance(200);
    expect(views().at(-1)?.points).toEqual([[60, 0, 0]]);
    expect(runtime.timerCount).toBeLessThan(5);
  });

  test("that is taken back is said as an empty one; one that was never set is not said", () => {
    room.setView({});
    join();
    expect(views()).toEqual([]);
    room.setView({ pinned: ["bob"] });
    runtime.advance(200);
    room.setView({});
    runtime.advance(200);
    expect(views()).toEqual([{ type: "view", pinned: ["bob"] }, { type: "view" }]);
  });

  test("has its points as most of the room's frames have them", () => {
    open({ coordinateSystem: "gltf" });
    join([BOB]);
    room.setView({ points: [[1, 2, 3]] });
    expect(views().at(-1)?.points).toEqual([[1, 2, 3]]);
    receive({ type: "presence", joined: [CAROL, { ...CAROL, index: 3, id: "dan" }], left: [] });
    runtime.advance(200);
    expect(views().at(-1)?.points).toEqual([[-1, 2, 3]]);
  });

  test("that no server accepts is refused with its place, and changes nothing", () => {
    join();
    const five = Array.from({ length: 5 }, () => "bob");
    expect(() => room.setView({ points: five })).toThrow("$.points: expected at most 4");
    expect(() => room.setView({ points: [[0, NaN, 0]] })).toThrow("$.points[0]");
    expect(() => room.setView({ bytesPerSecond: 1 })).toThrow(RangeError);
    runtime.advance(1000);
    expect(views()).toEqual([]);
  });

  test("is not sent after the room was left", () => {
    join();
    room.setView({ pinned: ["bob"] });
    room.setView({ pinned: ["carol"] });
    room.leave();
    runtime.advance(1000);
    expect(views()).toEqual([{ type: "view", pinned: ["bob"] }]);
  });
});

describe("[S40] everybody's place", () => {
  const out = new Map<string, Place>();
  const sample = () => room.samplePlaces(runtime.nowMs, out);

  beforeEach(() => out.clear());

  test("is known of those out of sight, in the coordinates that sample converts to", () => {
    open({ coordinateSystem: "gltf" });
    join();
    expect(sample().size).toBe(0);
    receivePlaces([
      [1, 2, 0.5],
      [2, 4, 0.5],
      [9, 1, 0],
    ]);
    sample();
    expect([...out.keys()]).toEqual(["bob", "carol"]);
    expect(out.get("bob")!.position[0]).toBe(2);
    expect(out.get("bob")!.headingRadians).toBeCloseTo(0.5, 1);
    // Carol publishes in Unity's handedness.
    expect(out.get("carol")!.position[0]).toBe(-4);
    expect(out.get("carol")!.headingRadians).toBeCloseTo(-0.5, 1);
    expect(room.sample(runtime.nowMs, new Map()).size).toBe(0);
    expect(runtime.socket.sentBytes).toEqual([]);
  });

  test("of those in sight is that of their pose, and the same object each time", () => {
    join();
    receivePlaces([[1, 50, 0]]);
    receiveBatch([1]);
    runtime.advance(1000);
    const place = sample().get("bob")!;
    expect([...place.position]).toEqual([1, 2, 3]);
    expect(place.headingRadians).toBeCloseTo(headingOf(0.6, 0.8), 5);
    expect(sample().get("bob")).toBe(place);
    // Who leaves sight is where the server says, at once.
    receivePlaces([[1, 52, 0]]);
    receiveBatch([], true);
    expect(events.slice(-2)).toEqual(["sight bob", "sight bob"]);
    expect(sample().get("bob")).toBe(place);
    expect(place.position[0]).toBeGreaterThanOrEqual(50);
  });

  test("goes with the player", () => {
    join();
    receivePlaces([
      [1, 1, 0],
      [2, 2, 0],
    ]);
    expect(sample().size).toBe(2);
    receive({ type: "left", index: 1, id: "bob" });
    expect([...sample().keys()]).toEqual(["carol"]);
  });

  test("a message that breaks the rules is told, and the room stays open", () => {
    join();
    const errors: string[] = [];
    room.on("error", ({ code }) => void errors.push(code));
    runtime.socket.receive(new Uint8Array([5, 0, 0]));
    expect(errors).toEqual(["bad_server_message"]);
    expect(room.state.name).toBe("joined");
  });
});

describe("presence of many", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ index, id: `p${index}`, info: { n: index } }));

  test("comes in pages, and who is in none of them has left before full state", () => {
    const all = many(WELCOME_PLAYERS_MAX + 10);
    join(all);
    receiveBatch([], true);
    expect(room.players.size).toBe(all.length);
    reconnect();
    events.length = 0;
    join(all.slice(0, WELCOME_PLAYERS_MAX));
    receive({ type: "players", players: all.slice(WELCOME_PLAYERS_MAX, -1) });
    expect(room.players.size).toBe(all.length);
    receiveBatch([], true);
    expect(events).toEqual([`left p${all.length - 1}`]);
  });

  test("of a small room is whole in its welcome", () => {
    join(many(5));
    reconnect();
    events.length = 0;
    join(many(4));
    expect(events).toEqual(["left p4"]);
  });

  test("comes in batches, without infos until a player enters sight", () => {
    join();
    events.length = 0;
    receive({
      type: "presence",
      joined: [
        { index: 3, id: "dan" },
        { index: 4, id: "bob" },
      ],
      left: [{ index: 1, id: "bob" }],
    });
    expect(events).toEqual(["left bob", "joined dan", "joined bob"]);
    expect(room.players.get("dan")?.info).toEqual({});
    receive({ type: "info", index: 3, info: { displayName: "Dan" } });
    // Named again, e.g. on a new connection: its info is still what is known of it.
    receive({ type: "presence", joined: [{ index: 3, id: "dan" }], left: [] });
    expect(room.players.get("dan")?.info).toEqual({ displayName: "Dan" });
    expect(events.slice(3)).toEqual(["info dan"]);
  });
});

// The client against the real server, over real sockets.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { FORMATS } from "../src/codec/format.ts";
import type { Pose } from "../src/codec/index.ts";
import { connect, RoomError } from "../src/client/index.ts";
import type { AvatarRoom, ConnectOptions, RemotePlayer } from "../src/client/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { smallFrame } from "./frames.ts";

let server: AvatarServer;
let rooms: AvatarRoom[];
let sockets: TearableWebSocket[];

/** A WebSocket that the test can break: Bun's `terminate` ends it without a close frame. */
class TearableWebSocket extends WebSocket {
  declare readonly terminate: () => void;

  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    sockets.push(this);
  }
}

/** A WebSocket that receives nothing, if it is the second one of a test. */
class DeafWebSocket extends TearableWebSocket {
  override addEventListener(type: string, listener: unknown): void {
    if (type === "message" && sockets[1] === this) return;
    super.addEventListener(type, listener as () => void);
  }
}

beforeEach(async () => {
  rooms = [];
  sockets = [];
  server = await startServer({ host: "127.0.0.1", port: 0 });
});

afterEach(async () => {
  for (const room of rooms) room.leave();
  await server.stop();
});

function open(options: ConnectOptions): AvatarRoom {
  const address = `${server.url.replace("http", "ws")}/rooms/lobby/stream`;
  const room = connect(address, { runtime: { webSocket: TearableWebSocket }, ...options });
  rooms.push(room);
  return room;
}

async function join(options: ConnectOptions): Promise<AvatarRoom> {
  const room = open(options);
  await room.ready;
  return room;
}

/** Resolves once the condition holds; the test's time limit is the only one. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(2);
}

async function playerIn(room: AvatarRoom, id: string): Promise<RemotePlayer> {
  await until(() => room.players.has(id));
  return room.players.get(id) as RemotePlayer;
}

const slotUrl = (player: string) => `${server.url}/rooms/lobby/players/${player}`;

async function post(player: string, body: Uint8Array<ArrayBuffer>, type: string): Promise<void> {
  const answer = await fetch(slotUrl(player), {
    method: "POST",
    headers: { "Content-Type": type },
    body,
  });
  expect(answer.status).toBe(200);
}

describe("two clients", () => {
  for (const [ours, theirs] of [
    ["binary", "binary"],
    ["json", "json"],
    ["binary", "json"],
    ["json", "binary"],
  ] as const) {
    test(`see each other, ${ours} and ${theirs}`, async () => {
      const alice = await join({ player: "alice", format: ours, info: { displayName: "A" } });
      const bob = await join({ player: "bob", format: theirs });
      expect(bob.players.get("alice")?.info).toEqual({ displayName: "A" });
      expect(alice.publish(smallFrame(5))).toBe(true);
      const seen = await playerIn(bob, "alice");
      await until(() => seen.revision > 0);
      expect({ ...seen.frame(), server_timestamp: 0 }).toEqual(smallFrame(5));
      expect(seen.frame()?.server_timestamp).toBeGreaterThan(1.7e9);
      bob.publish(smallFrame(6));
      const other = await playerIn(alice, "bob");
      await until(() => other.revision > 0);
      expect(other.frame()?.rootTransform.worldPosition.x).toBe(6);
    });
  }

  test("move on each other's screens, as fast as they move", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    // Until the clock is synced, frames are stamped on arrival, which is another timeline.
    await until(() => alice.stats.isSynced);
    const poses = new Map<string, Pose>();
    const shown: number[] = [];
    const startMs = performance.now();
    // One unit a millisecond, so that the place shown is the moment shown.
    await until(() => {
      const nowMs = performance.now();
      alice.publish(smallFrame(nowMs - startMs), nowMs);
      const pose = bob.sample(nowMs, poses).get("alice");
      if (pose !== undefined) shown.push(pose.root[0]);
      return nowMs - startMs > 100 && shown.length > 200;
    });
    const isForward = shown.every((x, index) => index === 0 || x >= shown[index - 1] - 0.01);
    expect(isForward).toBe(true);
    expect(shown.at(-1)).toBeGreaterThan(0);
    expect(bob.players.get("alice")?.stats.delayMs).toBeGreaterThan(0);
  });

  test("send messages: to one, to all, and an info", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    const carol = await join({ player: "carol" });
    await playerIn(alice, "carol");
    const heard: string[] = [];
    for (const [name, room] of Object.entries({ alice, bob, carol })) {
      room.on("message", ({ from, body }) => {
        heard.push(`${name} hears ${from} ${JSON.stringify(body)}`);
      });
    }
    alice.send({ grabs: "cup" }, "bob");
    await until(() => heard.length === 1);
    alice.send("hello");
    await until(() => heard.length === 3);
    expect(heard.toSorted()).toEqual([
      'bob hears alice "hello"',
      'bob hears alice {"grabs":"cup"}',
      'carol hears alice "hello"',
    ]);
    alice.setInfo({ displayName: "Alice II" });
    await until(() => bob.players.get("alice")?.info.displayName === "Alice II");
    await until(() => alice.player?.info["displayName"] === "Alice II");
  });

  test("the sender of a message that the server refuses gets the error", async () => {
    const alice = await join({ player: "alice" });
    const errors: RoomError[] = [];
    alice.on("error", (error) => errors.push(error));
    alice.send("hello", "nobody");
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: "refused", serverCode: "unknown_player" });
    expect(alice.state.name).toBe("joined");
  });

  test("leave, and are gone at once", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    const left = new Promise<RemotePlayer>((resolve) => bob.on("left", resolve));
    alice.leave();
    expect((await left).id).toBe("alice");
    expect(bob.players.size).toBe(0);
    expect(alice.state).toEqual({ name: "closed", reason: "left", error: null });
  });
});

describe("a newcomer", () => {
  for (const format of FORMATS) {
    test(`is given everyone and everyone's newest frame, ${format}`, async () => {
      const publishers = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => join({ player: `p${index}`, format })),
      );
      publishers.forEach((room, index) => room.publish(smallFrame(index)));
      await until(() =>
        publishers.every(
          (room) => [...room.players.values()].filter(({ revision }) => revision > 0).length === 11,
        ),
      );
      const spectator = await join({ format });
      expect(spectator.players.size).toBe(12);
      await until(() => [...spectator.players.values()].every(({ revision }) => revision > 0));
      for (const [id, player] of spectator.players) {
        expect(`p${player.frame()?.rootTransform.worldPosition.x}`).toBe(id);
      }
      expect(spectator.sample(performance.now(), new Map()).size).toBe(12);
    });
  }

  test("joins a room whose welcome is long", async () => {
    const info = { displayName: "x".repeat(3000) };
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => join({ player: `p${index}`, info })),
    );
    const spectator = await join({});
    expect(spectator.players.size).toBe(30);
  });
});

describe("HTTP and streams share the slots", () => {
  test("a POST is seen by streaming clients, a streamed frame by GET", async () => {
    const room = await join({ player: "alice" });
    await post("bob", encodeJson(smallFrame(7)), "application/json");
    const bob = await playerIn(room, "bob");
    await until(() => bob.revision > 0);
    expect(bob.frame()?.rootTransform.worldPosition.x).toBe(7);
    await post("bob", encodeBinary(smallFrame(8)), "application/octet-stream");
    await until(() => bob.frame()?.rootTransform.worldPosition.x === 8);
    room.publish(smallFrame(9));
    await until(() => room.stats.sentFrames === 1);
    const read = async () => (await (await fetch(slotUrl("alice"))).json()) as object;
    let frame = {};
    while (!("bones" in frame) || (frame.bones as unknown[]).length === 0) frame = await read();
    expect(frame).toMatchObject({ rootTransform: { worldPosition: { x: 9 } } });
  });

  test("[S20] a document of the sender's own: whole in json, its place in binary", async () => {
    const binary = await join({ format: "binary" });
    const json = await join({ format: "json" });
    const text = new TextEncoder();
    const mine = { ...smallFrame(3), device: "Quest" };
    await post("bob", text.encode(JSON.stringify(mine)), "application/json");
    await until(() => json.players.get("bob")?.document !== undefined);
    expect(json.players.get("bob")?.document).toMatchObject({ device: "Quest" });
    expect(json.players.get("bob")?.frame()?.rootTransform.worldPosition.x).toBe(3);
    await until(() => binary.players.get("bob")?.unavailablePath === "$.device");
    await post("bob", text.encode(JSON.stringify({ device: "Quest" })), "application/json");
    await until(() => json.players.get("bob")?.unavailablePath === "$.rootTransform");
    await post("bob", encodeJson(smallFrame(4)), "application/json");
    await until(() => binary.players.get("bob")?.frame()?.rootTransform.worldPosition.x === 4);
    expect(binary.players.get("bob")?.unavailablePath).toBeUndefined();
  });

  test("[10] [H8a] whoever streams a player owns it: POST, PUT info and DELETE are 409", async () => {
    const info = { displayName: "Alice" };
    const alice = await join({ player: "alice", info });
    const bob = await join({ player: "bob" });
    const headers = { "Content-Type": "application/json" };
    for (const [method, path, body] of [
      ["POST", "", JSON.stringify(smallFrame(1))],
      ["PUT", "/info", '{"displayName":"Mallory"}'],
      ["DELETE", "", undefined],
    ] as const) {
      const url = slotUrl("alice") + path;
      const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({ error: { code: "player_taken" } });
    }
    alice.publish(smallFrame(2));
    const seen = await playerIn(bob, "alice");
    await until(() => seen.frame()?.rootTransform.worldPosition.x === 2);
    expect(seen.info).toEqual(info);
    expect(alice.state.name).toBe("joined");
    alice.leave();
    await until(() => !bob.players.has("alice"));
    expect((await fetch(slotUrl("alice"), { method: "DELETE" })).status).toBe(404);
  });

  test("[10] an application that removes a player ends its session for good [S4]", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    expect(server.rooms.get("lobby")?.removePlayer("alice")).toBe(true);
    await until(() => alice.state.name === "closed");
    expect(alice.state).toMatchObject({ reason: "removed" });
    await until(() => !bob.players.has("alice"));
  });
});

test("a Unity pose is shown right in glTF coordinates, and the other way about", async () => {
  const unity = await join({ player: "unity", coordinateSystem: "unity", format: "binary" });
  const gltf = await join({ player: "three", coordinateSystem: "gltf", format: "binary" });
  await playerIn(unity, "three");
  unity.publish(smallFrame(2));
  gltf.publish(smallFrame(2));
  const shownTo = async (room: AvatarRoom, id: string) => {
    const poses = new Map<string, Pose>();
    await until(() => room.sample(performance.now(), poses).has(id));
    return poses.get(id);
  };
  for (const pose of [await shownTo(gltf, "unity"), await shownTo(unity, "three")]) {
    expect([...(pose?.root.subarray(0, 3) ?? [])]).toEqual([-2, 2, 3]);
    const rotation = [...(pose?.root.subarray(3, 7) ?? [])];
    [0, -0.6, 0, 0.8].forEach((value, index) => expect(rotation[index]).toBeCloseTo(value, 6));
  }
  expect(gltf.players.get("unity")?.coordinateSystem).toBe("unity");
  expect(gltf.players.get("unity")?.frame()?.rootTransform.worldPosition.x).toBe(2);
});

describe("a connection that is torn", () => {
  test("[S7] before its welcome came resumes the session that the server has made", async () => {
    const bob = await join({ player: "bob" });
    const events: string[] = [];
    bob.on("joined", ({ id }) => events.push(`joined ${id}`));
    bob.on("left", ({ id }) => events.push(`left ${id}`));
    const alice = open({ player: "alice", runtime: { webSocket: DeafWebSocket } });
    await playerIn(bob, "alice");
    sockets[1].terminate();
    await alice.ready;
    expect(alice.state).toEqual({ name: "joined", resumed: true });
    expect(events).toEqual(["joined alice"]);
  });

  test("[S8] returns as the same player, and nobody sees it leave", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    const events: string[] = [];
    bob.on("joined", ({ id }) => events.push(`joined ${id}`));
    bob.on("left", ({ id }) => events.push(`left ${id}`));
    const states: string[] = [];
    alice.on("state", ({ name }) => states.push(name));
    alice.publish(smallFrame(1));
    const seen = await playerIn(bob, "alice");
    await until(() => seen.revision > 0);
    const { revision } = seen;
    const { resumeKey } = alice;
    sockets[0].terminate();
    // Both may have been told before anybody looks at the state.
    await until(() => states.includes("joined"));
    expect(alice.state).toEqual({ name: "joined", resumed: true });
    expect(alice.resumeKey).toBe(resumeKey);
    expect(states).toEqual(["reconnecting", "joined"]);
    alice.publish(smallFrame(2));
    await until(() => seen.revision > revision);
    expect(seen.frame()?.rootTransform.worldPosition.x).toBe(2);
    expect(events).toEqual([]);
    expect(bob.players.get("alice")).toBe(seen);
  });

  test("a later session resumes with the key, and the older one ends for good [S7]", async () => {
    const older = await join({ player: "alice", info: { displayName: "A" } });
    const newer = await join({ player: "alice", resumeKey: older.resumeKey ?? "" });
    expect(newer.state).toEqual({ name: "joined", resumed: true });
    expect(newer.player?.info).toEqual({ displayName: "A" });
    await until(() => older.state.name === "closed");
    expect(older.state).toMatchObject({ reason: "replaced" });
  });

  test("a player that another client owns rejects ready [S7]", async () => {
    await join({ player: "alice" });
    const second = open({ player: "alice" });
    const error: unknown = await second.ready.then(
      () => "joined",
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RoomError);
    expect(error).toMatchObject({ code: "player_taken", closeCode: 4003 });
    expect(second.state).toMatchObject({ name: "closed", reason: "player_taken" });
  });

  test("comes back to a server that was restarted, which counts from the start", async () => {
    const alice = await join({ player: "alice" });
    const bob = await join({ player: "bob" });
    const seen = await playerIn(bob, "alice");
    for (let x = 1; x <= 5; x++) {
      alice.publish(smallFrame(x));
      await until(() => seen.frame()?.rootTransform.worldPosition.x === x);
    }
    const { port } = server;
    await server.stop();
    await until(() => alice.state.name === "reconnecting" && bob.state.name === "reconnecting");
    server = await startServer({ host: "127.0.0.1", port });
    await until(() => alice.state.name === "joined" && bob.state.name === "joined");
    expect(alice.state).toEqual({ name: "joined", resumed: false });
    await until(() => bob.players.has("alice"));
    alice.publish(smallFrame(6));
    await until(() => bob.players.get("alice")?.frame()?.rootTransform.worldPosition.x === 6);
    expect(bob.players.get("alice")?.revision).toBe(1);
  });

  test("waits for a server that is not there yet", async () => {
    const { port } = server;
    await server.stop();
    const alice = open({ player: "alice" });
    await until(() => alice.state.name === "connecting" && alice.state.attempt > 1);
    expect(alice.state).toMatchObject({ error: { code: "unreachable" } });
    server = await startServer({ host: "127.0.0.1", port });
    await alice.ready;
    expect(alice.state.name).toBe("joined");
  });
});

test("[S12] frames are stamped with the time of their capture on the server's clock", async () => {
  const alice = await join({ player: "alice" });
  const bob = await join({ player: "bob" });
  await until(() => alice.stats.isSynced && bob.stats.isSynced);
  const capturedMs = performance.now() - 40;
  const expected = performance.timeOrigin + capturedMs;
  alice.publish(smallFrame(1), capturedMs);
  const seen = await playerIn(bob, "alice");
  await until(() => seen.revision > 0);
  // Half a round trip, and the whole milliseconds that the server's clock counts.
  const uncertainty = (alice.stats.rttMs ?? 0) / 2 + 2;
  expect(Math.abs((seen.captureTimeMs ?? 0) - expected)).toBeLessThan(uncertainty);
});

test("the bundle of the client is smaller than 44 KB", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [`${import.meta.dir}/../src/client/index.ts`],
    target: "browser",
    minify: true,
  });
  expect(outputs).toHaveLength(1);
  expect(Bun.gzipSync(await outputs[0].arrayBuffer()).length).toBeLessThan(44_000);
});

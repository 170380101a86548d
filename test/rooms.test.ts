// The rooms of an embedded server: what the application sees and does there, and what clients see of it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join as joinPath } from "node:path";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom, ConnectOptions } from "../src/client/index.ts";
import { createPose, encodeJson, poseOf, skeletonOf } from "../src/codec/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer, PublishedFrame, RoomEvents, RoomHandle } from "../src/server.ts";
import { smallFrame } from "./frames.ts";

let server: AvatarServer;
let lobby: RoomHandle;
let clients: AvatarRoom[];

beforeEach(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
  lobby = server.rooms.open("lobby");
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.leave();
  await server.stop();
});

async function join(options: ConnectOptions): Promise<AvatarRoom> {
  const client = connect(server.url, { room: "lobby", ...options });
  clients.push(client);
  await client.ready;
  return client;
}

/** Resolves once the condition holds; the test's time limit is the only one. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(2);
}

/** The events of a room from now on, each by its name. */
function eventsOf(room: RoomHandle, ...names: (keyof RoomEvents)[]): unknown[] {
  const events: unknown[] = [];
  for (const name of names) room.on(name, (event) => events.push([name, event]));
  return events;
}

const xOf = (room: RoomHandle, player: string) =>
  room.read(player)?.document().rootTransform.worldPosition.x;

describe("an application", () => {
  for (const format of ["stream", "binary", "json"] as const) {
    test(`reads what a client publishes as ${format}`, async () => {
      expect(lobby.read("ann")).toBeUndefined();
      const xs: number[] = [];
      lobby.on("frame", ({ player, frame }) => {
        expect(player).toBe("ann");
        xs.push(frame.pose().pose.root[0]);
      });
      const ann = await join({ player: "ann", format });
      ann.publish(smallFrame(5));
      await until(() => xs.length > 0);
      expect(xs[0]).toBeCloseTo(5, 3);
      const frame = lobby.read("ann")!;
      expect(frame.revision).toBe(1);
      expect(frame.receivedMs).toBeWithin(Date.now() - 10_000, Date.now() + 1000);
      expect(frame.pose().skeleton.boneNames).toEqual(["Hips", "Head"]);
      expect(frame.document().bones.map(({ name }) => name)).toEqual(["Hips", "Head"]);
      expect(frame.bytes("binary").length).toBeGreaterThan(0);
    });
  }

  test("publishes a player in any form, and clients see it", async () => {
    const ann = await join({ player: "ann" });
    lobby.setInfo("guide", { displayName: "Guide" });
    const skeleton = skeletonOf(smallFrame());
    lobby.publish("guide", { skeleton, pose: poseOf(smallFrame(1), createPose(skeleton)) });
    await until(() => ann.players.has("guide"));
    const guide = ann.players.get("guide")!;
    expect(guide.info).toEqual({ displayName: "Guide" });
    const seen = async (x: number) => {
      await until(() => Math.abs(guide.frame()!.rootTransform.worldPosition.x - x) < 0.01);
    };
    await until(() => guide.revision > 0);
    await seen(1);
    lobby.publish("guide", smallFrame(2));
    await seen(2);
    lobby.publish("guide", { format: "json", bytes: encodeJson(smallFrame(3)) });
    await seen(3);
    const parents = { ...skeleton, boneParents: [null, "Hips"] };
    lobby.publish("guide", {
      skeleton: parents,
      pose: poseOf(smallFrame(4), createPose(skeleton)),
    });
    await seen(4);
    expect(lobby.read("guide")!.document().bones[1].parent).toBe("Hips");
    expect(lobby.players).toEqual(["ann", "guide"]);
    expect(lobby.status?.players.find(({ id }) => id === "guide")).toMatchObject({ source: "app" });
    expect(lobby.removePlayer("guide")).toBe(true);
    await until(() => !ann.players.has("guide"));
  });

  test("hears who joins, leaves, says what", async () => {
    const events = eventsOf(lobby, "joined", "left", "info", "message");
    const ann = await join({ player: "ann", info: { displayName: "Ann" } });
    const bob = await join({ player: "bob" });
    ann.setInfo({ displayName: "Anna" });
    ann.send("hello");
    await until(() => events.length === 4);
    ann.send({ wave: 1 }, "bob");
    await until(() => events.length === 5);
    bob.leave();
    await until(() => events.length === 6);
    expect(events).toEqual([
      ["joined", { player: "ann", info: { displayName: "Ann" } }],
      ["joined", { player: "bob", info: {} }],
      ["info", { player: "ann", info: { displayName: "Anna" } }],
      ["message", { from: "ann", body: "hello" }],
      ["message", { from: "ann", to: "bob", body: { wave: 1 } }],
      ["left", { player: "bob" }],
    ]);
  });

  test("may use the rooms in a listener, and ends it", async () => {
    const echo = server.rooms.open("echo");
    const stop = lobby.on("frame", ({ frame }) => {
      echo.publish("ann", frame.document());
      lobby.publish("mirror", frame.document());
      stop();
    });
    const ann = await join({ player: "ann", format: "json" });
    ann.publish(smallFrame(1));
    await until(() => ann.players.has("mirror"));
    expect([xOf(echo, "ann"), xOf(lobby, "mirror")]).toEqual([1, 1]);
    ann.publish(smallFrame(2));
    await until(() => xOf(lobby, "ann") === 2);
    await Bun.sleep(0);
    expect(xOf(echo, "ann")).toBe(1);
  });

  test("a listener that throws is uncaught, and all others are told", async () => {
    const program = `
      import { createAvatarServer } from "./src/server.ts";
      process.on("uncaughtException", ({ message }) => console.log(message));
      const { rooms, stop } = createAvatarServer();
      const lobby = rooms.open("lobby");
      for (const event of ["joined", "frame"]) {
        lobby.on(event, ({ player }) => { throw new Error(\`\${event} \${player} failed\`); });
        lobby.on(event, ({ player }) => console.log(event, player));
      }
      const frame = ${JSON.stringify(smallFrame(1))};
      for (const player of ["ann", "bob"]) lobby.publish(player, frame);
      await Bun.sleep(0);
      stop();
    `;
    const child = Bun.spawn([process.execPath, "-e", program], {
      cwd: joinPath(import.meta.dir, ".."),
    });
    const said = (await new Response(child.stdout).text()).trim().split("\n");
    const told = ["joined ann", "joined bob", "frame ann", "frame bob"];
    expect(said).toEqual([...told, ...told.map((event) => `${event} failed`)]);
    expect(await child.exited).toBe(0);
  });

  test("is refused what clients are refused, and nothing changes", async () => {
    await join({ player: "ann" });
    expect(() => lobby.publish("ann", smallFrame(1))).toThrow("a streaming client owns player ann");
    expect(() => lobby.publish("no id", smallFrame(1))).toThrow("player: expected 1 to 64");
    const bytes = new TextEncoder().encode('{"bones":5}');
    expect(() => lobby.publish("bad", { format: "json", bytes })).toThrow("$.bones");
    expect(() => lobby.setInfo("ann", { displayName: "x".repeat(5000) })).toThrow("4096 bytes");
    expect(() => server.rooms.open("lobby", { tickHz: 121 })).toThrow("tickHz 121: expected");
    expect(() => lobby.configure({ playersMax: 0 })).toThrow("playersMax 0: expected");
    expect(lobby.players).toEqual(["ann"]);
  });

  const skeleton = skeletonOf(smallFrame());
  const pose = createPose(skeleton);
  for (const [frame, found] of [
    [undefined, "undefined"],
    [null, "null"],
    ["wave", "wave"],
    [{}, "{}"],
    [{ skeleton }, "{skeleton}"],
    [{ pose }, "{pose}"],
    [{ skeleton: undefined, pose }, "{skeleton, pose}"],
    [{ bytes: new Uint8Array(4) }, "{bytes}"],
    [{ format: "stream", bytes: new Uint8Array(4) }, "{format, bytes}"],
    [{ format: "json", bytes: "{}" }, "{format, bytes}"],
  ] as [unknown, string][]) {
    test(`is told what a frame is, for ${found}`, () => {
      expect(() => lobby.publish("guide", frame as PublishedFrame)).toThrow(
        new TypeError(
          `frame ${found}: expected { skeleton, pose }, { format, bytes } with format json or binary, ` +
            "or a document of rootTransform, bones and blendShapes",
        ),
      );
      expect(lobby.players).toEqual([]);
    });
  }

  test("is told the counts for a pose of another skeleton, with parents and without", () => {
    const short = createPose({ ...skeleton, boneNames: ["Hips"] });
    for (const boneParents of [undefined, [null, "Hips"]]) {
      const named = boneParents === undefined ? skeleton : { ...skeleton, boneParents };
      expect(() => lobby.publish("guide", { skeleton: named, pose: short })).toThrow(
        new RangeError("the pose has 1 bones and 1 blend shapes; expected 2 and 1"),
      );
    }
  });

  test("is told which events there are, for another", () => {
    for (const name of ["nope", "toString"]) {
      expect(() => lobby.on(name as "joined", () => {})).toThrow(
        new TypeError(`there is no event ${name}: expected joined, left, info, frame, message`),
      );
    }
  });

  test("sets a room's limits and ticks while it is used", async () => {
    const [playersMax, connectionsMax, crowdAbove] = [2000, 2000, 100];
    expect(lobby.settings).toEqual({ tickHz: 30, crowdAbove, playersMax, connectionsMax });
    lobby.configure({ playersMax: 5, tickHz: 10 });
    for (let index = 0; index < 5; index++) lobby.publish(`p${index}`, smallFrame(index));
    expect(() => lobby.publish("p5", smallFrame(5))).toThrow("holds at most 5 players");
    expect(lobby.status?.tickMs).toBe(100);
    lobby.configure({ tickHz: 0 });
    expect(lobby.status?.tickMs).toBe(0);
    lobby.configure({ connectionsMax: 1 });
    await join({});
    const refused = connect(server.url, { room: "lobby" });
    clients.push(refused);
    refused.ready.catch(() => {});
    const errorOf = ({ state }: AvatarRoom) =>
      "error" in state ? state.error?.message : undefined;
    await until(() => errorOf(refused) !== undefined);
    expect(errorOf(refused)).toContain("room lobby holds 1 connections");
  });

  test("opens, lists and removes rooms; clients of a removed room do not come back", async () => {
    expect(server.rooms.list().map(({ id }) => id)).toEqual(["default", "lobby"]);
    expect(server.rooms.get("attic")).toBeUndefined();
    const events = eventsOf(lobby, "left");
    const ann = await join({ player: "ann" });
    expect(server.rooms.remove("lobby")).toBe(true);
    await until(() => ann.state.name === "closed");
    expect(ann.state).toMatchObject({ name: "closed", reason: "removed" });
    expect(events).toEqual([["left", { player: "ann" }]]);
    expect([server.rooms.remove("lobby"), server.rooms.remove("default")]).toEqual([false, false]);
    expect([lobby.status, lobby.settings, lobby.players]).toEqual([undefined, undefined, []]);
    expect(() => lobby.configure({ tickHz: 1 })).toThrow("there is no room lobby");
    lobby.publish("guide", smallFrame(1));
    expect(lobby.players).toEqual(["guide"]);
  });
});

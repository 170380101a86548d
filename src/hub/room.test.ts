import { describe, expect, test } from "bun:test";
import { smallFrame } from "../../test/frames.ts";
import { joinPlayer, joinSpectator, MemoryClient } from "../../test/memory-client.ts";
import { MemoryServer } from "../../test/memory-server.ts";
import {
  encodeFrame,
  frameMessage,
  FramePublisher,
  jsonOnlyFrame,
} from "../../test/frame-messages.ts";
import { MessageReader } from "../../test/received.ts";
import type { Received } from "../../test/received.ts";
import type { StreamClient } from "../../test/stream-client.ts";
import { createPose, poseOf, skeletonOf } from "../codec/index.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import { createStreamSkeleton, decodeSkeleton } from "../codec/stream/index.ts";
import {
  BatchReader,
  CloseCode,
  EntryKind,
  skeletonIdText,
  StreamPublication,
} from "../protocol/index.ts";
import { HubError } from "./errors.ts";
import { DEFAULT_ROOM } from "./hub.ts";
import type { Connection } from "./connections/connection.ts";

const ROOM = "lobby";

/** A POST of the small frame of this x. */
function post(server: MemoryServer, player: string, x: number, room = ROOM): void {
  const bytes = encodeFrame(smallFrame(x), "json");
  const nowMs = server.clock.nowMs;
  server.hub.publish(room, player, { format: "json", bytes, source: "http", nowMs });
}

const roomOf = (server: MemoryServer) => server.hub.room(ROOM)!;

/** A client that keeps the batches that it was sent, as bytes. */
class Keeper extends MemoryClient {
  readonly batches: Uint8Array<ArrayBuffer>[] = [];

  protected override receive(message: string | Uint8Array<ArrayBuffer>): void {
    super.receive(message);
    if (typeof message !== "string") this.batches.push(message.slice());
  }
}

/** Closed with this code; all that came before it is dropped. */
function expectClosed(client: StreamClient, code: CloseCode): void {
  expect(client.closedWith).toMatchObject({ code });
}

/** The frames of the next batch as [index, x], once the tick has come. */
function nextFrames(server: MemoryServer, client: StreamClient): [index: number, x: number][] {
  server.clock.advance(40);
  const batches = client.takeAll("batch");
  expect(batches).toHaveLength(1);
  return batches[0].entries.map(({ index, x }) => [index, x]);
}

describe("presence", () => {
  test("[S6] [S6a] a streaming player is announced when it joins and when it says goodbye", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = new MemoryClient(server);
    bob.join({ player: "bob", info: { displayName: "Bob" } });
    const [welcome, ...rest] = bob.take();
    expect(welcome).toMatchObject({ type: "welcome", players: [{ id: "ann" }, { id: "bob" }] });
    expect(rest.map(({ type }) => type)).toEqual(["batch"]);
    const player = { index: 1, id: "bob", info: { displayName: "Bob" } };
    expect(ann.take()).toEqual([{ type: "joined", player }]);
    bob.say({ type: "leave" });
    expect(ann.take()).toEqual([{ type: "left", index: 1, id: "bob" }]);
    expectClosed(bob, CloseCode.Left);
  });

  test("[S6] an HTTP player is present from its first POST until DELETE", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    server.hub.setInfo(ROOM, "bob", { displayName: "Bob" }, server.clock.nowMs);
    expect(ann.take()).toEqual([]);
    post(server, "bob", 1);
    const player = { index: 1, id: "bob", info: { displayName: "Bob" } };
    expect(ann.take()).toEqual([{ type: "joined", player }]);
    server.clock.advance(60_000 * 5);
    expect(roomOf(server).player("bob")).toBeDefined();
    const watcher = joinSpectator(server);
    server.hub.removePlayer(ROOM, "bob", server.clock.nowMs);
    expect(watcher.take()).toEqual([{ type: "left", index: 1, id: "bob" }]);
  });

  test("[S6] nobody is told of a spectator", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const watcher = joinSpectator(server);
    watcher.kill();
    joinSpectator(server).say({ type: "leave" });
    expect(ann.take()).toEqual([]);
    expect(roomOf(server).connectionCount).toBe(1);
  });

  test("[S32] an index is given again 60 s after its player left, the lowest first", () => {
    const server = new MemoryServer();
    const indexOf = (id: string) => {
      post(server, id, 1);
      return server.hub.player(ROOM, id)!.index;
    };
    expect(["a", "b", "c", "d"].map(indexOf)).toEqual([0, 1, 2, 3]);
    for (const id of ["c", "a"]) server.hub.removePlayer(ROOM, id, server.clock.nowMs);
    server.clock.advance(59_999);
    // Its last holder waits for it too.
    expect(["c", "e"].map(indexOf)).toEqual([4, 5]);
    server.clock.advance(1);
    expect(["f", "g", "h"].map(indexOf)).toEqual([0, 2, 6]);
  });

  test("[S6b] who joins is told before its frames, who leaves after them", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server);
    for (let round = 0; round < 3; round++) {
      const ann = joinPlayer(server, "ann");
      ann.publish(round);
      server.clock.advance(40);
      ann.publish(round + 0.5);
      ann.say({ type: "leave" });
      server.clock.advance(40);
      const came = watcher.take();
      const [joined, batch, left] = came;
      expect(came.map(({ type }) => type)).toEqual(["joined", "batch", "left"]);
      const { index } = (joined as Extract<Received, { type: "joined" }>).player;
      expect(batch).toMatchObject({ entries: [{ index, x: round }] });
      expect(left).toMatchObject({ index });
      watcher.acknowledge(watcher.newestSequence);
    }
  });

  test("[S6] a frame that waits for the tick does not go out when its player has left", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server);
    post(server, "ann", 1);
    server.hub.removePlayer(ROOM, "ann", server.clock.nowMs);
    post(server, "bob", 2);
    expect(nextFrames(server, watcher)).toEqual([[1, 2]]);
  });

  test("[S4e] what a connection says after its goodbye concerns nobody", () => {
    const server = new MemoryServer();
    joinPlayer(server, "first");
    const watcher = joinSpectator(server);
    const room = roomOf(server);
    // A transport that has not ended the connection yet.
    const connection: Connection = {
      format: "json",
      send() {},
      subscribe() {},
      unsubscribe() {},
      ping() {},
      close() {},
    };
    const { nowMs } = server.clock;
    const member = room.join(connection, { type: "join", player: "ann" }, nowMs);
    room.receiveText(member, '{"type":"leave"}', nowMs);
    watcher.take();
    const frame = frameMessage(encodeFrame(smallFrame(), "json"));
    room.receiveData(member, frame, nowMs);
    room.receiveText(member, '{"type":"info","info":{}}', nowMs);
    room.receiveText(member, '{"type":"message","body":1}', nowMs);
    server.clock.advance(100);
    expect(watcher.take()).toEqual([]);
    expect(room.playerCount).toBe(1);
    expect(room.connectionCount).toBe(2);
  });
});

describe("ownership", () => {
  test("[S7] a player that a connection owns is refused to others, streaming and HTTP", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    for (const resumeKey of [undefined, "", "resume-key-0", "resume-key-11"]) {
      const thief = new MemoryClient(server);
      thief.join(resumeKey === undefined ? { player: "ann" } : { player: "ann", resumeKey });
      expectClosed(thief, CloseCode.PlayerTaken);
    }
    expect(() => post(server, "ann", 1)).toThrow(HubError);
    expect(ann.take()).toEqual([]);
    expect(ann.closedWith).toBeUndefined();
  });

  test("[S7c] the key of one player does not open another", () => {
    const server = new MemoryServer();
    joinPlayer(server, "ann");
    const bob = new MemoryClient(server);
    bob.join({ player: "bob" });
    const { resumeKey } = bob.takeAll("welcome")[0];
    const thief = new MemoryClient(server);
    thief.join({ player: "ann", resumeKey: resumeKey! });
    expectClosed(thief, CloseCode.PlayerTaken);
  });

  test("[S7a] the resume key takes the player over from a connection that is still there", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server);
    const older = new MemoryClient(server);
    older.join({ player: "ann" });
    const { resumeKey, player } = older.takeAll("welcome")[0];
    older.publish(1);
    server.clock.advance(40);
    watcher.take();
    const newer = new MemoryClient(server, { format: "binary" });
    newer.join({ player: "ann", resumeKey: resumeKey! });
    expectClosed(older, CloseCode.Replaced);
    expect(newer.takeAll("welcome")[0]).toMatchObject({ resumed: true, resumeKey, player });
    older.publish(2);
    newer.publish(3);
    expect(nextFrames(server, watcher)).toEqual([[0, 3]]);
    expect(watcher.take()).toEqual([]);
  });

  test("[S7d] a streaming client may take over what HTTP wrote, and the frame stays", () => {
    const server = new MemoryServer();
    post(server, "ann", 7);
    const ann = joinPlayer(server, "ann");
    const watcher = new MemoryClient(server);
    watcher.join();
    expect(watcher.takeAll("batch")[0].entries).toMatchObject([{ index: 0, x: 7 }]);
    expect(ann.closedWith).toBeUndefined();
    expect(() => post(server, "ann", 8)).toThrow("a streaming client owns player ann");
  });
});

test("[S7d] a client that takes a posted player keeps its info, or replaces it for everybody", () => {
  const server = new MemoryServer();
  const watcher = joinSpectator(server);
  post(server, "ann", 7);
  server.hub.setInfo(ROOM, "ann", { displayName: "Ann" }, server.clock.nowMs);
  watcher.take();
  joinPlayer(server, "ann").say({ type: "leave" });
  expect(watcher.take()).toEqual([{ type: "left", index: 0, id: "ann" }]);
  post(server, "bob", 7);
  server.hub.setInfo(ROOM, "bob", { displayName: "Bob" }, server.clock.nowMs);
  watcher.take();
  const bob = new MemoryClient(server);
  bob.join({ player: "bob" });
  expect(bob.takeAll("welcome")).toMatchObject([{ player: { info: { displayName: "Bob" } } }]);
  expect(watcher.take()).toEqual([]);
  bob.say({ type: "leave" });
  post(server, "cay", 7);
  watcher.take();
  const cay = new MemoryClient(server);
  cay.join({ player: "cay", info: { displayName: "Cay" } });
  expect(watcher.take()).toMatchObject([{ type: "info", info: { displayName: "Cay" } }]);
});

test("[S7] the end of a connection that was taken over from means nothing any more", () => {
  const server = new MemoryServer();
  const watcher = joinSpectator(server);
  const { nowMs } = server.clock;
  // A transport that hears of a close later than it says it.
  let resumeKey = "";
  const topics = new Set<string>();
  const connection: Connection = {
    format: "json",
    send(data) {
      const message = new MessageReader("json").read(data);
      if (message.type === "welcome") resumeKey = message.resumeKey!;
    },
    subscribe: (topic) => void topics.add(topic),
    unsubscribe: (topic) => void topics.delete(topic),
    ping() {},
    close() {},
  };
  const join = { type: "join", player: "ann" } as const;
  const { room, member: older } = server.hub.join(ROOM, connection, join, nowMs);
  const newer = new MemoryClient(server);
  newer.join({ player: "ann", resumeKey });
  expect([...topics]).toEqual([]);
  room.disconnect(older, nowMs);
  expect(room.session(room.player("ann")!)!.connection.state).toBe("connected");
  watcher.take();
  newer.say({ type: "leave" });
  room.disconnect(older, nowMs);
  expect(watcher.take()).toEqual([{ type: "left", index: 0, id: "ann" }]);
  expect(room.playerCount).toBe(0);
});

describe("a resume key of the client's own", () => {
  const key = "0123456789abcdef";
  const joinWith = (server: MemoryServer, resumeKey: string) => {
    const client = new MemoryClient(server);
    client.join({ player: "ann", resumeKey });
    return client;
  };

  test("[S7b] is taken for a new session: one whose welcome was lost can be continued", () => {
    const server = new MemoryServer();
    const bob = joinPlayer(server, "bob");
    joinWith(server, key).kill();
    const [welcome] = joinWith(server, key).takeAll("welcome");
    expect(welcome).toMatchObject({ resumed: true, resumeKey: key });
    expect(bob.takeAll("joined")).toHaveLength(1);
    expect(bob.takeAll("left")).toHaveLength(0);
    expectClosed(joinWith(server, `${key}.`), CloseCode.PlayerTaken);
  });

  test("[S7b] that is too short, or endless, is replaced by one of the server's", () => {
    for (const resumeKey of [key.slice(1), "", "x".repeat(129)]) {
      const server = new MemoryServer();
      const [welcome] = joinWith(server, resumeKey).takeAll("welcome");
      expect(welcome.resumeKey).toBe("resume-key-1");
      expectClosed(joinWith(server, resumeKey), CloseCode.PlayerTaken);
    }
  });
});

describe("a lost connection", () => {
  function joinAnn(server: MemoryServer, resumeKey?: string, room = ROOM) {
    const client = new MemoryClient(server, { room });
    client.join(resumeKey === undefined ? { player: "ann" } : { player: "ann", resumeKey });
    const [welcome] = client.inbox;
    if (welcome?.type !== "welcome") throw new Error("there is no welcome");
    return { client, welcome };
  }

  test("[S8a] [S15a] a client that comes back within 10 s continues where it was, and nobody is told", () => {
    const server = new MemoryServer();
    const { client, welcome } = joinAnn(server);
    client.publish(5);
    server.clock.advance(40);
    const { watcher, stop } = keptAlive(server, joinSpectator(server));
    client.kill();
    server.clock.advance(9990);
    const again = joinAnn(server, welcome.resumeKey!);
    expect(again.welcome).toMatchObject({ resumed: true, player: welcome.player });
    expect(again.client.takeAll("batch")[0].entries).toMatchObject([{ index: 0, x: 5 }]);
    server.clock.advance(5000);
    stop();
    expect(watcher.take().filter(({ type }) => type !== "pong")).toEqual([]);
    expect(watcher.closedWith).toBeUndefined();
  });

  test("[S7c] [S8b] [S9c] after 10 s the player leaves, and its key is worth nothing", () => {
    const server = new MemoryServer();
    const { client, welcome } = joinAnn(server);
    const { watcher, stop } = keptAlive(server, joinSpectator(server));
    client.kill();
    server.clock.advance(9000);
    expect(watcher.takeAll("left")).toEqual([]);
    // The sweep of every second tells it, at most a second later.
    server.clock.advance(2000);
    stop();
    expect(watcher.takeAll("left")).toEqual([{ type: "left", index: 0, id: "ann" }]);
    expect(roomOf(server).player("ann")).toBeUndefined();
    const again = joinAnn(server, welcome.resumeKey!);
    expect(again.welcome).toMatchObject({ resumed: false });
    expect(again.welcome.resumeKey).not.toBe(welcome.resumeKey);
  });

  test("[S8] that was closed for a broken rule keeps its player too", () => {
    const server = new MemoryServer();
    const { client, welcome } = joinAnn(server);
    client.send("{");
    expectClosed(client, CloseCode.BadMessage);
    server.clock.advance(9990);
    const again = joinAnn(server, welcome.resumeKey!);
    expect(again.welcome).toMatchObject({ resumed: true, player: welcome.player });
  });

  test("[S8] while it may come back its player is refused to others", () => {
    const server = new MemoryServer();
    joinAnn(server).client.kill();
    server.clock.advance(5000);
    const other = new MemoryClient(server);
    other.join({ player: "ann" });
    expectClosed(other, CloseCode.PlayerTaken);
    expect(() => post(server, "ann", 1)).toThrow(HubError);
  });

  test("[S8] removing the player ends the wait", () => {
    const server = new MemoryServer();
    const { client, welcome } = joinAnn(server);
    const watcher = joinSpectator(server);
    client.kill();
    server.hub.expelPlayer(ROOM, "ann", server.clock.nowMs);
    expect(watcher.take()).toEqual([{ type: "left", index: 0, id: "ann" }]);
    expect(joinAnn(server, welcome.resumeKey!).welcome.resumed).toBe(false);
  });

  test("[S8b] one of the original's slots keeps its last frame", () => {
    const server = new MemoryServer();
    const player = new MemoryClient(server, { room: DEFAULT_ROOM });
    player.join({ player: "player1" });
    player.publish(3);
    player.kill();
    server.clock.advance(11_000);
    const slot = server.hub.player(DEFAULT_ROOM, "player1")!;
    expect(slot).toMatchObject({ index: -1, source: "stream" });
    expect(server.hub.room(DEFAULT_ROOM)!.session(slot)).toBeUndefined();
  });

  test("[S15] a slot that comes back with its last frame shows it to those who are there", () => {
    const server = new MemoryServer();
    const options = { room: DEFAULT_ROOM };
    const first = joinPlayer(server, "player1", options);
    first.publish(3);
    first.say({ type: "leave" });
    server.clock.advance(40);
    const watcher = joinSpectator(server, options);
    joinPlayer(server, "player1", options);
    expect(nextFrames(server, watcher)).toEqual([[1, 3]]);
    const newcomer = new MemoryClient(server, options);
    newcomer.join();
    expect(newcomer.takeAll("batch")[0].entries).toMatchObject([{ index: 1, x: 3 }]);
  });

  test("[8] [S9] [S9a] a connection whose transport answers pings keeps its player, though it says nothing", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server);
    const hidden = joinPlayer(server, "hidden");
    hidden.answersPings = true;
    hidden.acknowledge(0);
    const say = () => watcher.say({ type: "ping", id: 1 });
    for (let second = 0; second < 120; second++) {
      say();
      server.clock.advance(1000);
    }
    expect(hidden.closedWith).toBeUndefined();
    expect(watcher.takeAll("left")).toEqual([]);
    // The line is dead: nothing answers.
    hidden.answersPings = false;
    server.clock.advance(12_000);
    expectClosed(hidden, CloseCode.Silent);
  });

  test("[8] [S17a] a receiver that owes an acknowledgement is asked for it once a second", () => {
    const server = new MemoryServer();
    const late = joinPlayer(server, "late");
    late.answersPings = true;
    late.acknowledge(late.newestSequence);
    for (let second = 0; second < 60; second++) {
      // Frames that come between two acknowledgements, and then a minute of nothing.
      if (second === 0) for (const x of [1, 2]) post(server, "bob", x);
      server.clock.advance(1000);
      if (late.takeAll("acknowledge").length > 0) late.acknowledge(late.newestSequence);
    }
    expect(late.closedWith).toBeUndefined();
    const deaf = joinPlayer(server, "deaf");
    server.clock.advance(12_000);
    expect(deaf.takeAll("acknowledge").length).toBeWithin(8, 11);
    expectClosed(deaf, CloseCode.NotAcknowledging);
  });

  test("[7] [S8] a lost client's player is free 10 s later to the millisecond, and a refusal says when", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    ann.acknowledge(0);
    server.clock.advance(300);
    ann.kill();
    const refused = () => {
      const client = new MemoryClient(server);
      client.join({ player: "ann" });
      return client.closedWith?.reason;
    };
    expect(refused()).toBe("player ann is kept 10 s longer for its client, which was lost");
    server.clock.advance(9990);
    expect(refused()).toBe("player ann is kept 1 s longer for its client, which was lost");
    server.clock.advance(10);
    expect(refused()).toBeUndefined();
    expect(refused()).toBe("another client owns player ann");
  });

  test("[S9a] a connection that says nothing for 10 s is closed; a ping is enough", () => {
    const server = new MemoryServer();
    const quiet = joinPlayer(server, "quiet");
    const alive = joinPlayer(server, "alive");
    quiet.acknowledge(0);
    alive.acknowledge(0);
    for (let seconds = 0; seconds < 12; seconds += 2) {
      alive.say({ type: "ping", id: seconds });
      server.clock.advance(2000);
    }
    expectClosed(quiet, CloseCode.Silent);
    expect(alive.closedWith).toBeUndefined();
    expect(alive.takeAll("pong").map(({ id }) => id)).toEqual([0, 2, 4, 6, 8, 10]);
  });
});

/** Pings and acknowledges for a client until `stop`. */
function keptAlive(server: MemoryServer, watcher: MemoryClient) {
  let isOn = true;
  const ping = () => {
    if (!isOn) return;
    watcher.acknowledge(watcher.newestSequence);
    watcher.say({ type: "ping", id: 0 });
    server.clock.after(2000, ping);
  };
  ping();
  return { watcher, stop: () => (isOn = false) };
}

/** [H11] 4,096 bytes in UTF-8: 18 around 2,039 letters of 2 bytes. */
const LARGEST_INFO = { displayName: "é".repeat(2039) };

describe("infos and application messages", () => {
  test("an info replaces the one before, and everybody is told", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob");
    ann.take();
    bob.say({ type: "info", info: { displayName: "Bobby", hat: true } });
    const told = { type: "info", index: 1, info: { displayName: "Bobby", hat: true } } as const;
    expect(ann.take()).toEqual([told]);
    expect(bob.take()).toEqual([told]);
    expect(server.hub.player(ROOM, "bob")!.info).toEqual(told.info);
  });

  test("[S10b] [S22] an info that is none is refused, and the one before stays", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob");
    ann.take();
    for (const info of [null, [], { displayName: 5 }, { coordinateSystem: "left" }]) {
      bob.say({ type: "info", info });
    }
    bob.say({ type: "info", info: LARGEST_INFO });
    expect(ann.takeAll("info").map(({ info }) => info)).toEqual([LARGEST_INFO]);
    bob.say({ type: "info", info: { displayName: `${LARGEST_INFO.displayName}x` } });
    expect(bob.takeAll("error").map(({ code }) => code)).toEqual([
      ...Array.from({ length: 4 }, () => "wrong_type"),
      "too_large",
    ]);
    expect(ann.take()).toEqual([]);
    expect(server.hub.player(ROOM, "bob")!.info).toEqual(LARGEST_INFO);
  });

  test("[S5b] a spectator's info is checked, and its resume key means nothing", () => {
    const server = new MemoryServer();
    const watcher = new MemoryClient(server);
    watcher.join({ info: { displayName: 5 } });
    expectClosed(watcher, CloseCode.BadMessage);
    const other = new MemoryClient(server);
    other.join({ info: { displayName: "Ann" }, resumeKey: "0123456789abcdef" });
    expect(other.takeAll("welcome")).toMatchObject([{ player: null, resumeKey: null }]);
  });

  test("[S10b] a join with an info that is none is refused", () => {
    const server = new MemoryServer();
    const ann = new MemoryClient(server);
    ann.join({ player: "ann", info: { displayName: 5 } });
    expect(ann.closedWith).toEqual({ code: 4000, reason: "$.displayName: expected a string" });
    expect(server.hub.room(ROOM)).toBeUndefined();
  });

  test("[S10a] a message goes to the room, or to one player alone", () => {
    const server = new MemoryServer();
    const [ann, bob] = ["ann", "bob"].map((id) => joinPlayer(server, id));
    const watcher = joinSpectator(server);
    ann.take();
    ann.say({ type: "message", body: { wave: true } });
    const toAll = { type: "message", from: "ann", body: { wave: true } } as const;
    expect([ann.take(), bob.take(), watcher.take()]).toEqual([[toAll], [toAll], [toAll]]);
    ann.say({ type: "message", to: "bob", body: null });
    expect([ann.take(), bob.take(), watcher.take()]).toEqual([
      [],
      [{ type: "message", from: "ann", body: null }],
      [],
    ]);
  });

  test("[S22] a message to nobody, a long one and one of a spectator are refused", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const watcher = joinSpectator(server);
    post(server, "http-only", 1);
    ann.take();
    for (const to of ["nobody", "http-only", "x".repeat(200), "__proto__"]) {
      ann.say({ type: "message", to, body: 1 });
    }
    // 1,024 bytes as JSON in UTF-8, quotes included: 511 letters of 2 bytes.
    ann.say({ type: "message", to: "ann", body: "é".repeat(511) });
    ann.say({ type: "message", body: "é".repeat(512) });
    expect(ann.take().map((each) => (each.type === "error" ? each.code : each.type))).toEqual([
      ...Array.from({ length: 4 }, () => "unknown_player"),
      "message",
      "message_too_large",
    ]);
    watcher.take();
    watcher.say({ type: "message", body: 1 });
    watcher.say({ type: "info", info: {} });
    expect(watcher.takeAll("error").map(({ code }) => code)).toEqual([
      "not_a_player",
      "not_a_player",
    ]);
  });

  test("[S10] 20 messages at once are passed on, then 10 a second", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob");
    const sendMany = (count: number) => {
      for (let sent = 0; sent < count; sent++) ann.say({ type: "message", to: "bob", body: sent });
      return bob.takeAll("message").length;
    };
    ann.take();
    expect(sendMany(25)).toBe(20);
    expect(ann.take()).toMatchObject(
      Array.from({ length: 5 }, () => ({ type: "error", code: "rate_limited" })),
    );
    server.clock.advance(1000);
    expect(sendMany(25)).toBe(10);
    server.clock.advance(100);
    ann.say({ type: "info", info: {} });
    expect(bob.takeAll("info")).toHaveLength(1);
    expect(sendMany(1)).toBe(0);
  });
});

test("[S10] [S26b] requests for full state count among the messages; beyond the limit they are ignored", () => {
  const server = new MemoryServer();
  const ann = joinPlayer(server, "ann");
  for (let asked = 0; asked < 25; asked++) ann.say({ type: "keyframe" });
  expect(ann.take().map(({ type }) => type)).toEqual(Array.from({ length: 20 }, () => "batch"));
  ann.say({ type: "message", body: 1 });
  expect(ann.take()).toMatchObject([{ type: "error", code: "rate_limited" }]);
  expect(ann.closedWith).toBeUndefined();
});

test("[S26b] a receiver that is behind is given full state once, and not for asking", () => {
  const server = new MemoryServer();
  const [ann, watcher] = [joinPlayer(server, "ann"), joinSpectator(server)];
  watcher.answersPings = true;
  for (let x = 1; x <= 40; x++) {
    ann.publish(x);
    ann.acknowledge(ann.newestSequence);
    server.clock.advance(25);
  }
  expect(roomOf(server).status(server.clock.nowMs).superseded.withheld).toBeGreaterThan(0);
  watcher.take();
  watcher.say({ type: "keyframe" });
  expect(watcher.take()).toEqual([]);
  watcher.acknowledge(watcher.newestSequence);
  expect(watcher.take()).toMatchObject([{ isFullState: true, entries: [{ x: 40 }] }]);
});

test("[S26b] layers mean nothing in json and binary", () => {
  const server = new MemoryServer();
  const ann = joinPlayer(server, "ann");
  const watcher = joinSpectator(server, { format: "binary" });
  watcher.say({ type: "layers", layers: 1 });
  for (let x = 1; x <= 5; x++) {
    ann.publish(x);
    expect(nextFrames(server, watcher)).toEqual([[0, x]]);
  }
});

describe("late join", () => {
  test("[S15] welcome, then full state of all 50 players, then what comes", () => {
    const server = new MemoryServer();
    const players = Array.from({ length: 50 }, (_, index) => joinPlayer(server, `p${index}`));
    players.forEach((player, index) => player.publish(index));
    server.clock.advance(40);
    // Some are in the middle of a tick.
    players.slice(0, 10).forEach((player, index) => player.publish(1000 + index));
    const newcomer = new MemoryClient(server, { format: "binary" });
    newcomer.join({ player: "late" });
    players[0].publish(2000);
    server.clock.advance(40);
    const [welcome, full, next, ...rest] = newcomer.take();
    expect(rest).toEqual([]);
    expect(welcome).toMatchObject({
      type: "welcome",
      room: ROOM,
      player: { index: 50, id: "late", info: {} },
      resumed: false,
      rateHz: 30,
    });
    if (welcome.type !== "welcome" || full.type !== "batch" || next.type !== "batch") {
      throw new Error("expected a welcome and two batches");
    }
    expect(welcome.players).toHaveLength(51);
    expect(full.isFullState).toBe(true);
    const xs = full.entries.map(({ index, x }) => [index, x]);
    expect(xs).toEqual(players.map((_, index) => [index, index < 10 ? 1000 + index : index]));
    expect(next).toMatchObject({ isFullState: false, sequence: full.sequence + 1 });
    expect(next.entries[0]).toMatchObject({ index: 0, x: 2000 });
  });

  test("[S15] [S16a] full state of a room without frames is empty, and still comes", () => {
    const server = new MemoryServer();
    const ann = new MemoryClient(server);
    ann.join({ player: "ann" });
    expect(ann.take()).toMatchObject([
      { type: "welcome", players: [{ index: 0, id: "ann" }], rateHz: 0 },
      { type: "batch", isFullState: true, sequence: 0, entries: [] },
    ]);
  });
});

describe("traffic", () => {
  test("[H16a] has the rates of the last second, and totals that stay", () => {
    const server = new MemoryServer();
    const bytes = encodeFrame(smallFrame(1), "json").length;
    for (let x = 0; x < 10; x++) {
      post(server, "ann", x);
      server.clock.advance(100);
    }
    const traffic = () => roomOf(server).status(server.clock.nowMs).traffic;
    const totals = { updatesTotal: 10, bytesTotal: 10 * bytes };
    const rates = { updatesPerSecond: 10, bytesPerSecond: 10 * bytes };
    expect(traffic().json.in).toEqual({ ...totals, ...rates });
    server.clock.advance(3000);
    expect(traffic().json.in).toEqual({ ...totals, updatesPerSecond: 0, bytesPerSecond: 0 });
  });
});

describe("ticks", () => {
  test("[S14] [H17] a batch holds each player's newest frame; those before it are counted", () => {
    const server = new MemoryServer();
    const [ann, bob] = ["ann", "bob"].map((id) => joinPlayer(server, id));
    ann.take();
    for (const x of [1, 2, 3]) ann.publish(x);
    bob.publish(4);
    expect(nextFrames(server, bob)).toEqual([
      [0, 3],
      [1, 4],
    ]);
    expect(roomOf(server).status(server.clock.nowMs).superseded).toEqual({
      coalesced: 2,
      withheld: 0,
      layered: 0,
    });
  });

  test("[S12] a capture time is passed on; if it is not known, the time of arrival is", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const capturedUs = Math.floor(server.clock.nowMs * 1000) - 123_456;
    ann.publish(1, capturedUs % 2 ** 32);
    server.clock.advance(40);
    const arrivalUs = server.clock.nowMs * 1000;
    ann.publish(2);
    server.clock.advance(40);
    const [known, unknown] = ann.takeAll("batch").map(({ entries }) => entries[0].captureTimeUs);
    expect(Math.abs(known - capturedUs)).toBeLessThanOrEqual(51);
    expect(Math.abs(unknown - arrivalUs)).toBeLessThanOrEqual(51);
  });

  test("[S18] up to 4 players everything goes out at once; from the fifth on at the tick", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server);
    const players = Array.from({ length: 4 }, (_, index) => joinPlayer(server, `p${index}`));
    players[0].publish(1);
    server.clock.advance(0);
    expect(watcher.takeAll("batch")).toHaveLength(1);
    const fifth = new MemoryClient(server);
    fifth.join({ player: "p5" });
    expect(fifth.takeAll("welcome")[0].rateHz).toBe(30);
    expect(watcher.takeAll("rate")).toEqual([{ type: "rate", rateHz: 30 }]);
    for (let ms = 0; ms < 1000; ms += 10) {
      for (const player of players) player.publish(ms);
      watcher.acknowledge(watcher.newestSequence);
      server.clock.advance(10);
    }
    const batches = watcher.takeAll("batch");
    expect(batches.length).toBeWithin(28, 33);
    fifth.say({ type: "leave" });
    expect(watcher.takeAll("rate")).toEqual([{ type: "rate", rateHz: 0 }]);
  });

  test("[S18a] [S18b] [S18c] when ticks come late they grow longer and publishers are told; on time they shorten", () => {
    let latenessMs = 50;
    const server = new MemoryServer({ tickLatenessMs: () => latenessMs });
    const players = Array.from({ length: 5 }, (_, index) => joinPlayer(server, `p${index}`));
    const watcher = joinSpectator(server);
    const rates: number[] = [];
    const run = (ms: number) => {
      for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 10) {
        for (const player of [...players, watcher]) player.acknowledge(player.newestSequence);
        for (const player of players) player.publish(elapsedMs);
        server.clock.advance(10);
        rates.push(...watcher.takeAll("rate").map(({ rateHz }) => rateHz));
        for (const player of players) player.inbox.splice(0, player.inbox.length - 1);
      }
    };
    run(5000);
    expect(rates.length).toBeGreaterThan(2);
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(rates.at(-1)).toBeLessThan(15);
    expect(rates.at(-1)).toBeGreaterThanOrEqual(4);
    rates.length = 0;
    latenessMs = 0;
    run(30_000);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(rates.at(-1)).toBe(30);
  });
});

describe("formats", () => {
  test("[S20] a frame that binary cannot hold is told once, until one fits again", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob", { format: "binary" });
    const told = { type: "unavailable", index: 0, path: "$.comment" } as const;
    for (const x of [1, 2]) {
      ann.send(frameMessage(jsonOnlyFrame(x)));
      server.clock.advance(40);
    }
    expect(bob.take()).toEqual([told]);
    const newcomer = new MemoryClient(server, { format: "binary" });
    newcomer.join();
    expect(newcomer.take()).toMatchObject([
      { type: "welcome" },
      told,
      { type: "batch", entries: [] },
    ]);
    expect(bob.take()).toEqual([]);
    ann.publish(3);
    server.clock.advance(40);
    expect(bob.take()).toMatchObject([{ type: "batch", entries: [{ index: 0, x: 3 }] }]);
    ann.send(frameMessage(jsonOnlyFrame(4)));
    server.clock.advance(40);
    expect(bob.take()).toEqual([told]);
  });

  test("[S20a] a newcomer before the tick learns of it once, and so does everybody else", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob", { format: "binary" });
    const told = { type: "unavailable", index: 0, path: "$.comment" } as const;
    ann.send(frameMessage(jsonOnlyFrame(1)));
    const newcomer = new MemoryClient(server, { format: "binary" });
    newcomer.join();
    server.clock.advance(40);
    expect(newcomer.takeAll("unavailable")).toEqual([told]);
    expect(bob.takeAll("unavailable")).toEqual([told]);
  });

  test("[S20] it is told again of a player that has left and comes again", () => {
    const server = new MemoryServer();
    const options = { room: DEFAULT_ROOM };
    const watcher = joinSpectator(server, { ...options, format: "binary" });
    for (const round of [1, 2]) {
      const ann = joinPlayer(server, "player1", options);
      if (round === 1) ann.send(frameMessage(jsonOnlyFrame(1)));
      server.clock.advance(40);
      expect(watcher.takeAll("unavailable")).toHaveLength(1);
      ann.say({ type: "leave" });
    }
  });

  test("[S21] POST and stream share a room in both directions", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    post(server, "bob", 1);
    expect(nextFrames(server, ann)).toEqual([[1, 1]]);
    ann.publish(2);
    const { frame, source } = server.hub.player(ROOM, "ann")!;
    expect(source).toBe("stream");
    expect(new TextDecoder().decode(frame.encode("json"))).toContain('"x":2');
  });

  test("[10] [S7] POST, DELETE and PUT of the info are refused while a client has the player", () => {
    const server = new MemoryServer();
    const { hub, clock } = server;
    const ann = joinPlayer(server, "ann");
    const others = [
      () => post(server, "ann", 1),
      () => hub.removePlayer(ROOM, "ann", clock.nowMs),
      () => hub.setInfo(ROOM, "ann", { displayName: "not Ann" }, clock.nowMs),
    ];
    const expectRefused = () => {
      for (const change of others) expect(change).toThrow(/client owns player ann/);
    };
    expectRefused();
    expect(hub.player(ROOM, "ann")?.info).toEqual({});
    expect(ann.closedWith).toBeUndefined();
    // Nor while its client may still come back.
    ann.kill();
    clock.advance(5000);
    expectRefused();
    clock.advance(6000);
    for (const change of others) expect(change).not.toThrow();
  });

  test("[S21] an application that removes a player closes its client, and resets the slot", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "player1", { room: DEFAULT_ROOM });
    const watcher = joinSpectator(server, { room: DEFAULT_ROOM });
    ann.publish(1);
    server.hub.expelPlayer(DEFAULT_ROOM, "player1", server.clock.nowMs);
    expectClosed(ann, CloseCode.Removed);
    server.clock.advance(20_000);
    expect(watcher.takeAll("left")).toEqual([{ type: "left", index: 0, id: "player1" }]);
    expect(server.hub.player(DEFAULT_ROOM, "player1")).toMatchObject({ source: null, index: -1 });
  });
});

describe("the stream format", () => {
  const options = { room: DEFAULT_ROOM, format: "stream" } as const;

  test("[S14e] [S14f] revisions follow numbers, and are told where they do not", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann", { format: "stream" });
    const keepers = STREAM_FORMATS.map((format) => new Keeper(server, { format }));
    for (const keeper of keepers) keeper.join();
    /** Of each format, the [number, revision, isKey] of the frames that have come. */
    const told = () =>
      keepers.map((keeper) => {
        return keeper.batches.splice(0).flatMap((bytes) => {
          const batch = new BatchReader(bytes);
          const frames: [number: number, revision: number | null, isKey: boolean][] = [];
          while (batch.next()) {
            if (batch.kind !== EntryKind.Frame) continue;
            frames.push([batch.frame.number, batch.revision, batch.frame.isKey]);
          }
          return frames;
        });
      });
    const capturedUs = Math.floor(server.clock.nowMs * 1000) % 2 ** 32;
    // The last of them is due to be a keyframe: its number is the next multiple of 4.
    for (const [x, us] of [
      [1, 0],
      [2, 30_000],
      [3, 2_100_000],
    ]) {
      ann.publish(x, capturedUs + us);
      for (const pauseMs of us === 30_000 ? [30, 2040] : [30]) {
        server.clock.advance(pauseMs);
        for (const keeper of keepers) keeper.acknowledge(keeper.newestSequence);
      }
    }
    const [json, binary, stream] = told();
    expect(stream).toEqual([
      [0, 1, true],
      [1, null, false],
      [4, 3, true],
    ]);
    expect(json).toEqual([1, 2, 3].map((revision) => [revision, revision, true]));
    expect(binary).toEqual(json);
    for (const x of [1, 2]) {
      post(server, "bob", x);
      server.clock.advance(30);
      for (const keeper of keepers) keeper.acknowledge(keeper.newestSequence);
    }
    expect(told()[2]).toEqual([
      [0, 1, true],
      [1, 2, false],
    ]);
  });

  test("[S30a] a publisher's jumps are counted for receivers of every format", () => {
    for (const from of STREAM_FORMATS) {
      const server = new MemoryServer();
      const ann = joinPlayer(server, "ann", { format: from });
      const keepers = STREAM_FORMATS.map((format) => new Keeper(server, { format }));
      for (const keeper of keepers) keeper.join();
      const publisher = new FramePublisher(from);
      for (const teleports of [0, 1, 3]) {
        for (const message of publisher.messages(smallFrame(teleports))) {
          // A frame's bits 6 and 7.
          if (message[0] % 16 === 2) message[0] |= teleports << 6;
          ann.send(message);
        }
        server.clock.advance(40);
        for (const { batches } of keepers) {
          const batch = new BatchReader(batches.at(-1)!);
          while (batch.next());
          expect(batch.frame.teleports).toBe(teleports);
        }
      }
    }
    const server = new MemoryServer();
    const keeper = new Keeper(server, { format: "binary" });
    keeper.join();
    post(server, "bob", 1);
    server.clock.advance(40);
    const batch = new BatchReader(keeper.batches.at(-1)!);
    expect([batch.next(), batch.frame.teleports]).toEqual([true, 0]);
  });

  test("[S33] a skeleton's content id is the first 8 bytes of SHA-256 of its payload", () => {
    const server = new MemoryServer();
    const keeper = new Keeper(server, { format: "stream" });
    keeper.join();
    post(server, "ann", 1);
    server.clock.advance(40);
    const batch = new BatchReader(keeper.batches.at(-1)!);
    batch.next();
    const hash = new Bun.CryptoHasher("sha256").update(batch.payload).digest("hex");
    expect(skeletonIdText(batch.skeletonId)).toBe(hash.slice(0, 16));
  });

  test("[S27a] what the server encodes has the default precision, and its first frame as the rest", () => {
    const server = new MemoryServer();
    const watcher = new Keeper(server, { format: "stream" });
    watcher.join();
    for (const weight of [0.5, 90]) {
      watcher.batches.length = 0;
      const frame = { ...smallFrame(3), blendShapes: [{ name: "jawOpen", weight }] };
      const { nowMs } = server.clock;
      const bytes = encodeFrame(frame, "json");
      server.hub.publish(ROOM, "ann", { format: "json", bytes, source: "http", nowMs });
      server.clock.advance(40);
      const batch = new BatchReader(watcher.batches[0]);
      batch.next();
      expect(batch.kind).toBe(EntryKind.Skeleton);
      const skeleton = skeletonOf(frame);
      const expected = createStreamSkeleton(skeleton, poseOf(frame, createPose(skeleton)), {
        errorMetres: 0.02,
        // [E36] Twice the weight, in 1023 steps of 255.
        weightScale: weight === 0.5 ? 1 : (2 * weight * 255) / 1023,
      });
      expect(decodeSkeleton(batch.payload)).toEqual(expected);
    }
  });

  test("[S27] a fast publisher of JSON is sent every tick: ticks have taken the rest away already", () => {
    const server = new MemoryServer();
    const players = Array.from({ length: 5 }, (_, index) => joinPlayer(server, `p${index}`));
    const watcher = joinSpectator(server, { format: "stream" });
    for (let frame = 1; frame <= 90; frame++) {
      players[0].publish(frame / 100);
      for (const client of [...players, watcher]) client.acknowledge(client.newestSequence);
      server.clock.advance(1000 / 90);
    }
    const entries = watcher.takeAll("batch").flatMap((batch) => batch.entries);
    expect(entries.length).toBeWithin(28, 33);
    expect(roomOf(server).status(server.clock.nowMs).superseded.layered).toBe(0);
  });

  for (const [what, show] of [
    ["streamed", (ann: MemoryClient) => ann.publish(3)],
    ["posted", (_: MemoryClient, server: MemoryServer) => post(server, "player1", 3, DEFAULT_ROOM)],
  ] as const) {
    test(`[S24e] [S26] a slot that comes back with its last ${what} frame shows it to those who are there`, () => {
      const server = new MemoryServer();
      const watcher = joinSpectator(server, options);
      const first = joinPlayer(server, "player1", options);
      if (what === "posted") first.say({ type: "leave" });
      show(first, server);
      server.clock.advance(40);
      expect(watcher.takeAll("batch").map(({ entries }) => entries[0].x)).toEqual([3]);
      if (what === "posted") joinPlayer(server, "player1", options).say({ type: "leave" });
      else first.say({ type: "leave" });
      joinPlayer(server, "player1", options);
      server.clock.advance(40);
      expect(watcher.takeAll("batch").map(({ entries }) => entries[0].x)).toEqual([3]);
    });
  }

  test("[S24e] [S26] a POST to a slot that has left is decoded by those who saw it leave", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server, options);
    for (const x of [1, 2, 3]) {
      post(server, "player1", x, DEFAULT_ROOM);
      server.clock.advance(40);
      // Perhaps after the layer-0 frame that it refers to.
      expect(watcher.takeAll("batch").map(({ entries }) => entries.at(-1)?.x)).toEqual([x]);
      // A client comes and goes, and takes the presence with it.
      joinPlayer(server, "player1", { room: DEFAULT_ROOM }).say({ type: "leave" });
    }
  });

  test("[S12] if a publisher does not know its capture time, the time of arrival is used", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann", { format: "stream" });
    const arrivalUs = server.clock.nowMs * 1000;
    const capturedUs = Math.floor(arrivalUs) - 5_000;
    ann.publish(1);
    ann.publish(2, capturedUs % 2 ** 32);
    server.clock.advance(40);
    const [batch] = ann.takeAll("batch");
    const [unknown, known] = batch.entries.map(({ captureTimeUs }) => captureTimeUs);
    expect(Math.abs(unknown - arrivalUs)).toBeLessThanOrEqual(51);
    expect(Math.abs(known - capturedUs)).toBeLessThanOrEqual(51);
  });

  for (const [hz, share] of [
    [30, 1],
    [60, 2],
    [90, 4],
  ] as const) {
    test(`[S24c] of ${hz} frames a second, ticks of 30 Hz carry one of ${share}`, () => {
      const server = new MemoryServer();
      const players = Array.from({ length: 5 }, (_, index) =>
        joinPlayer(server, `p${index}`, { format: "stream" }),
      );
      const watcher = joinSpectator(server, { format: "stream" });
      const entries = [];
      for (let frame = 0; frame < 4 * hz; frame++) {
        players[0].publish(frame / 100);
        for (const client of [...players, watcher]) client.acknowledge(client.newestSequence);
        server.clock.advance(1000 / hz);
        // In the first second nobody knows its rate yet.
        const batches = watcher.takeAll("batch");
        if (frame >= 2 * hz) entries.push(...batches.flatMap((batch) => batch.entries));
      }
      expect(entries.every(({ isLost }) => !isLost)).toBe(true);
      expect(entries.length).toBeWithin((2 * hz) / share - 3, (2 * hz) / share + 4);
    });
  }

  for (const [what, format] of [
    ["streams", "stream"],
    ["publishes JSON", "json"],
  ] as const) {
    test(`[S24d] when somebody who ${what} pauses, everybody shows the last frame, whatever their layers`, () => {
      const server = new MemoryServer();
      const ann = joinPlayer(server, "ann", { format });
      const watchers = [1, 2, 3].map((layers) => {
        const watcher = new MemoryClient(server, { format: "stream" });
        watcher.join({ layers });
        return watcher;
      });
      const newest = () =>
        watchers.map((watcher) => {
          const entries = watcher.takeAll("batch").flatMap((batch) => batch.entries);
          for (const { isLost } of entries) expect(isLost).toBe(false);
          return entries.findLast(({ isOld }) => !isOld)?.x;
        });
      for (let last = 1; last <= 8; last++) {
        for (let frame = 1; frame <= last; frame++) {
          ann.publish(last + frame / 100);
          server.clock.advance(20);
          for (const client of [ann, ...watchers]) client.acknowledge(client.newestSequence);
        }
        const atOnce = newest();
        expect(atOnce.at(-1)).toBe(last + last / 100);
        server.clock.advance(2100);
        const later = newest();
        expect(atOnce.map((x, index) => later[index] ?? x)).toEqual(
          watchers.map(() => last + last / 100),
        );
        // Nothing is left to say.
        server.clock.advance(5000);
        expect(newest()).toEqual([undefined, undefined, undefined]);
        for (const client of [ann, ...watchers]) client.acknowledge(client.newestSequence);
      }
    });
  }

  test("[S24d] ticks that leave layers out send the last frame when its publisher pauses", () => {
    const server = new MemoryServer();
    const players = Array.from({ length: 5 }, (_, index) =>
      joinPlayer(server, `p${index}`, { format: "stream" }),
    );
    const watcher = joinSpectator(server, { format: "stream" });
    for (let frame = 1; frame <= 183; frame++) {
      players[0].publish(frame / 100);
      for (const client of [...players, watcher]) client.acknowledge(client.newestSequence);
      server.clock.advance(1000 / 90);
    }
    server.clock.advance(100);
    const xs = () => watcher.takeAll("batch").flatMap(({ entries }) => entries.map(({ x }) => x));
    expect(xs().at(-1)).toBeLessThan(1.83);
    server.clock.advance(2100);
    expect(xs().at(-1)).toBe(1.83);
  });

  test("[H17b] [S25] a receiver that is nearly behind gets fewer layers, and more when it is not", () => {
    const server = new MemoryServer();
    const players = Array.from({ length: 5 }, (_, index) =>
      joinPlayer(server, `p${index}`, { format: "stream" }),
    );
    const watcher = joinSpectator(server, { format: "stream" });
    /** Frames of one publisher for two and a half seconds, acknowledged so late: how many came. */
    const show = (ackAfterMs: number) => {
      for (let frame = 0; frame < 75; frame++) {
        players[0].publish(frame / 100);
        for (const client of players) client.acknowledge(client.newestSequence);
        const sequence = watcher.newestSequence;
        server.clock.after(ackAfterMs, () => watcher.acknowledge(sequence));
        server.clock.advance(1000 / 30);
      }
      return watcher.takeAll("batch").flatMap(({ entries }) => entries).length;
    };
    expect(show(0)).toBeWithin(72, 78);
    // Its quickest took a tick, 33 ms: from 233 ms on it is nearly behind, from 283 ms on it is behind.
    const layered = () => roomOf(server).status(server.clock.nowMs).superseded.layered;
    const before = layered();
    expect(show(240)).toBeWithin(17, 30);
    expect(layered() - before).toBeWithin(45, 58);
    expect(roomOf(server).status(server.clock.nowMs).superseded.withheld).toBe(0);
    show(0);
    show(0);
    expect(show(0)).toBeWithin(72, 78);
  });

  test("[S27] a player of another format goes any distance, and no frame is missed", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server, { format: "stream" });
    const seen: Received[] = [];
    for (const x of [1, 2, 900, 5000, 5001, -40_000, -40_001]) {
      post(server, "ann", x);
      server.clock.advance(40);
      seen.push(...watcher.take());
      expect(seen.findLast(({ type }) => type === "batch")).toMatchObject({ entries: [{ x }] });
    }
    expect(seen.filter(({ type }) => type === "unavailable")).toEqual([]);
  });

  test("[S27] a player may go from one format to another and back", () => {
    const server = new MemoryServer();
    const watchers = STREAM_FORMATS.map((format) => joinSpectator(server, { ...options, format }));
    const seen = () => {
      server.clock.advance(40);
      const all = watchers.map((watcher) => watcher.takeAll("batch").at(-1)?.entries.at(-1)?.x);
      return new Set(all);
    };
    let x = 0;
    for (const format of ["stream", "json", "stream", "binary", "stream"] as const) {
      const ann = joinPlayer(server, "player1", { ...options, format });
      for (let frame = 0; frame < 3; frame++) {
        ann.publish(++x);
        expect(seen()).toEqual(new Set([x]));
      }
      ann.say({ type: "leave" });
      post(server, "player1", ++x, DEFAULT_ROOM);
      expect(seen()).toEqual(new Set([x]));
    }
  });

  test("[S23] a connection that begins without a skeleton is closed, another one's before it or not", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "player1", { room: DEFAULT_ROOM, format: "stream" });
    ann.publish(1);
    ann.say({ type: "leave" });
    const bob = joinPlayer(server, "player1", { room: DEFAULT_ROOM, format: "stream" });
    bob.send(frameMessage(new Uint8Array(0)));
    expectClosed(bob, CloseCode.BadMessage);
    expect(bob.closedWith?.reason).toContain("skeleton");
  });

  test("[S23a] a session may come back in another format, and everybody follows", () => {
    const server = new MemoryServer();
    const watchers = STREAM_FORMATS.map((format) => joinSpectator(server, { format }));
    let resumeKey: string | null = null;
    let x = 0;
    for (const format of ["json", "stream", "binary", "stream", "json"] as const) {
      const ann = new MemoryClient(server, { format });
      ann.join(resumeKey === null ? { player: "ann" } : { player: "ann", resumeKey });
      resumeKey = ann.takeAll("welcome")[0].resumeKey;
      for (let frame = 0; frame < 3; frame++) {
        ann.publish(++x);
        server.clock.advance(40);
        for (const watcher of watchers) {
          expect(watcher.takeAll("batch").at(-1)?.entries.at(-1)?.x).toBe(x);
        }
      }
    }
  });

  test("[S27] who joins while a frame does not fit decodes the next one that does", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann");
    const watcher = joinSpectator(server, { format: "stream" });
    ann.publish(1);
    server.clock.advance(40);
    ann.send(frameMessage(jsonOnlyFrame(2)));
    server.clock.advance(40);
    const newcomer = joinSpectator(server, { format: "stream" });
    ann.publish(3);
    server.clock.advance(40);
    for (const client of [watcher, newcomer]) {
      expect(client.takeAll("batch").at(-1)?.entries).toMatchObject([{ x: 3 }]);
    }
  });

  test("[S23] a stream that has begun again shows nothing until its first frame", () => {
    const server = new MemoryServer();
    const watcher = joinSpectator(server, options);
    const ann = joinPlayer(server, "player1", options);
    ann.publish(1);
    ann.publish(2);
    const [skeleton] = new FramePublisher("stream").messages({ ...smallFrame(), bones: [] });
    ann.send(skeleton);
    server.clock.advance(40);
    expect(watcher.takeAll("batch").at(-1)?.entries.at(-1)).toMatchObject({ x: 2 });
    const newcomer = new MemoryClient(server, options);
    newcomer.join();
    expect(newcomer.takeAll("unavailable")).toEqual([]);
    expect(server.hub.player(DEFAULT_ROOM, "player1")!.frame.summary.bones).toBe(2);
  });
});

describe("bounds", () => {
  const status = (server: MemoryServer) => roomOf(server).status(server.clock.nowMs).players[0];

  for (const format of ["json", "binary"] as const) {
    test(`[S28] [S28a] 1,200 ${format} frames at once are taken, then 240 a second; the rest is dropped`, () => {
      const server = new MemoryServer();
      const ann = joinPlayer(server, "ann", { format });
      for (let x = 1; x <= 1300; x++) ann.publish(x);
      expect(status(server)).toMatchObject({ revision: 1200, framesRejected: 100 });
      expect(status(server).lastRejected).toMatchObject({
        code: "too_fast",
        message: "more than 240 frames a second",
      });
      server.clock.advance(1000);
      for (let x = 1; x <= 300; x++) ann.publish(x);
      expect(status(server)).toMatchObject({ revision: 1440, framesRejected: 160 });
      // What is dropped is no traffic.
      expect(roomOf(server).status(server.clock.nowMs).traffic[format].in.updatesTotal).toBe(1440);
      expect(ann.closedWith).toBeUndefined();
    });
  }

  test("[S28b] a stream that comes too fast is closed, its skeletons counted", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann", { format: "stream" });
    // A skeleton and 1,199 frames.
    for (let x = 1; x <= 1199; x++) ann.publish(x % 100);
    expect(ann.closedWith).toBeUndefined();
    ann.publish(0);
    expectClosed(ann, CloseCode.TooFast);
    expect(status(server)).toMatchObject({
      revision: 1199,
      framesRejected: 1,
      lastRejected: { code: "too_fast" },
    });
    const bob = joinPlayer(server, "bob", { format: "stream" });
    const skeleton = skeletonOf(smallFrame());
    const rest = poseOf(smallFrame(), createPose(skeleton));
    const publication = new StreamPublication();
    publication.encode(skeleton, rest, { captureTimeUs: null });
    for (let count = 0; count <= 1200; count++) bob.send(publication.opening!.slice());
    expectClosed(bob, CloseCode.TooFast);
  });

  test("[S28] a publisher of 120 Hz that was held up for 10 s continues", () => {
    const server = new MemoryServer();
    const ann = joinPlayer(server, "ann", { format: "stream" });
    server.clock.advance(9_900);
    for (let x = 1; x <= 9.9 * 120; x++) ann.publish(x % 100);
    for (let x = 1; x <= 2000; x++) {
      server.clock.advance(1000 / 120);
      ann.publish(x % 100);
      ann.acknowledge(ann.newestSequence);
    }
    expect(ann.closedWith).toBeUndefined();
  });

  test("[S1b] a room takes n connections and players, and others are told that it is full", () => {
    const server = new MemoryServer({ playersMax: 2, connectionsMax: 3 });
    joinPlayer(server, "ann");
    const bob = joinPlayer(server, "bob");
    const third = new MemoryClient(server);
    third.join({ player: "cay" });
    expectClosed(third, CloseCode.Full);
    joinSpectator(server);
    const fourth = new MemoryClient(server);
    fourth.join();
    expectClosed(fourth, CloseCode.Full);
    bob.say({ type: "leave" });
    expect(joinPlayer(server, "cay").closedWith).toBeUndefined();
  });

  test("[S7a] in a full room a session may change its connection", () => {
    const server = new MemoryServer({ connectionsMax: 2 });
    const ann = new MemoryClient(server);
    ann.join({ player: "ann" });
    const [{ resumeKey }] = ann.takeAll("welcome");
    joinSpectator(server);
    const again = new MemoryClient(server);
    again.join({ player: "ann", resumeKey: resumeKey! });
    expect(again.takeAll("welcome")).toMatchObject([{ resumed: true }]);
    expectClosed(ann, CloseCode.Replaced);
    expect(roomOf(server).connectionCount).toBe(2);
  });

  test("[S5a] of several faults of a join the first in order is told", () => {
    const server = new MemoryServer({ roomsMax: 2, connectionsMax: 2, playersMax: 2 });
    const bad = { displayName: 5 };
    const codeOf = (request: { player?: string; info?: unknown }, room = ROOM) => {
      const client = new MemoryClient(server, { room });
      client.join(request);
      const code = client.closedWith?.code;
      client.kill();
      return code;
    };
    const ann = joinPlayer(server, "ann");
    post(server, "posted", 1);
    const watcher = joinSpectator(server);
    expect(codeOf({ player: "a b", info: bad }, "elsewhere")).toBe(CloseCode.BadMessage);
    // Rooms `default` and this one.
    expect(codeOf({ player: "bob", info: bad }, "elsewhere")).toBe(CloseCode.Full);
    expect(codeOf({ player: "ann", info: bad })).toBe(CloseCode.Full);
    watcher.kill();
    expect(codeOf({ player: "ann", info: bad })).toBe(CloseCode.BadMessage);
    expect(codeOf({ player: "ann" })).toBe(CloseCode.PlayerTaken);
    expect(codeOf({ player: "bob" })).toBe(CloseCode.Full);
    expect(ann.closedWith).toBeUndefined();
  });

  test("a room over the bound is refused, and one that was refused leaves nothing behind", () => {
    const server = new MemoryServer({ roomsMax: 2 });
    joinPlayer(server, "ann", { room: "a" });
    const refused = new MemoryClient(server, { room: "b" });
    refused.join();
    expectClosed(refused, CloseCode.Full);
    expect(server.hub.roomCount).toBe(2);
  });

  test("a room with a connection in it stays; ten minutes after the last it is gone", () => {
    const server = new MemoryServer();
    const { watcher, stop } = keptAlive(server, joinPlayer(server, "ann"));
    server.clock.advance(3_600_000);
    expect(roomOf(server)).toBeDefined();
    stop();
    watcher.say({ type: "leave" });
    server.clock.advance(599_000);
    expect(roomOf(server)).toBeDefined();
    server.clock.advance(2000);
    expect(roomOf(server)).toBeUndefined();
    expect(server.receiverCounts.size).toBe(0);
  });

  test("when everybody is gone, nothing of them is left", () => {
    const server = new MemoryServer();
    for (let round = 0; round < 3; round++) {
      const clients = Array.from({ length: 20 }, (_, index) => joinPlayer(server, `p${index}`));
      for (const client of clients) client.publish(round);
      server.clock.advance(40);
      for (const client of clients.slice(0, 10)) client.kill();
      for (const client of clients.slice(10)) client.say({ type: "leave" });
      server.clock.advance(11_000);
      expect(roomOf(server).playerCount).toBe(0);
      expect(roomOf(server).connectionCount).toBe(0);
      expect(server.peers.count).toBe(0);
      expect(server.receiverCounts.size).toBe(0);
    }
    server.clock.advance(60_000);
    expect(joinPlayer(server, "again").closedWith).toBeUndefined();
    expect(server.hub.player(ROOM, "again")!.index).toBe(0);
  });
});

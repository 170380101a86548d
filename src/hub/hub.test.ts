import { describe, expect, test } from "bun:test";
import { smallFrame } from "../../test/frames.ts";
import { DecodeError, encodeBinary, encodeJson } from "../codec/index.ts";
import type { Connection } from "./connections/connection.ts";
import { HubError } from "./errors.ts";
import { DEFAULT_ROOM, Hub } from "./hub.ts";
import type { HubHost, HubOptions } from "./hub.ts";
import { STALE_AFTER_MS } from "./players/player.ts";

const START_MS = 1_000_000;
const SPECTATOR = { type: "join" } as const;
const HOST: HubHost = {
  broadcaster: { broadcast() {} },
  createResumeKey: () => "key",
  scheduleTick() {},
};
const hubWith = (options: Partial<HubOptions> = {}) => new Hub(options, HOST, START_MS);

function post(hub: Hub, room: string, player: string, nowMs = START_MS, x = 1) {
  const bytes = encodeJson(smallFrame(x));
  return hub.publish(room, player, { format: "json", bytes, source: "http", nowMs }).player.frame;
}

function postBad(hub: Hub, room: string, player: string) {
  const bytes = new TextEncoder().encode('{"bones":5}');
  return hub.publish(room, player, { format: "json", bytes, source: "http", nowMs: START_MS });
}

const rootXOf = (bytes: Uint8Array) =>
  (JSON.parse(new TextDecoder().decode(bytes)) as ReturnType<typeof smallFrame>).rootTransform
    .worldPosition.x;

describe("slots", () => {
  test("[H1] the original's two slots are there before anybody posts, with the identity frame", () => {
    const hub = hubWith();
    for (const id of ["player1", "player2"]) {
      expect(hub.player(DEFAULT_ROOM, id)?.status(START_MS)).toMatchObject({
        state: "empty",
        revision: 0,
        bones: 0,
      });
    }
    expect(hub.player(DEFAULT_ROOM, "player3")).toBeUndefined();
  });

  test("[H2a] each post counts the revision up and is stamped with its time", () => {
    const hub = hubWith();
    expect(post(hub, DEFAULT_ROOM, "player1").revision).toBe(1);
    const frame = post(hub, DEFAULT_ROOM, "player1", START_MS + 500);
    expect(frame.revision).toBe(2);
    expect(new TextDecoder().decode(frame.encode("json"))).toContain('"server_timestamp":1000.5}');
  });

  test("a frame is transcoded once, and only when somebody asks", () => {
    const hub = hubWith();
    const frame = post(hub, DEFAULT_ROOM, "player1");
    const binary = frame.encode("binary");
    expect(frame.encode("binary")).toBe(binary);
    expect(binary).toEqual(encodeBinary({ ...smallFrame(), server_timestamp: START_MS / 1000 }));
  });

  test("a frame that does not decode leaves the slot as it was", () => {
    const hub = hubWith();
    post(hub, DEFAULT_ROOM, "player1");
    expect(() => postBad(hub, DEFAULT_ROOM, "player1")).toThrow(DecodeError);
    const player = hub.player(DEFAULT_ROOM, "player1")!;
    expect(player.status(START_MS).revision).toBe(1);
    expect(rootXOf(player.frame.encode("json"))).toBe(1);
  });

  test("a slot without frames for ten seconds is stale and keeps its frame", () => {
    const hub = hubWith();
    post(hub, DEFAULT_ROOM, "player1");
    const player = hub.player(DEFAULT_ROOM, "player1")!;
    expect(player.status(START_MS + STALE_AFTER_MS).state).toBe("live");
    expect(player.status(START_MS + STALE_AFTER_MS + 1).state).toBe("stale");
    expect(rootXOf(player.frame.encode("json"))).toBe(1);
  });
});

describe("rooms", () => {
  test("a room and a player come with the first write, and bad input makes neither", () => {
    const hub = hubWith();
    expect(() => postBad(hub, "lobby", "ann")).toThrow(DecodeError);
    expect(hub.room("lobby")).toBeUndefined();
    post(hub, "lobby", "ann");
    expect(() => postBad(hub, "lobby", "bob")).toThrow(DecodeError);
    expect(hub.room("lobby")?.playerCount).toBe(1);
  });

  test("ids outside the alphabet are refused", () => {
    const hub = hubWith();
    for (const id of ["", "a b", "a/b", "é", "x".repeat(65), "__proto__."]) {
      expect(() => post(hub, "lobby", id)).toThrow(HubError);
      expect(() => post(hub, id, "ann")).toThrow(HubError);
    }
    post(hub, "__proto__", "constructor");
    expect(hub.player("__proto__", "constructor")).toBeDefined();
  });

  test("[20] [H10b] a spectator makes no room, and sees who writes to it first", () => {
    const sent: unknown[] = [];
    const broadcaster = { broadcast: (_: string, data: unknown) => void sent.push(data) };
    const host: HubHost = { ...HOST, broadcaster };
    const hub = new Hub({ roomIdleMs: 0 }, host, START_MS);
    const connection: Connection = {
      format: "json",
      send() {},
      subscribe() {},
      unsubscribe() {},
      ping() {},
      close() {},
    };
    const { room, member } = hub.join("lab", connection, SPECTATOR, START_MS);
    expect(hub.room("lab")).toBeUndefined();
    expect([hub.roomCount, hub.status(START_MS).traffic.json.connections]).toEqual([1, 1]);
    hub.sweep(START_MS + 1);
    expect(() => postBad(hub, "lab", "ann")).toThrow(DecodeError);
    expect(hub.room("lab")).toBeUndefined();

    post(hub, "lab", "ann");
    expect(hub.room("lab")).toBe(room);
    expect(sent.some((data) => typeof data === "string" && data.includes('"ann"'))).toBe(true);

    // A room that was only looked at is gone with its last spectator.
    const other = hub.join("other", connection, SPECTATOR, START_MS);
    other.room.disconnect(other.member, START_MS);
    room.disconnect(member, START_MS);
    hub.sweep(START_MS + 3);
    expect(hub.status(START_MS + 3).traffic.json.connections).toBe(0);
    expect(hub.room("other")).toBeUndefined();
  });

  test("[H10] rooms and players a room are bounded", () => {
    const hub = hubWith({ roomsMax: 2, playersMax: 2 });
    post(hub, "a", "1");
    post(hub, "a", "2");
    expect(() => post(hub, "a", "3")).toThrow("2 players");
    expect(() => post(hub, "b", "1")).toThrow("2 rooms");
    expect(hub.roomCount).toBe(2);
    post(hub, "a", "1");
  });

  test("[H10a] a room that nobody writes to for ten minutes is disposed of; default never is", () => {
    const hub = hubWith();
    post(hub, "lobby", "ann");
    hub.sweep(START_MS + 599_999);
    expect(hub.room("lobby")).toBeDefined();
    hub.sweep(START_MS + 600_000);
    expect(hub.room("lobby")).toBeUndefined();
    expect(hub.room(DEFAULT_ROOM)).toBeDefined();
  });

  test("[H11d] an info makes a player, who is not present before its first frame", () => {
    const hub = hubWith();
    hub.setInfo("lobby", "ann", { displayName: "Ann" }, START_MS);
    expect(hub.player("lobby", "ann")?.isPresent).toBe(false);
    expect(hub.player("lobby", "ann")?.info).toEqual({ displayName: "Ann" });
    post(hub, "lobby", "ann");
    expect(hub.player("lobby", "ann")?.isPresent).toBe(true);
  });

  test("removing resets a fixed slot and removes any other", () => {
    const hub = hubWith();
    post(hub, DEFAULT_ROOM, "player1");
    post(hub, DEFAULT_ROOM, "ann");
    expect(hub.removePlayer(DEFAULT_ROOM, "player1", START_MS)).toBe(true);
    expect(hub.removePlayer(DEFAULT_ROOM, "ann", START_MS)).toBe(true);
    expect(hub.removePlayer(DEFAULT_ROOM, "ann", START_MS)).toBe(false);
    expect(hub.player(DEFAULT_ROOM, "player1")?.status(START_MS).state).toBe("empty");
    expect(hub.player(DEFAULT_ROOM, "ann")).toBeUndefined();
  });

  test("[H2b] a name that is taken again never repeats a revision", () => {
    const hub = hubWith();
    for (let count = 0; count < 5; count++) post(hub, "lobby", "ann");
    hub.removePlayer("lobby", "ann", START_MS);
    expect(post(hub, "lobby", "ann").revision).toBe(6);
    hub.sweep(START_MS + 600_000);
    expect(post(hub, "lobby", "ann").revision).toBe(7);
    hub.removePlayer(DEFAULT_ROOM, "player1", START_MS);
    expect(hub.player(DEFAULT_ROOM, "player1")?.frame.revision).toBe(1);
  });
});

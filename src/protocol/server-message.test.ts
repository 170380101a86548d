import { expect, test } from "bun:test";
import fc from "fast-check";
import { ProtocolError } from "./errors.ts";
import { decodeServerMessage } from "./server-message.ts";
import type { ServerMessage } from "./server-message.ts";

const ALICE = { index: 0, id: "alice", info: { displayName: "Alice" } };

const MESSAGES: readonly ServerMessage[] = [
  {
    type: "welcome",
    room: "lobby",
    player: ALICE,
    resumeKey: "key",
    resumed: false,
    players: [ALICE],
    rateHz: 30,
    serverTimeUs: 1,
  },
  { type: "players", players: [ALICE, { index: 1, id: "bob" }] },
  { type: "presence", joined: [{ index: 2, id: "carol" }], left: [{ index: 1, id: "bob" }] },
  { type: "joined", player: ALICE },
  { type: "left", index: 0, id: "alice" },
  { type: "info", index: 0, info: {} },
  { type: "message", from: "alice", body: null },
  { type: "rate", rateHz: 0 },
  { type: "pong", id: 1, serverTimeUs: 1 },
  { type: "unavailable", index: 0, path: "$" },
  { type: "error", code: "rate_limited", message: "" },
];

test("every message is read, with fields of a later version", () => {
  for (const message of MESSAGES) {
    expect(decodeServerMessage(JSON.stringify({ ...message, later: 1 }))).toMatchObject(message);
  }
});

test("[S3] a type of a later version is ignored", () => {
  for (const type of ["weather", "__proto__", "toString", 1, null]) {
    expect(decodeServerMessage(JSON.stringify({ type }))).toBeUndefined();
  }
});

test("a welcome to a full room, far longer than any client's message, is read", () => {
  const players = Array.from({ length: 500 }, (_, index) => ({
    index,
    id: `player-${index}`,
    info: { avatarUrl: "x".repeat(4000) },
  }));
  const welcome = { ...MESSAGES[0], players };
  expect(decodeServerMessage(JSON.stringify(welcome))).toEqual(welcome as ServerMessage);
});

test("a spectator's welcome names no player", () => {
  const welcome = { ...MESSAGES[0], player: null, resumeKey: null };
  expect(decodeServerMessage(JSON.stringify(welcome))).toEqual(welcome as ServerMessage);
});

test("what is not a JSON object is refused", () => {
  for (const text of ["", "[]", "1", "null", "nonsense"]) {
    expect(() => decodeServerMessage(text)).toThrow(ProtocolError);
  }
});

test("a wrong field is named", () => {
  for (const [text, place] of [
    ['{"type":"rate","rateHz":"30"}', "$.rateHz"],
    ['{"type":"left","index":1e999,"id":"a"}', "$.index"],
    ['{"type":"joined","player":{"index":0,"id":"a"}}', "$.player.info"],
    ['{"type":"joined","player":null}', "$.player"],
    ['{"type":"players","players":[{"index":0,"id":"a","info":1}]}', "$.players[0].info"],
    ['{"type":"presence","joined":[],"left":[{"index":0}]}', "$.left[0].id"],
    ['{"type":"info","index":1,"info":[]}', "$.info"],
    [JSON.stringify({ ...MESSAGES[0], players: [ALICE, {}] }), "$.players[1].index"],
    [JSON.stringify({ ...MESSAGES[0], player: "alice" }), "$.player"],
    [JSON.stringify({ ...MESSAGES[0], player: undefined }), "$.player"],
    [JSON.stringify({ ...MESSAGES[0], resumeKey: 5 }), "$.resumeKey"],
  ]) {
    expect(() => decodeServerMessage(text)).toThrow(`${place}: expected`);
  }
});

test("whatever comes, only a ProtocolError escapes", () => {
  const anyMessage = fc.tuple(
    fc.constantFrom(...MESSAGES),
    fc.dictionary(fc.string(), fc.jsonValue()),
  );
  const anyText = fc.oneof(
    fc.string(),
    fc.json(),
    anyMessage.map(([message, changes]) => JSON.stringify({ ...message, ...changes })),
    fc
      .tuple(fc.constantFrom(...MESSAGES), fc.nat(), fc.jsonValue())
      .map(([message, which, value]) => {
        const fields = Object.keys(message).slice(1);
        return JSON.stringify({ ...message, [fields[which % fields.length]]: value });
      }),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      try {
        decodeServerMessage(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

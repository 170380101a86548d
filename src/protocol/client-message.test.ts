import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CloseCode } from "./close-codes.ts";
import { CLIENT_MESSAGE_LENGTH_MAX, decodeClientMessage } from "./client-message.ts";
import { ProtocolError } from "./errors.ts";
import { skeletonIdText } from "./skeleton-id.ts";

/** What a decoder answers a bad message with. */
function refusalOf(text: string): { closeCode: CloseCode; message: string } {
  try {
    decodeClientMessage(text);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error(`this was read: ${text}`);
}

describe("what a client says", () => {
  test("every message is read as it was sent", () => {
    for (const message of [
      { type: "join" },
      { type: "join", player: "ann", resumeKey: "key", info: { displayName: "Ann" } },
      { type: "leave" },
      { type: "info", info: { displayName: "Ann" } },
      { type: "message", body: null },
      { type: "message", to: "bob", body: [1, "two", { three: 3 }] },
      { type: "ping", id: 17.5 },
      { type: "keyframe" },
      { type: "keyframe", skeletons: [] },
      { type: "join", skeletons: ["0123456789abcdef", "0000000000000000"] },
    ]) {
      const decoded: unknown = decodeClientMessage(JSON.stringify(message));
      expect(decoded).toEqual(message);
    }
  });

  test("[S3] a field that is not known is ignored", () => {
    expect(decodeClientMessage('{"type":"ping","id":1,"mood":"fine"}')).toMatchObject({ id: 1 });
    expect(decodeClientMessage('{"type":"leave","why":"tired"}')).toMatchObject({ type: "leave" });
  });

  test("[S4] a field of the wrong type is named", () => {
    for (const [text, place] of [
      ['{"type":"join","player":1}', "$.player"],
      ['{"type":"join","player":null}', "$.player"],
      ['{"type":"join","resumeKey":{}}', "$.resumeKey"],
      ['{"type":"info"}', "$.info"],
      ['{"type":"message"}', "$.body"],
      ['{"type":"message","to":[],"body":1}', "$.to"],
      ['{"type":"ping"}', "$.id"],
      ['{"type":"ping","id":"1"}', "$.id"],
      ['{"type":"ping","id":1e999}', "$.id"],
      ['{"type":"join","skeletons":"0123456789abcdef"}', "$.skeletons"],
      ['{"type":"join","skeletons":null}', "$.skeletons"],
      ['{"type":"join","skeletons":{"0":"0123456789abcdef"}}', "$.skeletons"],
      ['{"type":"join","skeletons":["0123456789abcdef",1]}', "$.skeletons[1]"],
      ['{"type":"keyframe","skeletons":["0123456789ABCDEF"]}', "$.skeletons[0]"],
      ['{"type":"keyframe","skeletons":["0123456789abcdef0"]}', "$.skeletons[0]"],
      ['{"type":"keyframe","skeletons":["0x23456789abcdef"]}', "$.skeletons[0]"],
      ['{"type":"keyframe","skeletons":["0123456789abcdef\\n"]}', "$.skeletons[0]"],
      ["[]", "$"],
      ["null", "$"],
      ['"join"', "$"],
    ]) {
      const { closeCode, message } = refusalOf(text);
      expect([text, closeCode, message.startsWith(`${place}: expected`)]).toEqual([
        text,
        4000,
        true,
      ]);
    }
    expect(refusalOf('{"type":"message","to":[],"body":1}').message).toBe(
      "$.to: expected a string, found an array",
    );
    expect(refusalOf('{"type":"info"}').message).toBe("$.info: expected a value, found nothing");
    expect(refusalOf('{"type":"layers","layers":4}').message).toBe(
      "$.layers: expected 1 or 2 or 3, found a number",
    );
  });

  test("[S4] text that is not JSON is refused", () => {
    for (const text of ["", "{", "join", '{"type":"ping","id":1}}', "\0"]) {
      expect(refusalOf(text).closeCode).toBe(CloseCode.BadMessage);
    }
  });

  test("[S4b] a type that is not known has a close code of its own, and is not repeated at length", () => {
    for (const text of ["{}", '{"type":1}', '{"type":"welcome"}', '{"type":"__proto__"}']) {
      expect(refusalOf(text).closeCode).toBe(CloseCode.UnknownMessageType);
    }
    expect(refusalOf("{}").message).toBe("$.type: expected a string, found nothing");
    const { message } = refusalOf(JSON.stringify({ type: "x".repeat(5000) }));
    expect(message.length).toBeLessThan(64);
  });

  test("[S4c] its length is checked first, then that it is an object, its type, its fields", () => {
    const padding = " ".repeat(CLIENT_MESSAGE_LENGTH_MAX);
    expect(refusalOf(`[${padding}`).message).toContain("characters");
    expect(refusalOf('["dance"]').message).toBe("$: expected an object");
    expect(refusalOf('{"type":"dance","id":"x"}').closeCode).toBe(CloseCode.UnknownMessageType);
    expect(refusalOf('{"type":"ping","id":"x"}').message).toStartWith("$.id");
  });

  test("[S37a] a list of 512 skeletons is read, a longer one is not", () => {
    const ofCount = (type: string, count: number) => {
      const ids = Array.from({ length: count }, (_, index) => skeletonIdText(BigInt(index)));
      return JSON.stringify({ type, skeletons: ids });
    };
    for (const type of ["join", "keyframe"]) {
      expect(decodeClientMessage(ofCount(type, 512)).type).toBe(type as "join" | "keyframe");
      expect(refusalOf(ofCount(type, 513)).message).toBe(
        "$.skeletons: expected at most 512 values, found 513",
      );
    }
    expect(refusalOf('{"type":"join","skeletons":["ABC"]}').message).toBe(
      "$.skeletons[0]: expected 16 lowercase hex digits",
    );
  });

  test("[S2] the longest join fits: an info of 4 KiB, and 512 skeletons", () => {
    const info = { displayName: "\n".repeat(2039) };
    expect(JSON.stringify(info).length).toBeLessThanOrEqual(4096);
    const join = { type: "join", player: "p".repeat(64), resumeKey: "k".repeat(128), info };
    const skeletons = Array.from({ length: 512 }, () => "f".repeat(16));
    const text = JSON.stringify({ ...join, layers: 3, skeletons });
    expect(decodeClientMessage(text)).toMatchObject(join);
  });

  test("[S2] a message of 16,384 characters is read, a longer one is not", () => {
    const ofLength = (length: number) => {
      const empty = JSON.stringify({ type: "message", body: "" });
      return JSON.stringify({ type: "message", body: "é".repeat(length - empty.length) });
    };
    expect(ofLength(16_384)).toHaveLength(16_384);
    expect(decodeClientMessage(ofLength(16_384)).type).toBe("message");
    expect(refusalOf(ofLength(16_385)).closeCode).toBe(CloseCode.BadMessage);
  });
});

/** Text that looks like a message: real ones, real ones with a few characters changed, and noise. */
const messageText = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .record(
      {
        type: fc.constantFrom(
          "join",
          "leave",
          "info",
          "message",
          "ping",
          "keyframe",
          "welcome",
          "pong",
        ),
        player: fc.jsonValue(),
        resumeKey: fc.jsonValue(),
        info: fc.jsonValue(),
        to: fc.jsonValue(),
        body: fc.jsonValue(),
        id: fc.jsonValue(),
        skeletons: fc.oneof(fc.jsonValue(), fc.array(fc.string({ maxLength: 17 }))),
      },
      { requiredKeys: ["type"] },
    )
    .chain((message) => {
      const text = JSON.stringify(message);
      return fc
        .tuple(fc.nat(text.length), fc.nat(4), fc.string({ maxLength: 3 }))
        .map(([at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed));
    }),
);

test("whatever text comes, only ProtocolError escapes", () => {
  fc.assert(
    fc.property(messageText, (text) => {
      try {
        decodeClientMessage(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

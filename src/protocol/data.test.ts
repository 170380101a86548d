import { describe, expect, test } from "bun:test";
import { CloseCode } from "./close-codes.ts";
import { MessageType, messageTypeOf } from "./data.ts";
import type { ProtocolError } from "./errors.ts";

describe("types", () => {
  test("the low 4 bits of the first byte tell the type", () => {
    for (const type of Object.values(MessageType)) {
      expect(messageTypeOf(Uint8Array.of(type))).toBe(type);
      expect(messageTypeOf(Uint8Array.of(type | 0xf0))).toBe(type);
    }
  });

  test("[S4b] an empty message and an unknown type are told apart", () => {
    const codeOf = (bytes: Uint8Array) => {
      try {
        return messageTypeOf(bytes);
      } catch (error) {
        return (error as ProtocolError).closeCode;
      }
    };
    expect(codeOf(new Uint8Array(0))).toBe(CloseCode.BadMessage);
    for (const type of [0, 6, 15, 0xf0]) {
      expect(codeOf(Uint8Array.of(type))).toBe(CloseCode.UnknownMessageType);
    }
  });
});

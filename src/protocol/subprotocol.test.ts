import { expect, test } from "bun:test";
import { SUBPROTOCOLS, formatOfSubprotocol, negotiateSubprotocol } from "./subprotocol.ts";

test("[S1] each format has a subprotocol, and each subprotocol its format", () => {
  expect(SUBPROTOCOLS).toEqual([
    "avatar-sync.v1.json",
    "avatar-sync.v1.binary",
    "avatar-sync.v1.stream",
  ]);
  expect(SUBPROTOCOLS.map(formatOfSubprotocol)).toEqual(["json", "binary", "stream"]);
  for (const other of ["", "json", "avatar-sync.v2.json", "avatar-sync.v1.JSON", "__proto__"]) {
    expect(formatOfSubprotocol(other)).toBeUndefined();
  }
});

test("[S1] the first of the client's offer that is known is taken", () => {
  for (const [offered, chosen] of [
    ["avatar-sync.v1.json", "avatar-sync.v1.json"],
    ["avatar-sync.v1.binary,avatar-sync.v1.json", "avatar-sync.v1.binary"],
    ["avatar-sync.v1.json, avatar-sync.v1.binary", "avatar-sync.v1.json"],
    ["chat , avatar-sync.v9.json,\tavatar-sync.v1.binary", "avatar-sync.v1.binary"],
  ]) {
    expect(negotiateSubprotocol(offered)).toBe(chosen);
  }
});

test("[S1] where nothing is known, nothing is taken", () => {
  for (const offered of [null, "", ",", "chat", "avatar-sync.v1", "AVATAR-SYNC.V1.JSON"]) {
    expect(negotiateSubprotocol(offered)).toBeUndefined();
  }
});

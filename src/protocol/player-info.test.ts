import { expect, test } from "bun:test";
import { DecodeError } from "../codec/index.ts";
import { checkPlayerInfo, decodePlayerInfo } from "./player-info.ts";

/** What is wrong with it. */
function refusalOf(value: unknown): DecodeError {
  try {
    checkPlayerInfo(value);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`this was taken: ${JSON.stringify(value)}`);
}

test("[H11a] [H11b] [H11c] a wrong field is named, and what the application adds is kept", () => {
  for (const [value, path] of [
    [null, "$"],
    [[], "$"],
    ["Ann", "$"],
    [{ displayName: 5 }, "$.displayName"],
    [{ avatarUrl: null }, "$.avatarUrl"],
    [{ coordinateSystem: "left" }, "$.coordinateSystem"],
    [{ blendShapeRange: "100" }, "$.blendShapeRange"],
    [{ blendShapeRange: 255 }, "$.blendShapeRange"],
  ] as const) {
    expect(refusalOf(value)).toMatchObject({ code: "wrong_type", place: { path } });
  }
  const info = {
    displayName: "Ann",
    coordinateSystem: "gltf",
    blendShapeRange: 100,
    team: { color: "red" },
  };
  expect(checkPlayerInfo(info)).toEqual(info as ReturnType<typeof checkPlayerInfo>);
});

test("[H11] 4,096 bytes of UTF-8 are an info, one more is not", () => {
  // 18 bytes of braces, name and quotes, and 2,039 letters of 2 bytes.
  const info = { displayName: "é".repeat(2039) };
  const bytes = new TextEncoder().encode(JSON.stringify(info));
  expect(bytes).toHaveLength(4096);
  expect(decodePlayerInfo(bytes)).toEqual(info);
  const longer = { displayName: `${info.displayName}x` };
  expect(refusalOf(longer)).toMatchObject({ code: "too_large", place: { path: "$" } });
});

test("[H11] what counts is the info itself, however its JSON was written", () => {
  // A number of 4 bytes that everybody else is sent as 21.
  const text = `{"n":[${Array.from({ length: 800 }, () => "1e20").join()}]}`;
  expect(text.length).toBeLessThan(4096);
  expect(refusalOf(JSON.parse(text)).code).toBe("too_large");
});

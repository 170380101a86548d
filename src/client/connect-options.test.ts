import { describe, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { connect } from "./room.ts";
import type { ConnectOptions } from "./room.ts";

const ADDRESS = "http://localhost:8080";

/** As a program in JavaScript may call it. */
const connectWith = (options: unknown) => connect(ADDRESS, options as ConnectOptions);

describe("what no server accepts is refused at once, naming the option and what was expected", () => {
  const key = "expected a secret text of 16 to 128 characters";
  const cases: [unknown, Error][] = [
    [{ layers: 9 }, new RangeError("layers 9: expected 1, 2, 3")],
    [{ layers: Number.NaN }, new RangeError("layers NaN: expected 1, 2, 3")],
    [{ layers: "3" }, new TypeError('layers "3": expected 1, 2, 3')],
    [
      { coordinateSystem: "unreal" },
      new RangeError('coordinateSystem "unreal": expected "unity", "gltf"'),
    ],
    [{ format: "xml" }, new RangeError('format "xml": expected "json", "binary", "stream"')],
    [{ format: null }, new TypeError('format null: expected "json", "binary", "stream"')],
    [{ resumeKey: "x" }, new RangeError(`resumeKey of 1 characters: ${key}`)],
    [{ resumeKey: "x".repeat(129) }, new RangeError(`resumeKey of 129 characters: ${key}`)],
    [{ resumeKey: 5 }, new TypeError(`resumeKey: ${key}`)],
    ["ann", new TypeError('options "ann": expected an object such as { player: "ann" }')],
    [null, new TypeError('options null: expected an object such as { player: "ann" }')],
  ];
  for (const [options, error] of cases) {
    test(error.message, () => {
      const runtime = new FakeRuntime();
      const isObject = typeof options === "object" && options !== null;
      expect(() => connectWith(isObject ? { ...options, runtime } : options)).toThrow(error);
      expect(runtime.sockets).toEqual([]);
    });
  }
});

test("every documented value is accepted", () => {
  for (const options of [
    {},
    { layers: undefined, format: undefined, coordinateSystem: undefined, resumeKey: undefined },
    ...([1, 2, 3] as const).map((layers) => ({ layers })),
    ...(["json", "binary", "stream"] as const).map((format) => ({ format })),
    ...(["unity", "gltf"] as const).map((coordinateSystem) => ({ coordinateSystem })),
    ...[16, 128].map((length) => ({ resumeKey: "k".repeat(length) })),
  ]) {
    const runtime = new FakeRuntime();
    connectWith({ ...options, runtime }).close();
    expect(runtime.sockets).toHaveLength(1);
  }
});

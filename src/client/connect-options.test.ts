import { describe, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { connect } from "./room.ts";
import type { ConnectOptions } from "./room.ts";

const ADDRESS = "http://localhost:8080";

/** As a program in JavaScript may call it. */
const connectWith = (options: unknown) => connect(ADDRESS, options as ConnectOptions);

describe("what no server accepts is refused at once, naming the option and what was expected", () => {
  const key = "resumeKey: expected 16 to 128 characters";
  const cases: [object, Error][] = [
    [{ layers: 9 }, new RangeError("layers 9: expected one of [1,2,3]")],
    [{ layers: 1.5 }, new RangeError("layers 1.5: expected one of [1,2,3]")],
    [{ layers: "3" }, new TypeError('layers "3": expected one of [1,2,3]')],
    [
      { coordinateSystem: "unreal" },
      new RangeError('coordinateSystem "unreal": expected one of ["unity","gltf"]'),
    ],
    [{ format: "xml" }, new RangeError('format "xml": expected one of ["json","binary","stream"]')],
    [{ format: null }, new TypeError('format null: expected one of ["json","binary","stream"]')],
    [{ errorMetres: 0 }, new RangeError("errorMetres 0: expected 0.0001 to 1")],
    [{ errorMetres: 2 }, new RangeError("errorMetres 2: expected 0.0001 to 1")],
    [{ errorMetres: "0.01" }, new TypeError('errorMetres "0.01": expected 0.0001 to 1')],
    [{ resumeKey: "x" }, new RangeError(key)],
    [{ resumeKey: "x".repeat(129) }, new RangeError(key)],
    [{ resumeKey: 5 }, new TypeError(key)],
  ];
  for (const [options, error] of cases) {
    test(`${Bun.inspect(options)}: ${error.name}`, () => {
      const runtime = new FakeRuntime();
      expect(() => connectWith({ ...options, runtime })).toThrow(error);
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
    ...[0.0001, 0.02, 1].map((errorMetres) => ({ errorMetres })),
    ...[16, 128].map((length) => ({ resumeKey: "k".repeat(length) })),
  ]) {
    const runtime = new FakeRuntime();
    connectWith({ ...options, runtime }).close();
    expect(runtime.sockets).toHaveLength(1);
  }
});

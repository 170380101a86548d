import { describe, expect, test } from "bun:test";
import { configOf, SETTING_NAMES } from "./config-options.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import { createAvatarServer, startServer } from "./server.ts";

test("what is unset or undefined is the default", () => {
  expect(configOf({}, SETTING_NAMES)).toEqual(DEFAULT_CONFIG);
  const page = { get: () => Promise.resolve(undefined) };
  const options = { tickHz: undefined, playersMax: 3, page } as object;
  expect(configOf(options, [...SETTING_NAMES, "page"])).toEqual({
    ...DEFAULT_CONFIG,
    playersMax: 3,
  });
});

// What a program in JavaScript may pass.
const CASES: [unknown, typeof TypeError | typeof RangeError, string][] = [
  [{ playersMax: -1 }, RangeError, "playersMax -1: expected a whole number from 1 to 1000000"],
  [{ tickHz: Number.NaN }, RangeError, "tickHz NaN: expected a whole number from 0 to 120"],
  [{ tickHz: "30" }, TypeError, 'tickHz "30": expected a whole number from 0 to 120'],
  [{ bodyBytesMax: null }, TypeError, "bodyBytesMax null: expected a whole number"],
  [{ bonesMax: 1.5 }, RangeError, "bonesMax 1.5: expected a whole number"],
  [{ format: "stream" }, RangeError, 'format "stream": expected json or binary'],
  [{ playerMax: 5 }, TypeError, "there is no option playerMax: expected "],
  [8080, TypeError, "options 8080: expected an object such as { "],
  [null, TypeError, "options null: expected an object such as { "],
];

const OF_A_PORT: typeof CASES = [
  [{ port: "8080" }, TypeError, 'port "8080": expected a whole number from 0 to 65535'],
  [{ port: 70_000 }, RangeError, "port 70000: expected a whole number from 0 to 65535"],
  [{ host: " " }, RangeError, 'host " ": expected an address'],
  [{ demo: "yes" }, TypeError, 'demo "yes": expected true or false'],
  [{ prefix: "/avatars" }, TypeError, "there is no option prefix"],
];

function check([, kind, message]: (typeof CASES)[number], thrown: unknown): void {
  expect(thrown).toBeInstanceOf(kind);
  expect((thrown as Error).message).toStartWith(message);
}

describe("startServer refuses, naming the option and what was expected", () => {
  for (const each of [...CASES, ...OF_A_PORT]) {
    test(Bun.inspect(each[0]), async () => {
      const options = each[0] as object;
      const outcome = await startServer(options).then(
        (server) => server.stop(),
        (error: unknown) => error,
      );
      check(each, outcome);
    });
  }
});

describe("createAvatarServer refuses, naming the option and what was expected", () => {
  const ofAnother: typeof CASES = [[{ port: 8080 }, TypeError, "there is no option port"]];
  for (const each of [...CASES, ...ofAnother]) {
    test(Bun.inspect(each[0]), () => {
      let thrown: unknown;
      try {
        createAvatarServer(each[0] as object).stop();
      } catch (error) {
        thrown = error;
      }
      check(each, thrown);
    });
  }
});

test("a room's misspelt setting is refused", () => {
  const { rooms, stop } = createAvatarServer();
  const options = { maxPlayers: 5 } as object;
  expect(() => rooms.open("lobby", options)).toThrow(
    "there is no option maxPlayers: expected tickHz, crowdAbove, playersMax, connectionsMax",
  );
  stop();
});

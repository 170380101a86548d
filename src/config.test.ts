import { describe, expect, test } from "bun:test";
import { DEFAULT_CONFIG, parseConfig, settingsHelp } from "./config.ts";
import { UsageError } from "./flags.ts";

test("nothing said: the defaults", () => {
  expect(parseConfig([], {})).toEqual(DEFAULT_CONFIG);
});

test("a flag counts before the environment, the environment before the default", () => {
  const environment = {
    AVATAR_SYNC_PORT: "9000",
    AVATAR_SYNC_FORMAT: "binary",
    AVATAR_SYNC_DEMO: "1",
  };
  expect(parseConfig(["--port", "9001"], environment)).toMatchObject({
    port: 9001,
    format: "binary",
    demo: true,
    host: "0.0.0.0",
  });
});

describe("what cannot be used is one line that names the flag or variable", () => {
  const cases: [string[], Record<string, string>, string][] = [
    [["--colour", "red"], {}, "--colour"],
    [["stray"], {}, "stray"],
    [["--port"], {}, "--port"],
    [["--port", "70000"], {}, "--port 70000: expected a whole number from 0 to 65535"],
    [["--port", "8080.5"], {}, "--port 8080.5"],
    [["--port="], {}, "--port"],
    [["--format", "xml"], {}, "--format xml: expected json or binary"],
    [["--max-bones", "0"], {}, "--max-bones 0: expected a whole number from 1"],
    [["--host", " "], {}, "--host"],
    [[], { AVATAR_SYNC_PORT: "abc" }, "AVATAR_SYNC_PORT abc: expected a whole number"],
    [[], { AVATAR_SYNC_DEMO: "maybe" }, "AVATAR_SYNC_DEMO maybe: expected true or false"],
  ];
  for (const [args, environment, message] of cases) {
    test(`${args.join(" ")} ${JSON.stringify(environment)}`, () => {
      let thrown: unknown;
      try {
        parseConfig(args, environment);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UsageError);
      expect((thrown as UsageError).message).toContain(message);
      expect((thrown as UsageError).message).not.toContain("\n");
    });
  }
});

test("the help names every setting's flag and default", () => {
  const help = settingsHelp();
  for (const flag of ["--host H", "--port P", "--format F", "--demo", "--max-rooms N"]) {
    expect(help).toContain(flag);
  }
  expect(help).toContain("(8080)");
});

test("docs/server.md lists every flag with its default", async () => {
  const text = await Bun.file(new URL("../docs/server.md", import.meta.url)).text();
  const rows = Array.from(
    text.matchAll(/^\| `(--[a-z-]+)[^|]*\| ([^|]+) \|/gm),
    ([, flag, value]) => [flag, value.trim()],
  );
  const flags = Array.from(settingsHelp().matchAll(/^ +(--\S+).*?(?: \((\S+)\))?$/gm));
  expect(flags.length).toBeGreaterThan(10);
  expect(rows).toEqual(flags.map(([, flag, value]) => [flag, value ?? "off"]));
});

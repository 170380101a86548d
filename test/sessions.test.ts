// vectors/sessions.json: the real server still says it, our client shows what it must, and so does a receiver that was
// written from the text alone.
import { describe, expect, test } from "bun:test";
import { describeEverywhere } from "./everywhere.ts";
import { recordSessions } from "./recorded-session.ts";
import { contentOf, wrongSessions } from "./runtimes/sessions.ts";
import type { Session } from "./runtimes/sessions.ts";
import type { StreamNumbers } from "./second-reader.ts";
import { SecondReceiver } from "./second-receiver.ts";

const read = (file: string): Promise<unknown> =>
  Bun.file(new URL(`../vectors/${file}`, import.meta.url)).json();
const { sessions } = (await read("sessions.json")) as { readonly sessions: readonly Session[] };
const numbers = (await read("stream.json")) as StreamNumbers;

test("the server says what is recorded: bun scripts/write-session-vectors.ts", () => {
  expect(recordSessions()).toEqual([...sessions]);
});

describeEverywhere("[S14] [S14b] [S14d] [S15] [S24] [S26] [S38] our client shows each session", {
  file: "sessions.ts",
  expression: `wrongSessions(${JSON.stringify(sessions)})`,
  here: () => wrongSessions(sessions),
  expected: [],
});

describe("[S14] [S14b] [S14d] [S15] [S24] [S26] [S38] sessions", () => {
  for (const { name, messages, closed } of sessions) {
    const said = messages.filter(({ from }) => from === "server");

    test(`${name}: ends with a goodbye`, () => {
      expect(closed).toEqual({ code: 1000, reason: "goodbye" });
    });

    test(`${name}: a receiver that was written from the text shows it`, () => {
      const receiver = new SecondReceiver(numbers);
      for (const message of said) {
        receiver.read(contentOf(message));
        if (message.shows === undefined) continue;
        const shown = Object.entries(receiver.players).map(([id, each]) => [id, each ?? null]);
        expect(Object.fromEntries(shown)).toEqual(message.shows);
      }
    });
  }
});

// vectors/sessions.json: the real server still says it, our client shows what it must, and so does a receiver that was
// written from the text alone.
import { describe, expect, test } from "bun:test";
import { recordSessions, Viewer } from "./recorded-session.ts";
import type { Session, SessionMessage } from "./recorded-session.ts";
import type { StreamNumbers } from "./second-reader.ts";
import { SecondReceiver } from "./second-receiver.ts";

const read = (file: string): Promise<unknown> =>
  Bun.file(new URL(`../vectors/${file}`, import.meta.url)).json();
const { sessions } = (await read("sessions.json")) as { readonly sessions: readonly Session[] };
const numbers = (await read("stream.json")) as StreamNumbers;

const contentOf = ({ text, hex }: SessionMessage) => text ?? Uint8Array.fromHex(hex!);

test("the server says what is recorded: bun scripts/write-session-vectors.ts", () => {
  expect(recordSessions()).toEqual([...sessions]);
});

describe("[S14] [S14b] [S14d] [S15] [S24] [S26] [S38] sessions", () => {
  for (const { name, messages, closed } of sessions) {
    const said = messages.filter(({ from }) => from === "server");

    test(`${name}: our client shows it`, () => {
      const viewer = new Viewer();
      for (const message of said) {
        const shown = viewer.read(contentOf(message));
        if (message.shows !== undefined) expect(shown).toEqual(message.shows);
      }
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

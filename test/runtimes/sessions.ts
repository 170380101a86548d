// The sessions of vectors/sessions.json in whatever runtime this is: what our client shows after each message.
import { connect } from "../../src/client/index.ts";
import type { AvatarRoom } from "../../src/client/index.ts";
import { FakeRuntime } from "../fake-runtime.ts";

export const ROOM = "stage";

/** The newest frame that was taken of a player: its numbers as f32, little-endian. */
export interface ShownPlayer {
  readonly revision: number;
  readonly pose: string;
}

export interface SessionMessage {
  readonly from: "client" | "server";
  /** A control message. */
  readonly text?: string;
  /** A data message. */
  readonly hex?: string;
  /** After a batch: the other players by id; null for one that nothing is shown of. */
  readonly shows?: Readonly<Record<string, ShownPlayer | null>>;
}

export interface Session {
  readonly name: string;
  readonly messages: readonly SessionMessage[];
  readonly closed: { readonly code: number; readonly reason: string };
}

// Node 22 has no Uint8Array.fromHex yet.
const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Our client, which is told what a server said. */
export class Viewer {
  readonly #runtime = new FakeRuntime();
  readonly #room: AvatarRoom;

  constructor() {
    const runtime = this.#runtime;
    this.#room = connect("ws://host", { room: ROOM, format: "stream", player: "eve", runtime });
    runtime.socket.open();
  }

  read(message: string | Uint8Array<ArrayBuffer>): Readonly<Record<string, ShownPlayer | null>> {
    this.#runtime.socket.receive(message);
    const shown = [...this.#room.players.values()].map(({ id, pose, revision }) => {
      if (pose === undefined) return [id, null] as const;
      const parts = [pose.root, pose.bones, pose.blendShapes];
      const hex = parts.map(({ buffer }) => hexOf(new Uint8Array(buffer))).join("");
      return [id, { revision, pose: hex }] as const;
    });
    return Object.fromEntries(shown.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** A message as it goes over the wire. */
export const contentOf = ({ text, hex }: SessionMessage): string | Uint8Array<ArrayBuffer> =>
  text ?? bytesOf(hex ?? "");

/** The messages after which our client does not show what it must. */
export function wrongSessions(sessions: readonly Session[]): string[] {
  const wrong: string[] = [];
  for (const { name, messages } of sessions) {
    const viewer = new Viewer();
    for (const [at, message] of messages.entries()) {
      if (message.from !== "server") continue;
      const shown = viewer.read(contentOf(message));
      if (message.shows === undefined || isSame(shown, message.shows)) continue;
      wrong.push(`${name}, message ${at}: ${JSON.stringify(shown)}`);
    }
  }
  return wrong;
}

type Shown = Readonly<Record<string, ShownPlayer | null>>;

function isSame(a: Shown, b: Shown): boolean {
  const ids = Object.keys(a);
  return (
    ids.length === Object.keys(b).length &&
    ids.every((id) => a[id]?.pose === b[id]?.pose && a[id]?.revision === b[id]?.revision)
  );
}

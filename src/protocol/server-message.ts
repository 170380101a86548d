// The control messages of a server, and how a client reads them. A client reports and survives a server
// that sends wrong ones.
import { parseControl } from "./control.ts";
import { checkFields } from "./message-fields.ts";
import type { Field, Fields } from "./message-fields.ts";

/** A player as others see it. Data messages name it by `index` until it leaves. */
export interface PlayerPresence {
  readonly index: number;
  readonly id: string;
  readonly info: Readonly<Record<string, unknown>>;
}

/** A player of whom nothing else may be told yet: in a crowd its info comes when it enters the receiver's sight. */
export interface PlayerName {
  readonly index: number;
  readonly id: string;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** Players in a `welcome`. If there are as many, `players` messages bring the rest, before full state. */
export const WELCOME_PLAYERS_MAX = 200;

/** A control message of a server. */
export type ServerMessage =
  /** The answer to `join`. The state of every present player follows in a batch. */
  | {
      readonly type: "welcome";
      readonly room: string;
      /** This connection's own player, null for a spectator. */
      readonly player: PlayerPresence | null;
      /** The key to resume the session with, a secret; null for a spectator. */
      readonly resumeKey: string | null;
      readonly resumed: boolean;
      /** The first `WELCOME_PLAYERS_MAX`. */
      readonly players: readonly PlayerName[];
      readonly rateHz: number;
      readonly serverTimeUs: number;
    }
  /** More of those who were there before. */
  | { readonly type: "players"; readonly players: readonly PlayerName[] }
  | { readonly type: "joined"; readonly player: PlayerPresence }
  | { readonly type: "left"; readonly index: number; readonly id: string }
  /** Who has left and who has joined since the last tick of a crowd; somebody who is in both has come again. */
  | {
      readonly type: "presence";
      readonly joined: readonly PlayerName[];
      readonly left: readonly { readonly index: number; readonly id: string }[];
    }
  | {
      readonly type: "info";
      readonly index: number;
      readonly info: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "message"; readonly from: string; readonly body: unknown }
  /** How many frames a second the client may publish; 0: no limit. */
  | { readonly type: "rate"; readonly rateHz: number }
  | { readonly type: "pong"; readonly id: number; readonly serverTimeUs: number }
  /** The receiver owes an acknowledgement for a second: it gives it now. */
  | { readonly type: "acknowledge" }
  /** The connection's format cannot hold this player's newest frame; `path` is the first such place. */
  | { readonly type: "unavailable"; readonly index: number; readonly path: string }
  /** A message was refused; the connection stays open. */
  | { readonly type: "error"; readonly code: string; readonly message: string };

const STRING: Field = { is: "string" };
const NUMBER: Field = { is: "number" };
const PRESENCE: Fields = { index: NUMBER, id: STRING, info: { is: "object" } };

const NAME: Fields = { index: NUMBER, id: STRING, info: { is: "object", isOptional: true } };

const FIELDS: Readonly<Record<ServerMessage["type"], Fields>> = {
  welcome: {
    room: STRING,
    player: { is: "object", fields: PRESENCE, isNullable: true },
    resumeKey: { is: "string", isNullable: true },
    resumed: { is: "boolean" },
    players: { is: "list", fields: NAME },
    rateHz: NUMBER,
    serverTimeUs: NUMBER,
  },
  players: { players: { is: "list", fields: NAME } },
  presence: {
    joined: { is: "list", fields: NAME },
    left: { is: "list", fields: { index: NUMBER, id: STRING } },
  },
  joined: { player: { is: "object", fields: PRESENCE } },
  left: { index: NUMBER, id: STRING },
  info: { index: NUMBER, info: { is: "object" } },
  message: { from: STRING, body: { is: "any" } },
  rate: { rateHz: NUMBER },
  pong: { id: NUMBER, serverTimeUs: NUMBER },
  acknowledge: {},
  unavailable: { index: NUMBER, path: STRING },
  error: { code: STRING, message: STRING },
};

/**
 * Reads a server's control message; undefined for a type that a later server may have added [S3].
 * @throws {ProtocolError} `BadMessage` naming the field.
 */
export function decodeServerMessage(text: string): ServerMessage | undefined {
  const message = parseControl(text);
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) return undefined;
  checkFields(message, FIELDS[type as ServerMessage["type"]]);
  return message as unknown as ServerMessage;
}

// What a server says, and how it is read: every field has its type, so that a server that errs is reported
// and survived.
import { badControl, parseControl } from "./control.ts";
import type { ProtocolError } from "./errors.ts";

/** A player as others see it. Data messages name it by `index` until it leaves. */
export interface PlayerPresence {
  readonly index: number;
  readonly id: string;
  readonly info: Readonly<Record<string, unknown>>;
}

/** What a server says. */
export type ServerMessage =
  /** The answer to `join`; every present player's state follows in a batch. */
  | {
      readonly type: "welcome";
      readonly room: string;
      /** This connection's own player, null for a spectator. */
      readonly player: PlayerPresence | null;
      /** To resume the session with; null for a spectator. A secret. */
      readonly resumeKey: string | null;
      readonly resumed: boolean;
      readonly players: readonly PlayerPresence[];
      readonly rateHz: number;
      readonly serverTimeUs: number;
    }
  | { readonly type: "joined"; readonly player: PlayerPresence }
  | { readonly type: "left"; readonly index: number; readonly id: string }
  | {
      readonly type: "info";
      readonly index: number;
      readonly info: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "message"; readonly from: string; readonly body: unknown }
  /** Publish no faster than this. 0: as fast as you like. */
  | { readonly type: "rate"; readonly rateHz: number }
  | { readonly type: "pong"; readonly id: number; readonly serverTimeUs: number }
  /** This player's newest frame does not fit the connection's format. `path` is where. */
  | { readonly type: "unavailable"; readonly index: number; readonly path: string }
  /** A message was refused; the connection goes on. */
  | { readonly type: "error"; readonly code: string; readonly message: string };

type Kind =
  | "string"
  | "number"
  | "boolean"
  | "object"
  | "presence"
  | "presences"
  | "string or null"
  | "presence or null";

type Fields = Readonly<Record<string, Kind>>;

const FIELDS: Readonly<Record<ServerMessage["type"], Fields>> = {
  welcome: {
    room: "string",
    player: "presence or null",
    resumeKey: "string or null",
    resumed: "boolean",
    players: "presences",
    rateHz: "number",
    serverTimeUs: "number",
  },
  joined: { player: "presence" },
  left: { index: "number", id: "string" },
  info: { index: "number", info: "object" },
  message: { from: "string" },
  rate: { rateHz: "number" },
  pong: { id: "number", serverTimeUs: "number" },
  unavailable: { index: "number", path: "string" },
  error: { code: "string", message: "string" },
};

const PRESENCE: Fields = { index: "number", id: "string", info: "object" };

/**
 * What a server says; undefined for a type that a later server may have added [S3].
 * @throws {ProtocolError} `BadMessage` naming the field.
 */
export function decodeServerMessage(text: string): ServerMessage | undefined {
  const message = parseControl(text);
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) return undefined;
  checkFields(message, FIELDS[type as ServerMessage["type"]], "$");
  return message as unknown as ServerMessage;
}

function checkFields(owner: object, fields: Fields, path: string): void {
  for (const [field, kind] of Object.entries(fields)) {
    check((owner as Record<string, unknown>)[field], kind, `${path}.${field}`);
  }
}

function check(value: unknown, kind: Kind, path: string): void {
  switch (kind) {
    case "presence or null":
      if (value !== null) check(value, "presence", path);
      return;
    case "string or null":
      if (value !== null) check(value, "string", path);
      return;
    case "presences":
      if (!Array.isArray(value)) throw bad(path, "an array");
      return value.forEach((each, index) => check(each, "presence", `${path}[${index}]`));
    case "presence":
      check(value, "object", path);
      return checkFields(value as object, PRESENCE, path);
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw bad(path, "an object");
      }
      return;
    case "number":
      // JSON's 1e999 is infinite.
      if (!Number.isFinite(value)) throw bad(path, "a number");
      return;
    case "string":
    case "boolean":
      if (typeof value !== kind) throw bad(path, `a ${kind}`);
  }
}

function bad(path: string, expected: string): ProtocolError {
  return badControl(`${path}: expected ${expected}`);
}

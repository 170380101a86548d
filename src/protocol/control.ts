// Control messages: one JSON object with a `type` in a text message, the same in every format.
import { CloseCode } from "./close-codes.ts";
import { ProtocolError } from "./errors.ts";

/** What a client says. */
export type ClientMessage =
  /** First of all. Without `player` the connection is a spectator's. */
  | {
      readonly type: "join";
      readonly player?: string;
      /** From the `welcome` of the session to resume. */
      readonly resumeKey?: string;
      readonly info?: unknown;
      /** Stream format: how many temporal layers to be sent, 1 to 3; all unless said. */
      readonly layers?: number;
    }
  /** Goodbye: the player leaves at once, not after a time of silence. */
  | { readonly type: "leave" }
  | { readonly type: "info"; readonly info: unknown }
  /** To the player named, or to the whole room. */
  | { readonly type: "message"; readonly to?: string; readonly body: unknown }
  /** From now on so many layers. */
  | { readonly type: "layers"; readonly layers: number }
  /** Full state, please: a frame's reference is missing. */
  | { readonly type: "keyframe" }
  /** Any number that the client knows again in `pong`. */
  | { readonly type: "ping"; readonly id: number };

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

/**
 * A client's control message has at most so many characters: an info of 4 KiB and what surrounds it. A
 * server's may be longer: a `welcome` holds everybody's info.
 */
export const CLIENT_MESSAGE_LENGTH_MAX = 8192;

/** Bytes of an application message's body as JSON. */
export const MESSAGE_BYTES_MAX = 1024;

/**
 * What a client says. Checks the shape of every field, not what it means.
 * @throws {ProtocolError} `BadMessage` naming the field, `UnknownMessageType`.
 */
export function decodeClientMessage(text: string): ClientMessage {
  if (text.length > CLIENT_MESSAGE_LENGTH_MAX) {
    throw bad(`a control message of over ${CLIENT_MESSAGE_LENGTH_MAX} characters`);
  }
  const message = parse(text);
  switch (message["type"]) {
    case "join":
      checkOptionalString(message, "player");
      checkOptionalString(message, "resumeKey");
      if (message["layers"] !== undefined) checkLayers(message);
      return message as unknown as ClientMessage;
    case "leave":
      return { type: "leave" };
    case "info":
      checkPresent(message, "info");
      return message as unknown as ClientMessage;
    case "message":
      checkOptionalString(message, "to");
      checkPresent(message, "body");
      return message as unknown as ClientMessage;
    case "layers":
      checkLayers(message);
      return message as unknown as ClientMessage;
    case "keyframe":
      return { type: "keyframe" };
    case "ping":
      checkNumber(message, "id");
      return message as unknown as ClientMessage;
    default:
      throw unknownType(message["type"]);
  }
}

/**
 * What a server says; undefined for a type that a later server may have added.
 * @throws {ProtocolError} `BadMessage`.
 */
export function decodeServerMessage(text: string): ServerMessage | undefined {
  const message = parse(text);
  switch (message["type"]) {
    case "welcome":
    case "joined":
    case "left":
    case "info":
    case "message":
    case "rate":
    case "pong":
    case "unavailable":
    case "error":
      return message as unknown as ServerMessage;
    default:
      return undefined;
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("a control message that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("$: expected an object");
  }
  return value as Record<string, unknown>;
}

function checkOptionalString(message: Record<string, unknown>, field: string): void {
  const value = message[field];
  if (value !== undefined && typeof value !== "string") throw bad(`$.${field}: expected a string`);
}

function checkPresent(message: Record<string, unknown>, field: string): void {
  if (message[field] === undefined) throw bad(`$.${field}: this field is missing`);
}

function checkLayers(message: Record<string, unknown>): void {
  const { layers } = message;
  if (layers === 1 || layers === 2 || layers === 3) return;
  throw bad("$.layers: expected 1, 2 or 3");
}

function checkNumber(message: Record<string, unknown>, field: string): void {
  if (!Number.isFinite(message[field])) throw bad(`$.${field}: expected a number`);
}

function unknownType(type: unknown): ProtocolError {
  const named = typeof type === "string" ? JSON.stringify(type.slice(0, 32)) : `a ${typeof type}`;
  return new ProtocolError(CloseCode.UnknownMessageType, `$.type: ${named} is unknown`);
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

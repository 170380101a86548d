// What a client says, and how it is read: every field's shape is checked, not what it means.
import { CloseCode } from "./close-codes.ts";
import { badControl, parseControl } from "./control.ts";
import { ProtocolError } from "./errors.ts";

/** What a client says. */
export type ClientMessage =
  /** First of all. Without `player` the connection is a spectator's. */
  | {
      readonly type: "join";
      readonly player?: string;
      /**
       * Of the session to resume. Where there is none a new one takes it, if it has 16 to 128 characters: so a
       * client whose `welcome` got lost has the key all the same. A secret.
       */
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
    throw badControl(`a control message of over ${CLIENT_MESSAGE_LENGTH_MAX} characters`);
  }
  const message = parseControl(text);
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

function checkOptionalString(message: Record<string, unknown>, field: string): void {
  const value = message[field];
  if (value !== undefined && typeof value !== "string")
    throw badControl(`$.${field}: expected a string`);
}

function checkPresent(message: Record<string, unknown>, field: string): void {
  if (message[field] === undefined) throw badControl(`$.${field}: this field is missing`);
}

function checkLayers(message: Record<string, unknown>): void {
  const { layers } = message;
  if (layers === 1 || layers === 2 || layers === 3) return;
  throw badControl("$.layers: expected 1, 2 or 3");
}

function checkNumber(message: Record<string, unknown>, field: string): void {
  if (!Number.isFinite(message[field])) throw badControl(`$.${field}: expected a number`);
}

function unknownType(type: unknown): ProtocolError {
  const named = typeof type === "string" ? JSON.stringify(type.slice(0, 32)) : `a ${typeof type}`;
  return new ProtocolError(CloseCode.UnknownMessageType, `$.type: ${named} is unknown`);
}

// The control messages of a client, and how a server reads them.
import { CloseCode } from "./close-codes.ts";
import { badControl, parseControl } from "./control.ts";
import { ProtocolError } from "./errors.ts";
import { HELD_SKELETONS_MAX } from "./held-skeletons.ts";
import { checkFields } from "./message-fields.ts";
import type { Field, Fields } from "./message-fields.ts";
import { SKELETON_ID_TEXT } from "./skeleton-id.ts";
import type { ViewMessage } from "./view-message.ts";

/** A control message of a client. */
export type ClientMessage =
  /** The first message. Without `player` the connection is a spectator's. */
  | {
      readonly type: "join";
      readonly player?: string;
      /**
       * The key of the session to resume; a secret. If no session has it, a new session gets it, if it has 16
       * to 128 characters. So a client whose `welcome` was lost knows its key too.
       */
      readonly resumeKey?: string;
      readonly info?: unknown;
      /** Stream format: how many temporal layers to send to this client, 1 to 3. Default: 3. */
      readonly layers?: number;
      /** Stream format: content ids of the skeletons that this client holds, the oldest first; at most 512. */
      readonly skeletons?: readonly string[];
    }
  /** The player leaves at once, not after a time of silence. */
  | { readonly type: "leave" }
  | { readonly type: "info"; readonly info: unknown }
  /** An application's message to one player, or to the whole room. */
  | { readonly type: "message"; readonly to?: string; readonly body: unknown }
  /** Send this many temporal layers from now on. */
  | { readonly type: "layers"; readonly layers: number }
  /**
   * Asks for full state: a frame's reference is missing. `skeletons`, as in `join`, replaces what the server believes
   * that this client holds.
   */
  | { readonly type: "keyframe"; readonly skeletons?: readonly string[] }
  /** From where it wants to see a crowd. `checkView` checks the fields, because a wrong one closes no connection. */
  | ViewMessage
  /** `pong` repeats the number. */
  | { readonly type: "ping"; readonly id: number };

/**
 * Characters of a client's control message: an info of 4 KiB, 512 ids of 19 characters, and what surrounds them. A
 * server's may be longer, because a `welcome` holds everybody's info.
 */
export const CLIENT_MESSAGE_LENGTH_MAX = 16_384;

/** Bytes of an application message's body as JSON. */
export const MESSAGE_BYTES_MAX = 1024;

const LAYERS = [1, 2, 3];

const SKELETONS: Field = {
  is: "list",
  isOptional: true,
  countMax: HELD_SKELETONS_MAX,
  each: { is: "string", pattern: { form: SKELETON_ID_TEXT, name: "16 lowercase hex digits" } },
};

const FIELDS: Readonly<Record<ClientMessage["type"], Fields>> = {
  join: {
    player: { is: "string", isOptional: true },
    resumeKey: { is: "string", isOptional: true },
    info: { is: "any", isOptional: true },
    layers: { is: "number", oneOf: LAYERS, isOptional: true },
    skeletons: SKELETONS,
  },
  leave: {},
  info: { info: { is: "any" } },
  message: { to: { is: "string", isOptional: true }, body: { is: "any" } },
  layers: { layers: { is: "number", oneOf: LAYERS } },
  keyframe: { skeletons: SKELETONS },
  view: {},
  ping: { id: { is: "number" } },
};

/**
 * Reads a client's control message. Checks the shape of every field, not what it means.
 * @throws {ProtocolError} `BadMessage` naming the field, `UnknownMessageType`.
 */
export function decodeClientMessage(text: string): ClientMessage {
  if (text.length > CLIENT_MESSAGE_LENGTH_MAX) {
    throw badControl(`$: expected at most ${CLIENT_MESSAGE_LENGTH_MAX} characters`);
  }
  const message = parseControl(text);
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) throw unknownType(type);
  checkFields(message, FIELDS[type as ClientMessage["type"]]);
  return message as unknown as ClientMessage;
}

function unknownType(type: unknown): ProtocolError {
  // A long type is not repeated at length.
  const problem =
    typeof type === "string"
      ? `${JSON.stringify(type.slice(0, 32))} is unknown`
      : `expected a string, found ${type === undefined ? "nothing" : "something else"}`;
  return new ProtocolError(CloseCode.UnknownMessageType, `$.type: ${problem}`);
}

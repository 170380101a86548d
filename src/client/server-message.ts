// Control messages as the client believes them: every field that it uses has its type, so that a server
// that errs is reported and survived.
import { CloseCode, decodeServerMessage, ProtocolError } from "../protocol/index.ts";
import type { ServerMessage } from "../protocol/index.ts";

type Kind = "string" | "number" | "boolean" | "object" | "presence" | "presences";

const FIELDS: Readonly<Record<ServerMessage["type"], Readonly<Record<string, Kind>>>> = {
  welcome: { players: "presences", resumed: "boolean", rateHz: "number", serverTimeUs: "number" },
  joined: { player: "presence" },
  left: { index: "number", id: "string" },
  info: { index: "number", info: "object" },
  message: { from: "string" },
  rate: { rateHz: "number" },
  pong: { id: "number", serverTimeUs: "number" },
  unavailable: { index: "number", path: "string" },
  error: { code: "string", message: "string" },
};

const PRESENCE: Readonly<Record<string, Kind>> = { index: "number", id: "string", info: "object" };

/**
 * Reads what a server says; undefined for a type that a later server may have added [S3].
 * @throws {ProtocolError} `BadMessage` naming the field.
 */
export function readServerMessage(text: string): ServerMessage | undefined {
  const message = decodeServerMessage(text);
  if (message === undefined) return undefined;
  checkFields(message, FIELDS[message.type], "$");
  if (message.type === "welcome" && message.player !== null) {
    check(message.player, "presence", "$.player");
  }
  return message;
}

function checkFields(owner: object, fields: Readonly<Record<string, Kind>>, path: string): void {
  for (const [field, kind] of Object.entries(fields)) {
    check((owner as Record<string, unknown>)[field], kind, `${path}.${field}`);
  }
}

function check(value: unknown, kind: Kind, path: string): void {
  switch (kind) {
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
    case "string":
    case "number":
    case "boolean":
      if (typeof value !== kind) throw bad(path, `a ${kind}`);
  }
}

function bad(path: string, expected: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, `${path}: expected ${expected}`);
}

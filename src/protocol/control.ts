// Control messages: one JSON object with a `type` in a text message, the same in every format.
import { CloseCode } from "./close-codes.ts";
import { ProtocolError } from "./errors.ts";

/** The object that a control message is. @throws {ProtocolError} `BadMessage`. */
export function parseControl(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badControl("a control message that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badControl("$: expected an object");
  }
  return value as Record<string, unknown>;
}

/**
 * How long a value is in a control message: bytes of JSON without spaces, in UTF-8.
 * @throws {TypeError} for what JSON cannot hold.
 */
export function jsonByteLength(value: unknown): number {
  // Undefined for undefined and functions, whatever the types say.
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`JSON cannot hold a value of type ${typeof value}`);
  return encoder.encode(json).length;
}

/** The refusal of a control message. `message` begins with the place. */
export function badControl(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

const encoder = new TextEncoder();

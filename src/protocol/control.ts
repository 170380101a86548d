// Control messages are JSON objects with a `type`, in text messages, the same in every format.
import { CloseCode } from "./close-codes.ts";
import { ProtocolError } from "./errors.ts";

/** Parses a control message. @throws {ProtocolError} `BadMessage` if it is not a JSON object. */
export function parseControl(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badControl("$: the text is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badControl("$: expected an object");
  }
  return value as Record<string, unknown>;
}

/**
 * Bytes of a value in a control message: JSON without spaces, in UTF-8.
 * @throws {TypeError} for what JSON cannot hold.
 */
export function jsonByteLength(value: unknown): number {
  // JSON.stringify returns undefined for undefined and functions, which its type does not say.
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`JSON cannot hold a value of type ${typeof value}`);
  return encoder.encode(json).length;
}

/** The error of a bad control message. `message` begins with the JSON path. */
export function badControl(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

const encoder = new TextEncoder();

// What text that is not JSON was probably meant to be. Only servers tell it, so it is no part of a client's bundle.
import { DecodeError, JsonSyntaxError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The error of a JSON decoder for `bytes`; where the text is not JSON, with what was found and the likely cause. */
export function withLikelyCause(error: unknown, bytes: Uint8Array): unknown {
  if (error instanceof JsonSyntaxError) return withCauseOf(error, bytes);
  if (error instanceof DecodeError && error.code === "invalid_utf8" && isUtf16(bytes)) {
    return withCause(error, error.detail, UTF_16);
  }
  return error;
}

// What surrounds the place, and the start of the text, tell the cause.
const NEAR_BYTES = 64;

function withCauseOf(error: JsonSyntaxError, bytes: Uint8Array): DecodeError {
  const { place, detail, expected } = error;
  const at = "byteOffset" in place ? place.byteOffset : 0;
  const text = (start: number, end: number) => utf8.decode(bytes.subarray(start, end));
  const rest = text(at, at + NEAR_BYTES);
  const cause = likelyCause({
    at,
    start: text(0, NEAR_BYTES),
    before: text(Math.max(0, at - NEAR_BYTES), at),
    rest,
    expected,
  });
  // The whole word says more than its first letter: NaN.
  const word = /^-?(?:NaN|Inf(?:inity)?)\b/i.exec(rest)?.[0];
  const found = word === undefined ? detail : `found ${word} where ${expected} was expected`;
  return withCause(error, found, cause);
}

function withCause(
  { code, place }: DecodeError,
  detail: string,
  cause: string | null,
): DecodeError {
  return new DecodeError(code, place, cause === null ? detail : `${detail}: ${cause}`);
}

const isUtf16 = (bytes: Uint8Array) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** Text around the byte `at`, and what was expected there. */
interface Surroundings {
  readonly at: number;
  readonly start: string;
  readonly before: string;
  readonly rest: string;
  readonly expected: string;
}

function likelyCause({ at, start, before, rest, expected }: Surroundings): string | null {
  if (isPercentEncoded(start)) return PERCENT_ENCODED;
  if (at < 2 && (rest.startsWith("\0") || before.startsWith("\0"))) return UTF_16;
  if (rest === "") {
    return "the body is cut off, as by a Content-Length that counts characters and not bytes";
  }
  if (/^[-+]?(nan|inf)/i.test(rest) || /^[-+]?1?\.?#?(QNAN|IND|INF)/.test(rest)) {
    return "JSON has no NaN and no infinity: leave the frame out, or send the last good number";
  }
  if (expected === "a property name in quotes") {
    if (/^\d/.test(rest) && /\d,$/.test(before)) {
      return `this is a decimal comma (${numberWithComma(before, rest)}): write numbers with a point, in the invariant culture`;
    }
    if (/^[}\]]/.test(rest)) return "there is a comma after the last member";
    if (rest.startsWith("'")) return PYTHON;
    return null;
  }
  if (/^(None|True|False|')/.test(rest)) return PYTHON;
  if (/^[\]}]/.test(rest) && /,\s*$/.test(before)) return "there is a comma after the last entry";
  if (rest.startsWith("/")) return "JSON has no comments";
  if (rest.startsWith("undefined")) return "JSON has no undefined";
  if (/^(\+|\.\d)/.test(rest) || /^\d/.test(rest) || (rest.startsWith(".") && /\d$/.test(before))) {
    return "a number of JSON has no leading plus or zero, and digits on both sides of its point";
  }
  return null;
}

/** Whether a text begins with a brace in percent-encoding. */
export const isPercentEncoded = (text: string) => /^\s*%7b/i.test(text);

/** The hint for such a text. */
export const PERCENT_ENCODED =
  "this is percent-encoded, as Unity's UnityWebRequest.Post encodes a string: " +
  "send the bytes as they are, with Content-Type: application/json";

const UTF_16 = "this looks like UTF-16: send UTF-8";
const PYTHON = "this is how Python prints a dict: use json.dumps";

const numberWithComma = (before: string, rest: string) =>
  `${/-?\d+,$/.exec(before)?.[0] ?? ""}${/^\d+/.exec(rest)?.[0] ?? ""}`;

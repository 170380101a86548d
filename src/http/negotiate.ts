// Which format a body has, and which one a reader gets. A request that names none means the server's
// default, so that each of the original's clients finds the server that it was written for.
import { MEDIA_TYPES } from "../codec/index.ts";
import { FORMATS } from "../codec/format.ts";
import type { Format } from "../codec/index.ts";
import { HttpError } from "./errors.ts";

const SPOKEN = FORMATS.map((format) => MEDIA_TYPES[format]).join(" or ");

// Sent by curl, fetch and simple clients unasked: these types say nothing about the body.
const SAYS_NOTHING = new Set(["", "*/*", "application/x-www-form-urlencoded", "text/plain"]);

/**
 * The format of a request's body.
 * @throws {HttpError} 415 for a type, charset or content encoding that we do not speak.
 */
export function bodyFormat(headers: Headers, defaultFormat: Format): Format {
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    const message = `Content-Encoding ${encoding}: expected none`;
    throw new HttpError(415, "unsupported_media_type", message);
  }
  const contentType = headers.get("content-type") ?? "";
  // The values of nearly all requests need no parsing.
  if (contentType === MEDIA_TYPES.binary) return "binary";
  if (contentType === MEDIA_TYPES.json) return "json";
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    const message = `Content-Type ${contentType}: expected charset utf-8`;
    throw new HttpError(415, "unsupported_media_type", message);
  }
  const named = FORMATS.find((format) => MEDIA_TYPES[format] === type);
  if (named !== undefined) return named;
  if (SAYS_NOTHING.has(type)) return defaultFormat;
  const message = `Content-Type ${contentType}: expected ${SPOKEN}`;
  throw new HttpError(415, "unsupported_media_type", message);
}

/**
 * The formats that an Accept header allows, best first. A wildcard means the default format, or the other one where the
 * header excludes the default.
 * @throws {HttpError} 406 if it allows none that we speak.
 */
export function acceptedFormats(accept: string | null, defaultFormat: Format): readonly Format[] {
  if (accept === null || accept === "" || accept === "*/*") return [defaultFormat];
  const named = new Map<Format, number>();
  let wildcard = 0;
  for (const range of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const quality = qualityOf(parameters);
    const format = FORMATS.find((each) => MEDIA_TYPES[each] === type);
    if (format !== undefined) named.set(format, quality);
    else if (type === "*/*" || type === "application/*") wildcard = Math.max(wildcard, quality);
  }
  // A named format has its own quality, not that of a wildcard.
  if (!named.has(defaultFormat)) named.set(defaultFormat, wildcard);
  else if (named.get(defaultFormat) === 0) {
    for (const format of FORMATS) if (!named.has(format)) named.set(format, wildcard);
  }
  const formats = [...named]
    .filter(([, quality]) => quality > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([format]) => format);
  if (formats.length > 0) return formats;
  throw new HttpError(406, "not_acceptable", `Accept ${accept}: expected ${SPOKEN}`);
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return Number.isFinite(quality) ? quality : 0;
}

// Reads a request's body up to a limit. What is beyond the limit is read too, and thrown away, up to a bound.
import type { HttpContext } from "./context.ts";
import { HttpError } from "./errors.ts";
import { overQuota } from "./over-quota.ts";

// Of an answer that comes while it still sends, a client sees a broken connection: Node's fetch and Go from 5 MB on. A
// body that is thrown away costs no memory, and as much time as 64 bodies that are allowed.
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;
// A client that sends nothing for so long waits for the answer.
const DISCARD_SILENCE_MS = 1000;

/**
 * @throws {HttpError} 413 for a body over the limit: at once if it is over by more than 64 MiB, else when it has been read or
 * stops coming. 400 if the connection closes in the middle. 429 if the address, or all together, have too many bytes of
 * bodies under way.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  context: HttpContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > bytesMax + DISCARDED_BYTES_MAX) throw tooLarge(bytesMax);
  // Of a body that does not say its length, as much is kept as may be.
  const bytesUnderWay = declared <= bytesMax ? declared : bytesMax;
  const held = context.quotas.beginBody(() => context.useOf(request), bytesUnderWay);
  if (typeof held === "string") throw overQuota(held, context);
  try {
    return declared <= bytesMax ? await request.bytes() : await readCounting(request, bytesMax);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    throw new HttpError(400, "body_incomplete", "the connection closed before the body's end");
  } finally {
    context.quotas.endBody(held);
  }
}

/** A body that is too large, or without a length (chunked), must be counted while it is read. */
async function readCounting(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Bun.ArrayBufferSink();
  bytes.start({ asUint8Array: true });
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const reading = reader?.read();
    const { done = true, value } = (await (length > bytesMax ? orSilence(reading) : reading)) ?? {};
    if (done || value === undefined) break;
    length += value.length;
    if (length <= bytesMax) bytes.write(value);
    else if (length > bytesMax + DISCARDED_BYTES_MAX) break;
  }
  if (length > bytesMax) {
    await reader?.cancel();
    throw tooLarge(bytesMax);
  }
  return bytes.end() as Uint8Array<ArrayBuffer>;
}

/** What `reading` gives; nothing if that takes too long. */
async function orSilence<T>(reading: Promise<T> | undefined): Promise<T | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), DISCARD_SILENCE_MS);
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(bytesMax: number): HttpError {
  // Beyond the bound the rest of the body is never read, so the connection cannot serve another request.
  const message = `the body is too large: expected at most ${bytesMax} bytes`;
  return new HttpError(413, "body_too_large", message, { Connection: "close" });
}

// Reads a request's body up to a limit, and stops reading as soon as the limit is passed.
import { HttpError } from "./errors.ts";

/**
 * @throws {HttpError} 413 for a body over the limit, without reading it if it has a Content-Length; 400 if
 * the connection closes in the middle.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > bytesMax) throw tooLarge(bytesMax);
  try {
    return declared === null ? await readCounting(request, bytesMax) : await request.bytes();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    throw new HttpError(400, "body_incomplete", "the connection closed before the body's end");
  }
}

/** A body without a length (chunked) must be counted while it is read. */
async function readCounting(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Bun.ArrayBufferSink();
  bytes.start({ asUint8Array: true });
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || value === undefined) break;
    length += value.length;
    if (length > bytesMax) {
      await reader?.cancel();
      throw tooLarge(bytesMax);
    }
    bytes.write(value);
  }
  return bytes.end() as Uint8Array<ArrayBuffer>;
}

function tooLarge(bytesMax: number): HttpError {
  // The rest of the body is never read, so the connection cannot serve another request.
  const message = `the body is too large: expected at most ${bytesMax} bytes`;
  return new HttpError(413, "body_too_large", message, { Connection: "close" });
}

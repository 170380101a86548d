// Reads a request's body up to a limit, and stops reading the moment it is passed.
import { HttpError } from "./errors.ts";

/**
 * @throws {HttpError} 413, from Content-Length alone where the request has one; 400 where the client
 * went away in the middle.
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

/** Without a length (chunked) only counting tells. */
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
  const message = `the body is too large: expected ${bytesMax} bytes at the most`;
  return new HttpError(413, "body_too_large", message, { Connection: "close" });
}

// Reads a request's body up to a limit, and stops reading the moment it is passed.
import { HttpError } from "./errors.ts";

/** @throws {HttpError} 413, from Content-Length alone where the request has one. */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > bytesMax) throw tooLarge(bytesMax);
    return request.bytes();
  }
  if (request.body === null) return new Uint8Array(0);
  // Without a length (chunked) only counting tells.
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw tooLarge(bytesMax);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function tooLarge(bytesMax: number): HttpError {
  // The rest of the body is never read, so the connection cannot serve another request.
  const message = `the body is too large: expected ${bytesMax} bytes at the most`;
  return new HttpError(413, "body_too_large", message, { Connection: "close" });
}

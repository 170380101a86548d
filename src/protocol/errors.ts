// A peer that breaks the protocol: the close code that it gets, and why.
import type { CloseCode } from "./close-codes.ts";

/** Thrown by the decoders of messages; the connection is closed with `closeCode` and the message. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly closeCode: CloseCode;

  constructor(closeCode: CloseCode, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

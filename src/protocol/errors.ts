// The error for a peer that breaks the protocol: a close code and the reason.
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

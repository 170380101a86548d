// Acknowledgements of batches: the newest sequence, so soon that the server never takes this client for a
// slow one, and so rarely that they cost almost nothing [S17].
import { encodeAck } from "../protocol/index.ts";
import type { ClientRuntime } from "./runtime.ts";

// Half of what the rule asks for, because timers of a busy page fire late. 20 acknowledgements a second of
// 5 bytes are little beside the batches.
const DELAY_MS = 50;

// A quarter of the bytes that the server sends without an acknowledgement.
const BYTES_MAX = 64 * 1024;

/** Acknowledges the batches of one connection. */
export class Acknowledger {
  readonly #runtime: ClientRuntime;
  readonly #send: (ack: Uint8Array<ArrayBuffer>) => void;
  #sequence = 0;
  #byteCount = 0;
  // The oldest batch that is not acknowledged yet, and the timer that will acknowledge it.
  #waiting: { readonly sinceMs: number; readonly timer: unknown } | null = null;

  constructor(runtime: ClientRuntime, send: (ack: Uint8Array<ArrayBuffer>) => void) {
    this.#runtime = runtime;
    this.#send = send;
  }

  /** A batch was received. Full state is acknowledged at once, because the server waits for that. */
  received(batch: { sequence: number; byteLength: number; isFullState: boolean }): void {
    this.#sequence = batch.sequence;
    this.#byteCount += batch.byteLength;
    const nowMs = this.#runtime.now();
    this.#waiting ??= {
      sinceMs: nowMs,
      timer: this.#runtime.setTimeout(() => this.#acknowledge(), DELAY_MS),
    };
    // Browsers slow the timers of hidden pages down to one a second, but not the messages of sockets.
    const isDue = nowMs - this.#waiting.sinceMs >= DELAY_MS;
    if (batch.isFullState || isDue || this.#byteCount > BYTES_MAX) this.#acknowledge();
  }

  /** The connection has ended. */
  stop(): void {
    if (this.#waiting !== null) this.#runtime.clearTimeout(this.#waiting.timer);
    this.#waiting = null;
  }

  #acknowledge(): void {
    this.stop();
    this.#byteCount = 0;
    this.#send(encodeAck(this.#sequence));
  }
}

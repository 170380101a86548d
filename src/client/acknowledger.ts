// Acknowledgements of batches: the newest sequence, soon enough that the server never takes this client
// for a slow one, seldom enough that they cost nothing [S17].
import { encodeAck } from "../protocol/index.ts";
import type { ClientRuntime } from "./runtime.ts";

// Half of what the rule asks for: a timer of a busy page comes late. 20 acknowledgements a second of
// 5 bytes are nothing beside the batches.
const DELAY_MS = 50;

// A quarter of what the server lets be under way.
const BYTES_MAX = 64 * 1024;

/** Acknowledges what one connection receives. */
export class Acknowledger {
  readonly #runtime: ClientRuntime;
  readonly #send: (ack: Uint8Array<ArrayBuffer>) => void;
  #sequence = 0;
  #byteCount = 0;
  // Since when something is to be acknowledged, and what sees to it that it is.
  #waiting: { readonly sinceMs: number; readonly timer: unknown } | null = null;

  constructor(runtime: ClientRuntime, send: (ack: Uint8Array<ArrayBuffer>) => void) {
    this.#runtime = runtime;
    this.#send = send;
  }

  /** A batch has come. Full state is acknowledged at once: the server waits for it. */
  received(batch: { sequence: number; byteLength: number; isFullState: boolean }): void {
    this.#sequence = batch.sequence;
    this.#byteCount += batch.byteLength;
    const nowMs = this.#runtime.now();
    this.#waiting ??= {
      sinceMs: nowMs,
      timer: this.#runtime.setTimeout(() => this.#acknowledge(), DELAY_MS),
    };
    // Browsers slow down the timers of hidden pages to one a second, but not what comes from a socket.
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

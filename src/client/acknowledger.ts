// Acknowledgements of batches: the newest sequence, so soon that the server never takes this client for a
// slow one, and so rarely that they cost almost nothing [S17].
import { encodeAck } from "../protocol/index.ts";
import type { ClientRuntime } from "./runtime.ts";

// Half of what the rule asks for, because timers of a busy page fire late. 20 acknowledgements a second of
// 5 bytes are little beside the batches.
const INTERVAL_MS = 50;

// A quarter of the bytes that the server sends without an acknowledgement.
const BYTES_MAX = 64 * 1024;

/** Acknowledges the batches of one connection: as they come, and by a timer only the last before a pause. */
export class Acknowledger {
  readonly #runtime: ClientRuntime;
  readonly #send: (ack: Uint8Array<ArrayBuffer>) => void;
  #sequence: number | null = null;
  #byteCount = 0;
  #lastAckMs = -Infinity;
  #timer: unknown = null;

  constructor(runtime: ClientRuntime, send: (ack: Uint8Array<ArrayBuffer>) => void) {
    this.#runtime = runtime;
    this.#send = send;
  }

  /** A batch was received. Full state is acknowledged at once, because the server waits for that. */
  received(batch: { sequence: number; byteLength: number; isFullState: boolean }): void {
    this.#sequence = batch.sequence;
    this.#byteCount += batch.byteLength;
    const waitMs = this.#lastAckMs + INTERVAL_MS - this.#runtime.now();
    if (batch.isFullState || waitMs <= 0 || this.#byteCount > BYTES_MAX) this.acknowledge();
    else this.#timer ??= this.#runtime.setTimeout(() => this.acknowledge(), waitMs);
  }

  /** Now: the timer is due, or the server asks, because the timers of a hidden page run once a minute. */
  acknowledge(): void {
    this.stop();
    if (this.#sequence === null) return;
    this.#byteCount = 0;
    this.#lastAckMs = this.#runtime.now();
    this.#send(encodeAck(this.#sequence));
  }

  /** The connection has ended. */
  stop(): void {
    if (this.#timer !== null) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

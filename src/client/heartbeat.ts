// Pings tell the server that this client is alive [S9], and the client that the server is, and the time.
import type { ClockSync } from "./clock-sync.ts";
import type { ClientRuntime } from "./runtime.ts";

const INTERVAL_MS = 2000;
// The first few are sent quickly, so that the clock is synced after a fifth of a second.
const FIRST_INTERVAL_MS = 100;
const FIRST_PINGS = 5;

// Three pings without any message from the server: the connection is broken, though no close was seen.
const SILENCE_MAX_MS = 6000;

/** The pings of one connection. */
export class Heartbeat {
  readonly #runtime: ClientRuntime;
  readonly #clock: ClockSync;
  readonly #sendPing: (id: number) => void;
  readonly #onSilence: () => void;
  // When each unanswered ping was sent, by id. Silence ends the connection long before this grows.
  readonly #sentMs = new Map<number, number>();
  #pingCount = 0;
  #lastPingMs = -Infinity;
  // The first ping since the server said anything.
  #waitingSinceMs: number | null = null;
  #timer: unknown = null;

  constructor(options: {
    runtime: ClientRuntime;
    clock: ClockSync;
    sendPing: (id: number) => void;
    onSilence: () => void;
  }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
    this.#sendPing = options.sendPing;
    this.#onSilence = options.onSilence;
    this.#beat();
  }

  stop(): void {
    this.#runtime.clearTimeout(this.#timer);
  }

  /** A message of the server was received. */
  received(): void {
    this.#waitingSinceMs = null;
    // Browsers slow the timers of hidden pages down to one a minute, so messages send pings too.
    const nowMs = this.#runtime.now();
    if (this.#pingCount >= FIRST_PINGS && nowMs - this.#lastPingMs >= INTERVAL_MS) {
      this.#ping(nowMs);
    }
  }

  /** The answer to a ping. */
  pong(id: number, serverTimeUs: number): void {
    const sentMs = this.#sentMs.get(id);
    if (sentMs === undefined) return;
    // Answers come in order, so earlier unanswered pings will get none.
    for (const each of this.#sentMs.keys()) if (each <= id) this.#sentMs.delete(each);
    this.#clock.addSample({ sentMs, receivedMs: this.#runtime.now(), serverTimeUs });
  }

  #beat(): void {
    const nowMs = this.#runtime.now();
    if (this.#waitingSinceMs !== null && nowMs - this.#waitingSinceMs >= SILENCE_MAX_MS) {
      return this.#onSilence();
    }
    const intervalMs = this.#pingCount < FIRST_PINGS ? FIRST_INTERVAL_MS : INTERVAL_MS;
    this.#ping(nowMs);
    this.#timer = this.#runtime.setTimeout(() => this.#beat(), intervalMs);
  }

  #ping(nowMs: number): void {
    const id = ++this.#pingCount;
    this.#sentMs.set(id, nowMs);
    this.#lastPingMs = nowMs;
    this.#waitingSinceMs ??= nowMs;
    this.#sendPing(id);
  }
}

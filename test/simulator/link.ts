// One simulated connection: both directions have a delay, the client reads at its own speed or not at all, and the
// line may be cut. Messages of one direction keep their order, as in TCP.
import type { EventQueue } from "../event-queue.ts";
import type { MemorySocket, Message } from "../memory-server.ts";
import type { Random } from "../random.ts";

/** What comes out at the client's end. */
export interface LinkReader {
  read(message: Message): void;
  ended(code: number, reason: string): void;
}

// The server keeps 256 KiB or four batches under way to a receiver [S17], and the batch that tells; and
// none for longer than 250 ms and a round trip of which it believes 500 ms.
const UNACKNOWLEDGED_BYTES_MAX = 256 * 1024;
const UNACKNOWLEDGED_BATCHES_MIN = 4;
const UNACKNOWLEDGED_MS_MAX = 250 + 500;
const BATCH = 0x03;

type Incoming =
  | { readonly message: Message; readonly readyMs: number }
  | { readonly end: { code: number; reason: string }; readonly readyMs: number };

export class Link {
  /** One way, without what the queue adds. */
  latencyMs = 20;
  jitterMs = 10;
  bytesPerMs = 10_000;
  socket!: MemorySocket;
  readonly #clock: EventQueue;
  readonly #random: Random;
  readonly #reader: LinkReader;
  readonly #incoming: Incoming[] = [];
  #pausedUntilMs = 0;
  #readingUntilMs = 0;
  #lastUpMs = 0;
  #lastDownMs = 0;
  #isCut = false;
  #unreadBatchBytes = 0;
  #largestBatchBytes = 0;
  // When the batches that are under way were sent, and when the last one was.
  readonly #unreadSentMs: number[] = [];
  #lastSentMs = 0;

  constructor(clock: EventQueue, random: Random, reader: LinkReader) {
    this.#clock = clock;
    this.#random = random;
    this.#reader = reader;
  }

  /** The client sends. */
  send(message: Message): void {
    if (this.#isCut) return;
    this.#lastUpMs = Math.max(this.#lastUpMs, this.#arrivalMs());
    this.#clock.after(this.#lastUpMs - this.#clock.nowMs, () => {
      if (!this.#isCut) this.socket.receive(message);
    });
  }

  /** The server sends. @throws {Error} if it sends more than a slow reader may be sent. */
  message(message: Message): void {
    if (isBatch(message)) this.#checkUnderWay(message.length);
    this.#enqueue({ message, readyMs: this.#downArrivalMs() });
  }

  /** The server closes. */
  closed(code: number, reason: string): void {
    this.#enqueue({ end: { code, reason }, readyMs: this.#downArrivalMs() });
  }

  /** Reads nothing for a while. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.nowMs + ms);
  }

  /** Reads again, and as fast as the line allows. */
  recover(): void {
    this.#pausedUntilMs = 0;
    this.bytesPerMs = 10_000;
    this.#readingUntilMs = Math.min(this.#readingUntilMs, this.#clock.nowMs);
    this.#read();
  }

  /** Cuts the line. The server notices after this time; null: never. */
  cut(noticedAfterMs: number | null): void {
    this.#isCut = true;
    if (noticedAfterMs !== null) this.#clock.after(noticedAfterMs, () => this.socket.lose());
  }

  #checkUnderWay(batchBytes: number): void {
    const largest = Math.max(this.#largestBatchBytes, batchBytes);
    const bytesMax = Math.max(UNACKNOWLEDGED_BYTES_MAX, UNACKNOWLEDGED_BATCHES_MIN * largest);
    this.#largestBatchBytes = largest;
    this.#unreadBatchBytes += batchBytes;
    if (this.#unreadBatchBytes > bytesMax + largest) {
      throw new Error(`S17: ${this.#unreadBatchBytes} bytes are under way to one receiver`);
    }
    // The last batch was not the one that told.
    const oldestMs = this.#unreadSentMs[0] ?? Infinity;
    if (this.#lastSentMs - oldestMs > UNACKNOWLEDGED_MS_MAX) {
      throw new Error(`S17: a batch is under way since ${this.#lastSentMs - oldestMs} ms`);
    }
    this.#lastSentMs = this.#clock.nowMs;
    this.#unreadSentMs.push(this.#lastSentMs);
  }

  #arrivalMs(): number {
    return this.#clock.nowMs + this.latencyMs + this.#random.between(0, this.jitterMs);
  }

  #downArrivalMs(): number {
    this.#lastDownMs = Math.max(this.#lastDownMs, this.#arrivalMs());
    return this.#lastDownMs;
  }

  #enqueue(incoming: Incoming): void {
    if (this.#incoming.push(incoming) === 1) this.#read();
  }

  /** Reads what is there, or plans to. */
  #read(): void {
    while (this.#incoming.length > 0 && !this.#isCut) {
      const [first] = this.#incoming;
      const atMs = Math.max(first.readyMs, this.#readingUntilMs, this.#pausedUntilMs);
      if (atMs > this.#clock.nowMs) {
        // A pause or a recovery may move it: whoever comes looks again.
        this.#clock.after(atMs - this.#clock.nowMs, () => this.#read());
        return;
      }
      this.#incoming.shift();
      if ("end" in first) return this.#reader.ended(first.end.code, first.end.reason);
      const { message } = first;
      this.#readingUntilMs = this.#clock.nowMs + message.length / this.bytesPerMs;
      if (isBatch(message)) {
        this.#unreadBatchBytes -= message.length;
        this.#unreadSentMs.shift();
      }
      this.#reader.read(message);
    }
  }
}

function isBatch(message: Message): boolean {
  return typeof message !== "string" && message[0] === BATCH;
}

// A connection that records everything it receives, with the time. It publishes only when told to.
import { BatchReader, decodeServerMessage, encodeAck } from "../src/protocol/index.ts";
import type { StreamFormat } from "../src/codec/index.ts";
import type { ServerMessage } from "../src/protocol/index.ts";
import { nowMs } from "../src/load/clock.ts";

export interface BatchNote {
  readonly atMs: number;
  readonly sequence: number;
  readonly isFullState: boolean;
  readonly serverTimeUs: number;
  readonly entries: number;
}

export type Welcome = Extract<ServerMessage, { type: "welcome" }>;

export interface WatcherOptions {
  /** `ws://host:port` */
  readonly url: string;
  readonly room: string;
  /** Without a player: a spectator. */
  readonly player?: string;
  readonly resumeKey?: string;
  /** Content ids of the skeletons that it says it holds. */
  readonly skeletons?: readonly string[];
  /** Binary unless set. */
  readonly format?: StreamFormat;
  /** Called with every batch. */
  readonly onBatch?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

const WAIT_MS_MAX = 15_000;

export class Watcher {
  readonly welcome: Promise<Welcome>;
  /** The first batch's bytes. */
  readonly firstBatch: Promise<Uint8Array<ArrayBuffer>>;
  readonly closed: Promise<void>;
  readonly batches: BatchNote[] = [];
  readonly controls: ServerMessage[] = [];
  readonly joinMessage: string;
  readonly #socket: WebSocket;

  constructor(options: WatcherOptions) {
    const { url, room, player, resumeKey, skeletons, format = "binary", onBatch } = options;
    this.joinMessage = JSON.stringify({ type: "join", player, resumeKey, skeletons });
    const [welcome, firstBatch, closed] = [
      Promise.withResolvers<Welcome>(),
      Promise.withResolvers<Uint8Array<ArrayBuffer>>(),
      Promise.withResolvers<void>(),
    ];
    this.welcome = withTimeout(welcome.promise, "welcome");
    this.firstBatch = withTimeout(firstBatch.promise, "batch");
    this.closed = closed.promise;
    this.#socket = new WebSocket(`${url}/rooms/${room}/stream`, [`avatar-sync.v1.${format}`]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("open", () => {
      this.#socket.send(this.joinMessage);
    });
    this.#socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        const message = decodeServerMessage(data);
        if (message === undefined) return;
        this.controls.push(message);
        if (message.type === "welcome") welcome.resolve(message);
      } else {
        const bytes = new Uint8Array(data as ArrayBuffer);
        this.#note(bytes);
        onBatch?.(bytes);
        firstBatch.resolve(bytes);
      }
    });
    this.#socket.addEventListener("close", () => closed.resolve());
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  leave(): void {
    this.send(JSON.stringify({ type: "leave" }));
    this.#socket.close();
  }

  #note(bytes: Uint8Array<ArrayBuffer>): void {
    const batch = new BatchReader(bytes);
    const { sequence, isFullState, serverTimeUs } = batch;
    let entries = 0;
    while (batch.next()) entries++;
    this.batches.push({ atMs: nowMs(), sequence, isFullState, serverTimeUs, entries });
    this.send(encodeAck(sequence));
  }
}

function withTimeout<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timeout = setTimeout(() => reject(new Error(`no ${what} came`)), WAIT_MS_MAX);
  const first = Promise.race([promise, late]).finally(() => clearTimeout(timeout));
  // A failure is thrown to whoever waits for it.
  first.catch(() => {});
  return first;
}

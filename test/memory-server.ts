// The hub and its streaming transport without sockets: connections in memory and a clock that only
// tests move. A close reaches the server at once, as Bun's does.
import type { StreamFormat } from "../src/codec/index.ts";
import { Hub } from "../src/hub/hub.ts";
import type { HubOptions } from "../src/hub/hub.ts";
import type { Room } from "../src/hub/room.ts";
import { StreamServer } from "../src/ws/stream-server.ts";
import type { Socket, SocketData } from "../src/ws/stream-server.ts";
import { EventQueue } from "./event-queue.ts";

export type Message = string | Uint8Array<ArrayBuffer>;

/** The client's end of a connection. It may keep messages, but must not change them. */
export interface ClientEnd {
  message(message: Message): void;
  closed(code: number, reason: string): void;
}

export interface MemoryServerOptions extends Partial<HubOptions> {
  readonly clock?: EventQueue;
  /** How late the next tick comes; negative if early. */
  readonly tickLatenessMs?: () => number;
  /** Called with everything that is broadcast. */
  readonly onPublish?: (topic: string, data: Message) => void;
}

const SWEEP_INTERVAL_MS = 1000;

/** What an abnormal end looks like from the server: the WebSocket's own code. */
const LOST = 1006;

export class MemoryServer {
  readonly clock: EventQueue;
  readonly hub: Hub;
  readonly streams: StreamServer;
  /** Bytes of data messages that connections were sent, by format. */
  readonly sentBytes: Record<StreamFormat, number> = { json: 0, binary: 0, stream: 0 };
  readonly #topics = new Map<string, Set<MemorySocket>>();
  readonly #sockets = new Set<MemorySocket>();
  readonly #onPublish: MemoryServerOptions["onPublish"];

  constructor(options: MemoryServerOptions = {}) {
    const {
      clock = new EventQueue(),
      tickLatenessMs = () => 0,
      onPublish,
      ...hubOptions
    } = options;
    this.clock = clock;
    this.#onPublish = onPublish;
    let resumeKeys = 0;
    const host = {
      publish: (topic: string, data: Message) => this.#publish(topic, data),
      createResumeKey: () => `resume-key-${++resumeKeys}`,
      scheduleTick: (room: Room, delayMs: number) =>
        clock.after(Math.max(0, delayMs + tickLatenessMs()), () => room.tick(clock.nowMs)),
    };
    this.hub = new Hub(hubOptions, host, clock.nowMs);
    this.streams = new StreamServer(this.hub, () => clock.nowMs);
    clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
  }

  /** Topics that anybody is subscribed to. */
  get topicCount(): number {
    return this.#topics.size;
  }

  /** Connections that batches of a room and format are published to at present. */
  countReceivers(room: string, format: StreamFormat): number {
    let count = 0;
    for (const [topic, sockets] of this.#topics) {
      if (topic.startsWith(`${room}/${format}/`)) count += sockets.size;
    }
    return count;
  }

  /** Connections that have joined a room, of one format. */
  countMembers(room: string, format: StreamFormat): number {
    let count = 0;
    for (const { data } of this.#sockets) {
      if (data.membership.state === "joined" && data.roomId === room && data.format === format)
        count++;
    }
    return count;
  }

  connect(room: string, format: StreamFormat, client: ClientEnd): MemorySocket {
    const socket = new MemorySocket(this, this.streams.socketData(room, format), client);
    this.#sockets.add(socket);
    this.streams.open(socket);
    return socket;
  }

  subscribe(topic: string, socket: MemorySocket): void {
    const receivers = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, receivers.add(socket));
  }

  unsubscribe(topic: string, socket: MemorySocket): void {
    const receivers = this.#topics.get(topic);
    receivers?.delete(socket);
    if (receivers?.size === 0) this.#topics.delete(topic);
  }

  /** Ends the connection like Bun: it leaves all topics, and the handler is called. */
  end(socket: MemorySocket): void {
    this.#sockets.delete(socket);
    for (const topic of this.#topics.keys()) this.unsubscribe(topic, socket);
    this.streams.close(socket);
  }

  #publish(topic: string, data: Message): void {
    const receivers = this.#topics.get(topic);
    this.#onPublish?.(topic, data);
    // One copy for all receivers, because the hub writes its next batch into the same memory.
    const copy = typeof data === "string" ? data : data.slice();
    for (const socket of receivers ?? []) socket.deliver(copy);
  }

  #sweep(): void {
    this.hub.sweep(this.clock.nowMs);
    this.streams.sweep(this.clock.nowMs);
    this.clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
  }
}

export class MemorySocket implements Socket {
  readonly data: SocketData;
  readyState: 1 | 3 = WebSocket.OPEN;
  binaryType = "uint8array" as const;
  readonly #server: MemoryServer;
  readonly #client: ClientEnd;

  constructor(server: MemoryServer, data: SocketData, client: ClientEnd) {
    this.#server = server;
    this.data = data;
    this.#client = client;
  }

  send(data: Message): number {
    this.deliver(typeof data === "string" ? data : data.slice());
    return data.length;
  }

  /** As `send`, for a message that will not change. */
  deliver(message: Message): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (typeof message !== "string") this.#server.sentBytes[this.data.format] += message.length;
    this.#client.message(message);
  }

  subscribe(topic: string): boolean {
    if (this.readyState !== WebSocket.OPEN) return false;
    this.#server.subscribe(topic, this);
    return true;
  }

  unsubscribe(topic: string): boolean {
    this.#server.unsubscribe(topic, this);
    return true;
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState !== WebSocket.OPEN) return;
    this.readyState = WebSocket.CLOSED;
    this.#server.end(this);
    this.#client.closed(code, reason);
  }

  /** The client's message arrives. */
  receive(message: Message): void {
    if (this.readyState !== WebSocket.OPEN) return;
    // Each message has its own memory, which need not be aligned.
    this.#server.streams.message(
      this,
      typeof message === "string" ? message : atOddOffset(message),
    );
  }

  /** The server finds that the connection is lost. */
  lose(): void {
    this.close(LOST, "");
  }
}

function atOddOffset(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(1 + message.length);
  memory.set(message, 1);
  return memory.subarray(1);
}

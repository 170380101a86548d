// The hub without sockets: clients in this process, and a clock that only tests move. A close reaches the
// hub at once, as Bun's does.
import type { StreamFormat } from "../src/codec/index.ts";
import { BroadcasterGroup } from "../src/hub/connections/broadcaster.ts";
import type { Broadcaster } from "../src/hub/connections/broadcaster.ts";
import type { Message } from "../src/hub/connections/connection.ts";
import { InProcessBroadcaster } from "../src/hub/connections/in-process-broadcaster.ts";
import type { Deliver } from "../src/hub/connections/in-process-broadcaster.ts";
import { InProcessConnection } from "../src/hub/connections/in-process-connection.ts";
import type { InProcessClient } from "../src/hub/connections/in-process-connection.ts";
import type { Peer } from "../src/hub/connections/peer.ts";
import { Peers } from "../src/hub/connections/peers.ts";
import { Hub, SETTLE_INTERVAL_MS } from "../src/hub/hub.ts";
import type { HubOptions } from "../src/hub/hub.ts";
import type { Room } from "../src/hub/room.ts";
import type { RoomObserver } from "../src/hub/room-observer.ts";
import { EventQueue } from "./event-queue.ts";

export type { Message } from "../src/hub/connections/connection.ts";
export type { InProcessClient } from "../src/hub/connections/in-process-connection.ts";

export interface MemoryServerOptions extends Partial<HubOptions> {
  readonly clock?: EventQueue;
  /** How late the next tick comes; negative: early. */
  readonly tickLatenessMs?: () => number;
  /** Sees what is broadcast, before anybody is sent it. */
  readonly onBroadcast?: Broadcaster["broadcast"];
  readonly observer?: RoomObserver;
  /** After each tick of a room. */
  readonly onTick?: (room: Room) => void;
}

const SWEEP_INTERVAL_MS = 1000;

/** What an abnormal end looks like from the server: the WebSocket's own code. */
const LOST = 1006;

export class MemoryServer {
  readonly clock: EventQueue;
  readonly hub: Hub;
  readonly peers: Peers;
  /** Bytes of data messages that connections were sent, by format. */
  readonly sentBytes: Record<StreamFormat, number> = { json: 0, binary: 0, stream: 0 };
  readonly #broadcaster = new CountingBroadcaster();
  readonly #sockets = new Set<MemorySocket>();

  constructor(options: MemoryServerOptions = {}) {
    const {
      clock = new EventQueue(),
      tickLatenessMs = () => 0,
      onBroadcast = () => {},
      observer,
      onTick = () => {},
      ...hubOptions
    } = options;
    this.clock = clock;
    let resumeKeys = 0;
    const host = {
      broadcaster: new BroadcasterGroup([{ broadcast: onBroadcast }, this.#broadcaster]),
      createResumeKey: () => `resume-key-${++resumeKeys}`,
      scheduleTick: (room: Room, delayMs: number) =>
        clock.after(Math.max(0, delayMs + tickLatenessMs()), () => {
          room.tick(clock.nowMs);
          onTick(room);
        }),
      ...(observer !== undefined && { observer }),
    };
    this.hub = new Hub(hubOptions, host, clock.nowMs);
    this.peers = new Peers(this.hub);
    clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
    clock.after(SETTLE_INTERVAL_MS, () => this.#settle());
  }

  /** How many connections are subscribed to each topic that anybody is on. */
  get receiverCounts(): ReadonlyMap<string, number> {
    return this.#broadcaster.receiverCounts;
  }

  /** Connections that have joined a room, of one format. */
  countMembers(room: string, format: StreamFormat): number {
    let count = 0;
    for (const { peer } of this.#sockets) {
      if (peer.isJoined && peer.roomId === room && peer.connection.format === format) count++;
    }
    return count;
  }

  connect(room: string, format: StreamFormat, client: InProcessClient): MemorySocket {
    const socket = new MemorySocket(this, room, format, client);
    this.#sockets.add(socket);
    return socket;
  }

  /** The connection of a new socket. */
  open(socket: MemorySocket, format: StreamFormat, client: InProcessClient): InProcessConnection {
    return new InProcessConnection(format, this.#broadcaster, {
      message: (message) => {
        if (typeof message !== "string") this.sentBytes[format] += message.length;
        client.message(message);
      },
      pinged: () => client.pinged?.(),
      closed: (code, reason) => {
        this.#sockets.delete(socket);
        this.peers.remove(socket.peer, this.clock.nowMs);
        client.closed(code, reason);
      },
    });
  }

  #settle(): void {
    this.hub.settle(this.clock.nowMs);
    this.clock.after(SETTLE_INTERVAL_MS, () => this.#settle());
  }

  #sweep(): void {
    this.hub.sweep(this.clock.nowMs);
    this.peers.sweep(this.clock.nowMs);
    this.clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
  }
}

class CountingBroadcaster extends InProcessBroadcaster {
  readonly receiverCounts = new Map<string, number>();

  override subscribe(topic: string, deliver: Deliver): void {
    super.subscribe(topic, deliver);
    this.#add(topic, 1);
  }

  override unsubscribe(topic: string, deliver: Deliver): void {
    super.unsubscribe(topic, deliver);
    this.#add(topic, -1);
  }

  #add(topic: string, more: number): void {
    const count = (this.receiverCounts.get(topic) ?? 0) + more;
    if (count === 0) this.receiverCounts.delete(topic);
    else this.receiverCounts.set(topic, count);
  }
}

/** One client's connection, from outside: what a socket is to a client elsewhere. */
export class MemorySocket {
  readonly peer: Peer;
  readonly #server: MemoryServer;
  readonly #connection: InProcessConnection;

  constructor(server: MemoryServer, room: string, format: StreamFormat, client: InProcessClient) {
    this.#server = server;
    this.#connection = server.open(this, format, client);
    this.peer = server.peers.add(this.#connection, room, server.clock.nowMs);
  }

  /** The client's message arrives. */
  receive(message: Message): void {
    if (!this.#connection.isOpen) return;
    // A message's memory is the server's own, and need not begin at a multiple of anything.
    const received = typeof message === "string" ? message : atOddOffset(message);
    this.peer.receive(received, this.#server.clock.nowMs);
  }

  /** The client's end of the line answers a ping. */
  answer(): void {
    this.peer.answered(this.#server.clock.nowMs);
  }

  /** The server finds that the connection is lost. */
  lose(): void {
    this.#connection.close(LOST, "");
  }
}

function atOddOffset(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(1 + message.length);
  memory.set(message, 1);
  return memory.subarray(1);
}

// All streaming clients of one server, over whatever transports.
import type { Hub } from "../hub.ts";
import type { Connection } from "./connection.ts";
import { Peer } from "./peer.ts";
import type { PeerObserver } from "./peer.ts";

export class Peers {
  readonly #hub: Hub;
  readonly #peers = new Set<Peer>();

  readonly #observer: PeerObserver;

  constructor(hub: Hub, observer: PeerObserver) {
    this.#hub = hub;
    this.#observer = observer;
  }

  /** Open connections, including those that have not joined a room yet. */
  get count(): number {
    return this.#peers.size;
  }

  /** A connection is open: what its client says goes to the peer that comes back. */
  add(connection: Connection, roomId: string, nowMs: number): Peer {
    const peer = new Peer(this.#hub, { connection, roomId, observer: this.#observer }, nowMs);
    this.#peers.add(peer);
    return peer;
  }

  /** The peer's connection has ended. */
  remove(peer: Peer, nowMs: number): void {
    this.#peers.delete(peer);
    peer.end(nowMs);
  }

  /** Closes connections that never join. Call it every second or so. */
  sweep(nowMs: number): void {
    for (const peer of this.#peers) peer.sweep(nowMs);
  }

  /** Tells every client to come back later. */
  closeAll(): void {
    for (const { connection } of this.#peers) connection.close(1001, "the server is going away");
  }
}

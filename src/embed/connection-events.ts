// What becomes of streaming connections, in the log and in the metrics.
import type { Peer, PeerObserver } from "../hub/connections/peer.ts";
import type { Log } from "../log.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import { CloseCode } from "../protocol/index.ts";

// Of WebSockets themselves, and ours. A client may send any code up to 4999: those are not counted apart.
const PROTOCOL_CLOSE_CODES = [1000, 1001, 1002, 1005, 1006, 1007, 1009, 1011];
const CLOSE_CODES = new Set<number>(PROTOCOL_CLOSE_CODES.concat(Object.values(CloseCode)));

export class ConnectionEvents implements PeerObserver {
  readonly #log: Log;
  readonly #metrics: ServerMetrics;
  readonly #now: () => number;

  constructor(log: Log, metrics: ServerMetrics, now: () => number) {
    this.#log = log;
    this.#metrics = metrics;
    this.#now = now;
  }

  joined(peer: Peer): void {
    this.#log.info("joined", fieldsOf(peer));
  }

  failed(error: unknown): void {
    this.#log.fault(error);
  }

  closed(peer: Peer, code: number): void {
    this.#metrics.closes.add(CLOSE_CODES.has(code) ? String(code) : "other");
    const seconds = Math.round((this.#now() - peer.openedMs) / 100) / 10;
    this.#log.info("closed", { ...fieldsOf(peer), code, seconds });
  }
}

function fieldsOf({ roomId, playerId, connection }: Peer) {
  const { format, address } = connection;
  return { room: roomId, player: playerId, format, address };
}

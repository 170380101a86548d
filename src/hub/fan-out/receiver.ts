// A receiver: what one connection is sent of its room, what it has acknowledged, and how far it is behind.
import { CloseCode, ProtocolError } from "../../protocol/index.ts";
import type { ServerMessage, ViewMessage } from "../../protocol/index.ts";
import type { Connection } from "../connections/connection.ts";
import type { Player } from "../players/player.ts";
import { BATCHES_REMEMBERED, distance } from "./batch-history.ts";
import type { BatchHistory } from "./batch-history.ts";
import type { Route } from "./route.ts";
import { SkeletonHolder } from "./skeleton-holders.ts";

/** 10 s: three lost pings. Long enough for a phone to change cells, short enough for no ghosts. */
export const SILENCE_MAX_MS = 10_000;

/** Older poses than this are not worth sending: the next is newer. */
const BEHIND_MAX_MS = 250;
// A round trip beyond this is a slow line, not a long one.
const ROUND_TRIP_MAX_MS = 500;
/** What may be under way to one receiver, so that no buffer grows. */
const UNACKNOWLEDGED_BYTES_MAX = 256 * 1024;
// In a room whose single batch is larger than that, this many may be under way all the same.
const UNACKNOWLEDGED_BATCHES_MIN = 4;

/**
 * A receiver that is most of the way to being behind gets fewer layers, if its format has several. 200 ms:
 * one that acknowledges as late as it may, 100 ms after a batch, leaves 133 ms of 30 Hz unacknowledged, and
 * more after a hiccup.
 */
const FEWER_LAYERS_SHARE = 0.8;
const MORE_LAYERS_AFTER_MS = 2000;

// The timer that acknowledges the last batch may run a minute late in a hidden page. A message does not.
const ASK_AFTER_MS = 1000;
const ASK = JSON.stringify({ type: "acknowledge" } satisfies ServerMessage);

/** Whether batches reach it, and if not, which one it must acknowledge first. */
type Flow =
  | { readonly state: "live" }
  | { readonly state: "behind"; readonly sentSequence: number };

export interface ReceiverOptions {
  /** Whom its connection plays; null: a spectator. */
  readonly own: Player | null;
  /** How many layers it asks for, 1 or more. */
  readonly layers: number;
  /** How many layers its format has. */
  readonly layerCount: number;
  /** The batches of its format. */
  readonly batches: BatchHistory;
}

export class Receiver {
  readonly connection: Connection;
  /** The skeletons that it holds. */
  readonly skeletons = new SkeletonHolder();
  /** Whom its connection plays; null: a spectator. */
  readonly own: Player | null;
  /** From where it wants to see a crowd; null: it has not said. */
  view: ViewMessage | null = null;
  readonly #batches: BatchHistory;
  readonly #layerCount: number;
  #route: Route | null = null;
  /** Behind until it has been given full state. */
  #flow: Flow = { state: "behind", sentSequence: 0 };
  // Temporal layers that it asks for, and those that it is sent; formats without layers have one.
  #layersWanted: number;
  #layers: number;
  #layersChangedMs = 0;
  /** The newest batch that it has acknowledged, or been given full state of. */
  #ackedSequence = 0;
  /** Since when something is unacknowledged and no acknowledgement came; null: nothing is. */
  #waitingSinceMs: number | null = null;
  /** The quickest acknowledgement so far: its round trip. It may be late by that without being slow. */
  #quickestAckMs = Infinity;

  constructor(connection: Connection, { own, layers, layerCount, batches }: ReceiverOptions) {
    this.connection = connection;
    this.own = own;
    this.#batches = batches;
    this.#layerCount = layerCount;
    this.#layersWanted = Math.min(layers, layerCount);
    this.#layers = this.#layersWanted;
  }

  /** Whether it gets no batches until it has acknowledged what it was sent. */
  get isBehind(): boolean {
    return this.#flow.state === "behind";
  }

  /** How many layers it is sent. */
  get layers(): number {
    return this.#layers;
  }

  /** Batches come this way from now on. A receiver is behind until it has one, and has been given full state. */
  follow(route: Route): void {
    if (!this.isBehind) {
      this.#route?.close(this.connection, this.#layers);
      route.open(this.connection, this.#layers);
    }
    this.#route = route;
  }

  /** Whether it is sent the batches with this number of layers. */
  receives(layers: number): boolean {
    return !this.isBehind && this.#layers === layers;
  }

  /** How many layers it asks for: it gets no more than that. */
  setLayersWanted(layers: number): void {
    this.#layersWanted = Math.min(layers, this.#layerCount);
    this.#setLayers(this.#layersWanted);
  }

  /** Full state was sent: batches reach the receiver from now on. */
  goLive(nowMs: number): void {
    // A live receiver asked for full state: what it has not acknowledged is still under way.
    if (!this.isBehind) return;
    this.#route?.open(this.connection, this.#layers);
    this.#flow = { state: "live" };
    this.#ackedSequence = this.#batches.newest;
    this.#waitingSinceMs = nowMs;
  }

  /** Ends what the receiver is sent. */
  leave(): void {
    if (!this.isBehind) this.#fallBehind();
  }

  /**
   * Takes note that the receiver has read up to `sequence`.
   * @returns whether it was behind and has read all that it was sent: it needs full state now.
   * @throws {ProtocolError} if it was never sent that.
   */
  acknowledge(sequence: number, nowMs: number): boolean {
    const flow = this.#flow;
    const sent = flow.state === "live" ? this.#batches.newest : flow.sentSequence;
    if (distance(sequence, sent) > 0) {
      const message = `ack of ${sequence}: ${sent} is the newest sent`;
      throw new ProtocolError(CloseCode.BadMessage, message);
    }
    if (distance(sequence, this.#ackedSequence) < 0) return false;
    // To say the same again acknowledges nothing.
    if (sequence !== this.#ackedSequence) this.#waitingSinceMs = nowMs;
    if (sequence === sent) this.#waitingSinceMs = null;
    this.#ackedSequence = sequence;
    if (this.#batches.remembers(sequence)) {
      const ackMs = nowMs - this.#batches.sentMs(sequence);
      this.#quickestAckMs = Math.min(this.#quickestAckMs, ackMs);
    }
    return flow.state === "behind" && sequence === sent;
  }

  /** A batch has just been sent to it: it gets fewer layers, or no more batches, if it does not keep up. */
  checkLag(nowMs: number): void {
    if (this.#ackedSequence === this.#batches.newest) return;
    this.#waitingSinceMs ??= nowMs;
    // A native broadcast drops silently for a slow socket, and kernels buffer megabytes: off it goes.
    if (this.#lags(nowMs, 1)) this.#fallBehind();
    else this.#adaptLayers(nowMs);
  }

  /** Asks for an acknowledgement that is overdue, and closes the connection if none comes. */
  checkAcknowledging(nowMs: number): void {
    const waitingMs = this.#waitingSinceMs === null ? 0 : nowMs - this.#waitingSinceMs;
    if (waitingMs > SILENCE_MAX_MS) {
      const reason = `acknowledged nothing for ${SILENCE_MAX_MS} ms`;
      this.connection.close(CloseCode.NotAcknowledging, reason);
    } else if (waitingMs > ASK_AFTER_MS) this.connection.send(ASK);
  }

  #fallBehind(): void {
    this.#route?.close(this.connection, this.#layers);
    this.#flow = { state: "behind", sentSequence: this.#batches.newest };
  }

  /** Most of the way to being behind costs a layer; a while without that gives one back. */
  #adaptLayers(nowMs: number): void {
    if (this.#layers > 1 && this.#lags(nowMs, FEWER_LAYERS_SHARE)) {
      this.#setLayers(this.#layers - 1);
      this.#layersChangedMs = nowMs;
    } else if (
      this.#layers < this.#layersWanted &&
      nowMs - this.#layersChangedMs > MORE_LAYERS_AFTER_MS
    ) {
      this.#setLayers(this.#layers + 1);
      this.#layersChangedMs = nowMs;
    }
  }

  /** Between two batches: all sizes have the same sequence, and each layer needs only those below. */
  #setLayers(layers: number): void {
    if (layers === this.#layers) return;
    if (!this.isBehind) {
      this.#route?.close(this.connection, this.#layers);
      this.#route?.open(this.connection, layers);
    }
    this.#layers = layers;
  }

  /** Whether it has passed this share of what it may leave unacknowledged. */
  #lags(nowMs: number, share: number): boolean {
    const acked = this.#ackedSequence;
    const batchCount = this.#batches.batchesAfter(acked);
    if (batchCount >= BATCHES_REMEMBERED) return true;
    // Until the first acknowledgement the round trip is not known: it gets the benefit of the doubt.
    const roundTripMs = Math.min(this.#quickestAckMs, ROUND_TRIP_MAX_MS);
    const oldestMs = this.#batches.sentMs(acked + 1);
    if (nowMs - oldestMs > BEHIND_MAX_MS * share + roundTripMs) return true;
    if (batchCount <= UNACKNOWLEDGED_BATCHES_MIN) return false;
    const bytes = this.#route?.bytesAfter(acked, this.#layers) ?? 0;
    return bytes > UNACKNOWLEDGED_BYTES_MAX * share;
  }
}

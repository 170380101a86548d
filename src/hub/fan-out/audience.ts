// A view: what all subscribers of one room and format see. One batch a tick is built for it and
// published once; per subscriber there is only a check of its acknowledgements.
import { EncodeError } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import { BatchWriter, CloseCode, ProtocolError } from "../../protocol/index.ts";
import type { ServerMessage } from "../../protocol/index.ts";
import type { Publish } from "../connections/connection.ts";
import type { Player } from "../players/player.ts";
import type { RateMeter } from "../traffic/rate-meter.ts";
import { SILENCE_MAX_MS } from "./receiver.ts";
import type { Subscriber } from "./receiver.ts";
import { LayeredFrames, NewestFrames } from "./batch-content.ts";
import type { Tick, ViewContent } from "./batch-content.ts";

/** Older poses than this are not worth sending: the next is newer. */
const BEHIND_MAX_MS = 250;
// A round trip beyond this is a slow line, not a long one.
const ROUND_TRIP_MAX_MS = 500;
/** What may be under way to one receiver, so that no buffer grows. */
const UNACKNOWLEDGED_BYTES_MAX = 256 * 1024;
// In a room whose single batch is larger than that, this many may be under way all the same.
const UNACKNOWLEDGED_BATCHES_MIN = 4;

/**
 * A receiver that is most of the way to being behind gets fewer layers, where there are any. 200 ms: one that
 * acknowledges as late as it may, 100 ms after a batch, leaves 133 ms of 30 Hz unacknowledged, and more
 * after a hiccup.
 */
const FEWER_LAYERS_SHARE = 0.8;
const MORE_LAYERS_AFTER_MS = 2000;

// Batches whose time and size are remembered. A receiver that is further behind is slow whatever the
// clock says. Must be a power of two.
const HISTORY_LENGTH = 256;

/** Frames that did not reach a receiver, by cause. */
export interface SupersededCounters {
  /** A newer frame of the same player came before the tick. Counted once a frame. */
  coalesced: number;
  /** The receiver was behind and got full state later. Counted once a frame and receiver. */
  withheld: number;
  /** Its layer was not worth the tick, or the receivers' bandwidth. Counted once a frame and batch. */
  layered: number;
}

export interface ViewOptions {
  readonly roomId: string;
  readonly format: StreamFormat;
  readonly publish: Publish;
  readonly counters: SupersededCounters;
  /** Counts what is sent. */
  readonly sent: RateMeter;
  /** Batches are numbered from the one after it on; 0 unless set. */
  readonly sequence?: number;
}

export class View {
  readonly #publish: Publish;
  readonly #counters: SupersededCounters;
  readonly #sent: RateMeter;
  readonly #content: ViewContent;
  /** Where batches of the lowest so many layers go, by that number. */
  readonly #topics: readonly string[];
  /** How many connections are on each of them. */
  readonly #receiverCounts: number[];
  readonly #subscribers = new Set<Subscriber>();
  readonly #writer = new BatchWriter();
  #sequence: number;
  readonly #sentMs = new Float64Array(HISTORY_LENGTH);
  // By number of layers: bytes of all batches, and of all up to each remembered one.
  readonly #bytesSent: number[];
  readonly #bytesSentBy: readonly Float64Array[];
  // Players whose newest frame this format cannot hold, and everybody has been told.
  readonly #unavailable = new Map<Player, ServerMessage>();

  constructor({ roomId, format, publish, counters, sent, sequence = 0 }: ViewOptions) {
    this.#publish = publish;
    this.#counters = counters;
    this.#sent = sent;
    this.#content = format === "stream" ? new LayeredFrames() : new NewestFrames(format);
    this.#sequence = sequence;
    const sizes = Array.from({ length: this.#content.layerCount + 1 }, (_, layers) => layers);
    this.#topics = sizes.map((layers) => `${roomId}/${format}/${layers}`);
    this.#receiverCounts = sizes.map(() => 0);
    this.#bytesSent = sizes.map(() => 0);
    this.#bytesSentBy = sizes.map(() => new Float64Array(HISTORY_LENGTH));
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Gives full state to a newcomer, and everything after it. */
  add(subscriber: Subscriber, players: Iterable<Player>, nowMs: number): void {
    this.#subscribers.add(subscriber);
    this.setLayersWanted(subscriber, subscriber.layersWanted);
    this.sendFullState(subscriber, players, nowMs);
  }

  remove(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return;
    if (subscriber.flow.state === "live") this.#unsubscribe(subscriber);
  }

  /** A player is gone: its index may mean another one from now on. */
  forget(player: Player): void {
    this.#unavailable.delete(player);
  }

  /** How many layers the receiver asks for: it gets no more than that. */
  setLayersWanted(subscriber: Subscriber, layers: number): void {
    subscriber.layersWanted = Math.min(layers, this.#content.layerCount);
    this.#setLayers(subscriber, subscriber.layersWanted);
  }

  /** One batch of what is new of these players to all who are not behind. */
  sendBatch(players: ReadonlySet<Player>, tick: Tick): void {
    if (this.#subscribers.size === 0) return;
    // Also when all are behind: the sequence counts on, so that the full state that they are given is
    // newer than what they have read.
    const entryCount = this.#publishBatches(players, tick);
    this.#checkSubscribers(entryCount, tick.nowMs);
  }

  /**
   * A receiver has read up to `sequence`.
   * @throws {ProtocolError} if it was never sent that.
   */
  acknowledge(
    subscriber: Subscriber,
    sequence: number,
    players: Iterable<Player>,
    nowMs: number,
  ): void {
    const { flow } = subscriber;
    const sent = flow.state === "live" ? this.#sequence : flow.sentSequence;
    if (distance(sequence, sent) > 0) {
      throw new ProtocolError(
        CloseCode.BadMessage,
        `ack of ${sequence}: ${sent} is the newest sent`,
      );
    }
    if (distance(sequence, subscriber.ackedSequence) < 0) return;
    // To say the same again acknowledges nothing.
    if (sequence !== subscriber.ackedSequence) subscriber.waitingSinceMs = nowMs;
    if (sequence === sent) subscriber.waitingSinceMs = null;
    subscriber.ackedSequence = sequence;
    if (this.#remembers(sequence)) {
      const ackMs = nowMs - this.#sentMs[sequence % HISTORY_LENGTH];
      subscriber.quickestAckMs = Math.min(subscriber.quickestAckMs, ackMs);
    }
    if (flow.state === "behind" && sequence === sent) {
      this.sendFullState(subscriber, players, nowMs);
    }
  }

  /** Closes receivers that acknowledge nothing. */
  closeUnacknowledging(nowMs: number): void {
    for (const { waitingSinceMs, connection } of this.#subscribers) {
      if (waitingSinceMs === null || nowMs - waitingSinceMs <= SILENCE_MAX_MS) continue;
      connection.close(CloseCode.NotAcknowledging, `acknowledged nothing for ${SILENCE_MAX_MS} ms`);
    }
  }

  /** Everything that a receiver needs to know at once; what comes later goes on from there. */
  sendFullState(subscriber: Subscriber, players: Iterable<Player>, nowMs: number): void {
    const { connection } = subscriber;
    this.#writer.begin({ sequence: this.#sequence, serverTimeUs: nowMs * 1000, isFullState: true });
    for (const player of players) {
      if (player.source === null) continue;
      try {
        this.#content.addState(this.#writer, player);
        this.#unavailable.delete(player);
      } catch (error) {
        this.#tellUnavailable(player, error);
      }
      const missing = this.#unavailable.get(player);
      if (missing !== undefined) connection.send(JSON.stringify(missing));
    }
    const batch = this.#writer.finish();
    connection.send(batch);
    this.#sent.add(batch.length, nowMs, this.#writer.entryCount);
    // It asked for it: what it has not acknowledged is still under way.
    if (subscriber.flow.state === "live") return;
    this.#subscribe(subscriber);
    subscriber.flow = { state: "live" };
    subscriber.ackedSequence = this.#sequence;
    subscriber.waitingSinceMs = nowMs;
  }

  /** @returns how many frames the largest batch has. */
  #publishBatches(players: ReadonlySet<Player>, tick: Tick): number {
    const sequence = (this.#sequence + 1) >>> 0;
    let largest = 0;
    for (let layers = this.#content.layerCount; layers > 0; layers--) {
      // With nobody there, the largest is built all the same: it tells whether there is anything new.
      const receiverCount = this.#receiverCounts[layers];
      if (layers < this.#content.layerCount && receiverCount === 0) continue;
      const entryCount = this.#build(players, layers, sequence, tick);
      if (layers === this.#content.layerCount) {
        if (entryCount === 0) return 0;
        largest = entryCount;
        this.#sequence = sequence;
        this.#sentMs[sequence % HISTORY_LENGTH] = tick.nowMs;
      }
      const batch = this.#writer.finish();
      this.#bytesSent[layers] += batch.length;
      // One without entries is sent too: receivers of fewer layers count along.
      this.#publish(this.#topics[layers], batch);
      this.#sent.add(batch.length * receiverCount, tick.nowMs, entryCount * receiverCount);
    }
    for (const [layers, bytes] of this.#bytesSent.entries()) {
      this.#bytesSentBy[layers][sequence % HISTORY_LENGTH] = bytes;
    }
    return largest;
  }

  #build(players: ReadonlySet<Player>, layers: number, sequence: number, tick: Tick): number {
    this.#writer.begin({ sequence, serverTimeUs: tick.nowMs * 1000, isFullState: false });
    for (const player of players) {
      try {
        this.#counters.layered += this.#content.addNew(this.#writer, player, layers, tick);
        this.#unavailable.delete(player);
      } catch (error) {
        this.#tellUnavailable(player, error);
      }
    }
    return this.#writer.entryCount;
  }

  /** Tells everybody, once, that this format cannot hold the player's newest frame. */
  #tellUnavailable(player: Player, error: unknown): void {
    if (!(error instanceof EncodeError)) throw error;
    if (this.#unavailable.has(player)) return;
    const message = { type: "unavailable", index: player.index, path: error.path } as const;
    this.#unavailable.set(player, message);
    for (const topic of this.#topics) this.#publish(topic, JSON.stringify(message));
  }

  #checkSubscribers(entryCount: number, nowMs: number): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.flow.state === "behind") {
        this.#counters.withheld += entryCount;
        continue;
      }
      if (subscriber.ackedSequence === this.#sequence) continue;
      subscriber.waitingSinceMs ??= nowMs;
      if (this.#isBehind(subscriber, nowMs, 1)) {
        // A native publish drops silently for a slow socket, and kernels buffer megabytes: off it goes.
        this.#unsubscribe(subscriber);
        subscriber.flow = { state: "behind", sentSequence: this.#sequence };
      } else {
        this.#adaptLayers(subscriber, nowMs);
      }
    }
  }

  /** Most of the way to being behind costs a layer; a while without that gives one back. */
  #adaptLayers(subscriber: Subscriber, nowMs: number): void {
    const { layers, layersWanted, layersChangedMs } = subscriber;
    if (layers > 1 && this.#isBehind(subscriber, nowMs, FEWER_LAYERS_SHARE)) {
      this.#setLayers(subscriber, layers - 1);
      subscriber.layersChangedMs = nowMs;
    } else if (layers < layersWanted && nowMs - layersChangedMs > MORE_LAYERS_AFTER_MS) {
      this.#setLayers(subscriber, layers + 1);
      subscriber.layersChangedMs = nowMs;
    }
  }

  /** Between two batches: all sizes have the same sequence, and each layer needs only those below. */
  #setLayers(subscriber: Subscriber, layers: number): void {
    const isMoved = subscriber.flow.state === "live" && layers !== subscriber.layers;
    if (isMoved) this.#unsubscribe(subscriber);
    subscriber.layers = layers;
    if (isMoved) this.#subscribe(subscriber);
  }

  #subscribe({ connection, layers }: Subscriber): void {
    connection.subscribe(this.#topics[layers]);
    this.#receiverCounts[layers]++;
  }

  #unsubscribe({ connection, layers }: Subscriber): void {
    connection.unsubscribe(this.#topics[layers]);
    this.#receiverCounts[layers]--;
  }

  /** Whether a receiver has passed a share of what it may leave unacknowledged. */
  #isBehind(subscriber: Subscriber, nowMs: number, share: number): boolean {
    const { ackedSequence, quickestAckMs, layers } = subscriber;
    const batches = distance(this.#sequence, ackedSequence);
    if (batches >= HISTORY_LENGTH) return true;
    // Until the first acknowledgement the round trip is not known: it gets the benefit of the doubt.
    const roundTripMs = Math.min(quickestAckMs, ROUND_TRIP_MAX_MS);
    const oldestMs = this.#sentMs[(ackedSequence + 1) % HISTORY_LENGTH];
    if (nowMs - oldestMs > BEHIND_MAX_MS * share + roundTripMs) return true;
    if (batches <= UNACKNOWLEDGED_BATCHES_MIN) return false;
    const bytes =
      this.#bytesSent[layers] - this.#bytesSentBy[layers][ackedSequence % HISTORY_LENGTH];
    return bytes > UNACKNOWLEDGED_BYTES_MAX * share;
  }

  #remembers(sequence: number): boolean {
    const age = distance(this.#sequence, sequence);
    return this.#sentMs[sequence % HISTORY_LENGTH] > 0 && age >= 0 && age < HISTORY_LENGTH;
  }
}

/** How far `a` is after `b`, in sequence numbers that wrap at 2^32; negative if it is before. */
function distance(a: number, b: number): number {
  return (a - b) | 0;
}

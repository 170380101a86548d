// A view: what all subscribers of one room and format see. One batch a tick is built for it and
// published once; per subscriber there is only a check of its acknowledgements.
import { EncodeError } from "../codec/index.ts";
import type { Format } from "../codec/index.ts";
import { BatchWriter, CloseCode, ProtocolError } from "../protocol/index.ts";
import type { FrameHeader, ServerMessage } from "../protocol/index.ts";
import type { Publish } from "./connection.ts";
import type { Player } from "./player.ts";
import { SILENCE_MAX_MS } from "./subscriber.ts";
import type { Subscriber } from "./subscriber.ts";

/** Older poses than this are not worth sending: the next is newer. */
const BEHIND_MAX_MS = 250;
// A round trip beyond this is a slow line, not a long one.
const ROUND_TRIP_MAX_MS = 500;
/** What may be under way to one receiver, so that no buffer grows. */
const UNACKNOWLEDGED_BYTES_MAX = 256 * 1024;
// In a room whose single batch is larger than that, this many may be under way all the same.
const UNACKNOWLEDGED_BATCHES_MIN = 4;

// Batches whose time and size are remembered. A receiver that is further behind is slow whatever the
// clock says. Must be a power of two.
const HISTORY_LENGTH = 256;

/** Frames that did not reach a receiver, by cause. */
export interface SupersededCounters {
  /** A newer frame of the same player came before the tick. Counted once a frame. */
  coalesced: number;
  /** The receiver was behind and got full state later. Counted once a frame and receiver. */
  withheld: number;
}

export class View {
  readonly format: Format;
  readonly topic: string;
  readonly #publish: Publish;
  readonly #counters: SupersededCounters;
  readonly #subscribers = new Set<Subscriber>();
  readonly #writer = new BatchWriter();
  readonly #header: FrameHeader = { layer: 0, isKey: true, number: 0, captureTimeUs: 0 };
  #sequence: number;
  #bytesSent = 0;
  readonly #sentMs = new Float64Array(HISTORY_LENGTH);
  readonly #bytesSentBy = new Float64Array(HISTORY_LENGTH);
  // Players whose newest frame this format cannot hold, and everybody has been told.
  readonly #unavailable = new Map<Player, ServerMessage>();

  /** Batches are numbered from the one after `sequence` on. */
  constructor(
    roomId: string,
    format: Format,
    publish: Publish,
    counters: SupersededCounters,
    sequence = 0,
  ) {
    this.format = format;
    this.topic = `${roomId}/${format}`;
    this.#publish = publish;
    this.#counters = counters;
    this.#sequence = sequence;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Gives full state to a newcomer, and everything after it. */
  add(subscriber: Subscriber, players: Iterable<Player>, nowMs: number): void {
    this.#subscribers.add(subscriber);
    this.#sendFullState(subscriber, players, nowMs);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** A player is gone: its index may mean another one from now on. */
  forget(player: Player): void {
    this.#unavailable.delete(player);
  }

  /** One batch of the players' newest frames to all who are not behind. */
  sendBatch(players: Iterable<Player>, nowMs: number): void {
    if (this.#subscribers.size === 0) return;
    // Also when all are behind: the sequence counts on, so that the full state that they are given is
    // newer than what they have read.
    this.#publishBatch(players, nowMs);
    this.#checkSubscribers(nowMs);
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
    if (flow.state === "behind" && sequence === sent)
      this.#sendFullState(subscriber, players, nowMs);
  }

  /** Closes receivers that acknowledge nothing. */
  closeUnacknowledging(nowMs: number): void {
    for (const { waitingSinceMs, connection } of this.#subscribers) {
      if (waitingSinceMs === null || nowMs - waitingSinceMs <= SILENCE_MAX_MS) continue;
      connection.close(CloseCode.NotAcknowledging, `acknowledged nothing for ${SILENCE_MAX_MS} ms`);
    }
  }

  #publishBatch(players: Iterable<Player>, nowMs: number): void {
    const sequence = (this.#sequence + 1) >>> 0;
    this.#writer.begin({ sequence, serverTimeUs: nowMs * 1000, isFullState: false });
    for (const player of players) {
      const told = this.#addEntry(player);
      if (told !== undefined) this.#publish(this.topic, JSON.stringify(told));
    }
    if (this.#writer.entryCount === 0) return;
    const batch = this.#writer.finish();
    this.#sequence = sequence;
    this.#bytesSent += batch.length;
    this.#sentMs[sequence % HISTORY_LENGTH] = nowMs;
    this.#bytesSentBy[sequence % HISTORY_LENGTH] = this.#bytesSent;
    this.#publish(this.topic, batch);
  }

  /** Adds the player's newest frame; what to tell if it has just become unavailable. */
  #addEntry(player: Player): ServerMessage | undefined {
    const { frame, index } = player;
    try {
      const payload = frame.encode(this.format);
      this.#header.number = frame.revision & 0xff;
      this.#header.captureTimeUs = frame.captureTimeUs;
      this.#writer.add(index, frame.revision, this.#header, payload);
      this.#unavailable.delete(player);
      return undefined;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      if (this.#unavailable.has(player)) return undefined;
      const message: ServerMessage = { type: "unavailable", index, path: error.path };
      this.#unavailable.set(player, message);
      return message;
    }
  }

  #checkSubscribers(nowMs: number): void {
    const entryCount = this.#writer.entryCount;
    for (const subscriber of this.#subscribers) {
      if (subscriber.flow.state === "behind") {
        this.#counters.withheld += entryCount;
        continue;
      }
      if (subscriber.ackedSequence === this.#sequence) continue;
      subscriber.waitingSinceMs ??= nowMs;
      if (!this.#isBehind(subscriber, nowMs)) continue;
      // A native publish drops silently for a slow socket, and kernels buffer megabytes: off it goes.
      subscriber.connection.unsubscribe(this.topic);
      subscriber.flow = { state: "behind", sentSequence: this.#sequence };
    }
  }

  #isBehind(subscriber: Subscriber, nowMs: number): boolean {
    const { ackedSequence, quickestAckMs } = subscriber;
    const batches = distance(this.#sequence, ackedSequence);
    if (batches >= HISTORY_LENGTH) return true;
    // Until the first acknowledgement the round trip is not known: it gets the benefit of the doubt.
    const roundTripMs = Math.min(quickestAckMs, ROUND_TRIP_MAX_MS);
    const oldestMs = this.#sentMs[(ackedSequence + 1) % HISTORY_LENGTH];
    if (nowMs - oldestMs > BEHIND_MAX_MS + roundTripMs) return true;
    if (batches <= UNACKNOWLEDGED_BATCHES_MIN) return false;
    const bytes = this.#bytesSent - this.#bytesSentBy[ackedSequence % HISTORY_LENGTH];
    return bytes > UNACKNOWLEDGED_BYTES_MAX;
  }

  #remembers(sequence: number): boolean {
    const age = distance(this.#sequence, sequence);
    return this.#sentMs[sequence % HISTORY_LENGTH] > 0 && age >= 0 && age < HISTORY_LENGTH;
  }

  #sendFullState(subscriber: Subscriber, players: Iterable<Player>, nowMs: number): void {
    const { connection } = subscriber;
    this.#writer.begin({ sequence: this.#sequence, serverTimeUs: nowMs * 1000, isFullState: true });
    for (const player of players) {
      if (player.source === null) continue;
      const told = this.#addEntry(player);
      if (told !== undefined) this.#publish(this.topic, JSON.stringify(told));
      const missing = this.#unavailable.get(player);
      if (missing !== undefined) connection.send(JSON.stringify(missing));
    }
    connection.send(this.#writer.finish());
    connection.subscribe(this.topic);
    subscriber.flow = { state: "live" };
    subscriber.ackedSequence = this.#sequence;
    subscriber.waitingSinceMs = nowMs;
  }
}

/** How far `a` is after `b`, in sequence numbers that wrap at 2^32; negative if it is before. */
function distance(a: number, b: number): number {
  return (a - b) | 0;
}

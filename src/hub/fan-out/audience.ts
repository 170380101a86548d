// An audience: the receivers of one room that are sent the same batches. One batch a tick is built for it
// and broadcast once; per receiver there is only a check of its acknowledgements.
import { EncodeError } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import { BatchWriter } from "../../protocol/index.ts";
import type { ServerMessage } from "../../protocol/index.ts";
import type { Broadcaster } from "../connections/broadcaster.ts";
import type { SkeletonHolders } from "../players/player-stream.ts";
import { byIndex } from "../players/player.ts";
import type { Player } from "../players/player.ts";
import type { RateMeter } from "../traffic/rate-meter.ts";
import type { SupersededCounters } from "../traffic/superseded.ts";
import { contentOf } from "./batch-content.ts";
import type { BatchContent, Tick } from "./batch-content.ts";
import type { BatchHistory } from "./batch-history.ts";
import type { FormatFanOut } from "./format-fan-out.ts";
import type { FormerAudience } from "./format-crowd.ts";
import { LayerTopics } from "./layer-topics.ts";
import type { Receiver } from "./receiver.ts";
import type { Route } from "./route.ts";

export interface AudienceOptions {
  readonly roomId: string;
  readonly format: StreamFormat;
  readonly broadcaster: Broadcaster;
  readonly counters: SupersededCounters;
  /** Counts what is sent. */
  readonly sent: RateMeter;
  /** Everyone whose state a newcomer is given. */
  readonly players: Iterable<Player>;
  readonly batches: BatchHistory;
}

export class Audience implements FormatFanOut {
  readonly #broadcaster: Broadcaster;
  readonly #counters: SupersededCounters;
  readonly #sent: RateMeter;
  readonly #content: BatchContent;
  readonly #topics: LayerTopics;
  readonly #batches: BatchHistory;
  readonly #players: Iterable<Player>;
  readonly #route: Route;
  readonly #receivers = new Set<Receiver>();
  readonly #writer = new BatchWriter();
  // Players whose newest frame this format cannot hold, and everybody has been told.
  readonly #unavailable = new Map<Player, ServerMessage>();

  constructor(options: AudienceOptions) {
    const { roomId, format, broadcaster, counters, sent, players, batches } = options;
    this.#broadcaster = broadcaster;
    this.#counters = counters;
    this.#sent = sent;
    this.#content = contentOf(format);
    const topics = new LayerTopics(roomId, format, this.#content.layerCount);
    this.#topics = topics;
    this.#batches = batches;
    this.#players = players;
    this.#route = {
      open: (connection, layers) => topics.subscribe(connection, layers),
      close: (connection, layers) => topics.unsubscribe(connection, layers),
      bytesAfter: (sequence, layers) => batches.bytesAfter(sequence, layers),
    };
  }

  get receivers(): ReadonlySet<Receiver> {
    return this.#receivers;
  }

  add(receiver: Receiver, nowMs: number): void {
    this.takeOver([receiver]);
    this.sendFullState(receiver, nowMs);
  }

  /** Takes over receivers who are behind, or have been sent everything so far. */
  takeOver(receivers: Iterable<Receiver>): void {
    for (const receiver of receivers) {
      this.#receivers.add(receiver);
      receiver.follow(this.#route);
    }
  }

  /** Gives its receivers away, with what they have been sent. */
  release(): FormerAudience {
    const receivers = [...this.#receivers];
    const present = Array.from(this.#players).toSorted(byIndex);
    const shown = present.filter(
      (player) => player.source !== null && !this.#unavailable.has(player),
    );
    const hidden = present.filter((player) => this.#unavailable.has(player));
    this.#receivers.clear();
    this.#unavailable.clear();
    return { receivers, shown, hidden };
  }

  remove(receiver: Receiver): void {
    if (this.#receivers.delete(receiver)) receiver.leave();
  }

  forget(player: Player): void {
    this.#unavailable.delete(player);
  }

  /** One batch of what is new of these players, by index, to all receivers that are not behind. */
  sendBatch(players: readonly Player[], tick: Tick): void {
    if (this.#receivers.size === 0) return;
    // Even if all are behind: the sequence counts on, so that the full state that they are given is
    // newer than what they have read.
    const entryCount = this.#broadcastBatches(players, tick);
    for (const receiver of this.#receivers) {
      if (receiver.isBehind) this.#counters.withheld += entryCount;
      else receiver.checkLag(tick.nowMs);
    }
  }

  acknowledge(receiver: Receiver, sequence: number, nowMs: number): void {
    if (receiver.acknowledge(sequence, nowMs)) this.sendFullState(receiver, nowMs);
  }

  sendFullState(receiver: Receiver, nowMs: number): void {
    const { connection } = receiver;
    const sequence = this.#batches.newest;
    this.#writer.begin({ sequence, serverTimeUs: nowMs * 1000, isFullState: true });
    for (const player of Array.from(this.#players).toSorted(byIndex)) {
      if (player.source === null) continue;
      try {
        this.#content.addState(this.#writer, player, receiver.skeletons);
        this.#unavailable.delete(player);
      } catch (error) {
        this.#tellUnavailable(player, error);
      }
      const missing = this.#unavailable.get(player);
      if (missing !== undefined) connection.send(JSON.stringify(missing));
    }
    const batch = this.#writer.finish();
    connection.send(batch);
    this.#sent.add(batch.length, nowMs, this.#writer.frameCount);
    receiver.goLive(nowMs);
  }

  /** @returns how many frames the largest batch has. */
  #broadcastBatches(players: readonly Player[], tick: Tick): number {
    const { layerCount, names } = this.#topics;
    const sequence = this.#batches.next;
    let largest = 0;
    for (let layers = layerCount; layers > 0; layers--) {
      // The largest is built even if nobody gets it: it tells whether there is anything new.
      const receiverCount = this.#topics.receiverCount(layers);
      if (layers < layerCount && receiverCount === 0) continue;
      const entryCount = this.#build(players, layers, sequence, tick);
      if (layers === layerCount) {
        if (entryCount === 0) return 0;
        largest = entryCount;
        this.#batches.add(tick.nowMs);
      }
      const batch = this.#writer.finish();
      this.#batches.addBytes(layers, batch.length);
      // One without entries is sent too: receivers of fewer layers count along.
      this.#broadcaster.broadcast(names[layers], batch);
      this.#sent.add(batch.length * receiverCount, tick.nowMs, entryCount * receiverCount);
    }
    return largest;
  }

  #build(players: readonly Player[], layers: number, sequence: number, tick: Tick): number {
    this.#writer.begin({ sequence, serverTimeUs: tick.nowMs * 1000, isFullState: false });
    const batch = { layers, tick, holders: this.#holders(layers) };
    for (const player of players) {
      try {
        this.#counters.layered += this.#content.addNew(this.#writer, player, batch);
        this.#unavailable.delete(player);
      } catch (error) {
        this.#tellUnavailable(player, error);
      }
    }
    return this.#writer.frameCount;
  }

  /** All who are sent the batches with this number of layers. */
  #holders(layers: number): SkeletonHolders {
    return {
      name: (skeletonId) => {
        let isHeld = true;
        for (const receiver of this.#receivers) {
          // Each of them is told, also after one that does not hold it.
          if (receiver.receives(layers) && !receiver.skeletons.name(skeletonId)) isHeld = false;
        }
        return isHeld;
      },
    };
  }

  /** Tells everybody, once, that this format cannot hold the player's newest frame. */
  #tellUnavailable(player: Player, error: unknown): void {
    if (!(error instanceof EncodeError)) throw error;
    if (this.#unavailable.has(player)) return;
    const message = { type: "unavailable", index: player.index, path: error.path } as const;
    this.#unavailable.set(player, message);
    for (const topic of this.#topics.names) {
      this.#broadcaster.broadcast(topic, JSON.stringify(message));
    }
  }
}

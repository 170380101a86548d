// What an audience's batches hold of each player: its newest frame, or its stream's frames by layer.
import type { Format, StreamFormat } from "../../codec/index.ts";
import { LAYERS_MAX } from "../../codec/stream/index.ts";
import type { BatchWriter } from "../../protocol/index.ts";
import type { SkeletonHolders } from "../players/player-stream.ts";
import type { Player } from "../players/player.ts";

/** A publisher a quarter faster than the ticks is not worth a layer: clocks and networks jitter. */
const RATE_SLACK = 1.25;

export interface BatchContent {
  /** In how many sizes batches come: receivers choose how many layers they are sent. */
  readonly layerCount: number;
  /**
   * Adds what is new of a player since the last batch. @returns frames that were left out.
   * @throws {EncodeError} if the format cannot hold it.
   */
  addNew(writer: BatchWriter, player: Player, batch: LayeredBatch): number;
  /** Adds all that a newcomer needs. @throws {EncodeError} if the format cannot hold it. */
  addState(writer: BatchWriter, player: Player, holders: SkeletonHolders): void;
}

/** One size of a tick's batch: its number of layers, and who is sent it. */
export interface LayeredBatch {
  readonly layers: number;
  readonly tick: Tick;
  readonly holders: SkeletonHolders;
}

export interface Tick {
  readonly nowMs: number;
  /** Between ticks; 0: at once. */
  readonly intervalMs: number;
}

/** In how many sizes batches of a format come. */
export function layerCountOf(format: StreamFormat): number {
  return format === "stream" ? LAYERS_MAX : 1;
}

export function contentOf(format: StreamFormat): BatchContent {
  return format === "stream" ? new LayeredFrames() : new NewestFrames(format);
}

/** JSON and binary: no frame needs another, so only the newest counts. */
class NewestFrames implements BatchContent {
  readonly layerCount = 1;
  readonly #format: Format;
  readonly #frame = { isKey: true, number: 0, teleports: 0, captureTimeUs: 0 };

  constructor(format: Format) {
    this.#format = format;
  }

  addNew(writer: BatchWriter, player: Player): number {
    this.addState(writer, player);
    return 0;
  }

  addState(writer: BatchWriter, { frame, index }: Player): void {
    const payload = frame.encode(this.#format);
    this.#frame.number = frame.revision & 0xff;
    this.#frame.teleports = frame.teleports;
    this.#frame.captureTimeUs = frame.captureTimeUs;
    writer.addFrame(index, this.#frame, frame.revision, payload);
  }
}

/** The stream encoding: all new frames of as many layers as the receiver takes and the tick carries. */
class LayeredFrames implements BatchContent {
  readonly layerCount = LAYERS_MAX;

  addNew(writer: BatchWriter, player: Player, { layers, tick, holders }: LayeredBatch): number {
    const stream = player.stream();
    // What is encoded here is one frame a tick already.
    const fitting = player.isStreaming ? layersThatFit(player, tick) : LAYERS_MAX;
    return stream.addNew(writer, player.index, Math.min(layers, fitting), holders);
  }

  addState(writer: BatchWriter, player: Player, holders: SkeletonHolders): void {
    player.stream().addState(writer, player.index, holders);
  }
}

/** The most layers whose rate the tick can carry: all, half of the frames, a quarter of them. */
function layersThatFit(player: Player, { nowMs, intervalMs }: Tick): number {
  if (intervalMs === 0) return LAYERS_MAX;
  const perTick = (player.updatesPerSecond(nowMs) * intervalMs) / 1000;
  if (perTick <= RATE_SLACK) return 3;
  return perTick / 2 <= RATE_SLACK ? 2 : 1;
}

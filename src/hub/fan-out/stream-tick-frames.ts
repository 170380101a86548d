// The stream format's frames of a tick: encoded as entries once, and copied into each receiver's batch.
import { LAYERS_MAX } from "../../codec/stream/index.ts";
import { FRAME_HEADER_BYTES } from "../../protocol/index.ts";
import type { BatchWriter } from "../../protocol/index.ts";
import type { NewFrames } from "../interest/new-frames.ts";
import type { EncodedFrame, PlayerStream } from "../players/player-stream.ts";
import type { Player } from "../players/player.ts";
import { Misfits } from "./misfits.ts";
import { Pauses } from "./pauses.ts";
import type { SkeletonHolder } from "./skeleton-holders.ts";
import type { TickFrames } from "./tick-frames.ts";

// The step to the next player: below 128, nearly always.
const STEP_BYTES = 1;

export class StreamTickFrames implements TickFrames {
  readonly news: NewFrames;
  readonly layerCount = LAYERS_MAX;
  isEmpty = true;
  readonly #writer: BatchWriter;
  readonly #pauses: Pauses;
  readonly #misfits = new Misfits();

  /** `writer`: writes all batches that are composed of these frames. */
  constructor(news: NewFrames, writer: BatchWriter, indexCount: number) {
    this.news = news;
    this.#writer = writer;
    this.#pauses = new Pauses(indexCount);
  }

  begin(nowMs: number): void {
    this.isEmpty = true;
    this.news.begin(nowMs);
    this.#writer.beginKeeping(nowMs * 1000);
  }

  add(player: Player, nowMs: number): void {
    const stream = this.#streamOf(player);
    this.isEmpty = false;
    if (stream === null || stream.isRestarted) this.news.restart(player.index);
    if (stream === null) return;
    const { newFrames } = stream;
    for (let at = 0; at < newFrames.length; at++) {
      const frame = newFrames[at];
      this.news.add(player.index, frame.layer, this.#keep(stream, frame));
    }
    this.#pauses.note(player.index, stream.group.length > 0, nowMs);
  }

  addPaused(players: Iterable<Player>, nowMs: number): void {
    for (const player of players) {
      if (!this.#pauses.take(player.index, nowMs)) continue;
      const stream = this.#streamOf(player);
      if (stream === null) continue;
      for (const frame of stream.group) {
        this.news.addAgain(player.index, frame.layer, this.#keep(stream, frame));
        this.isEmpty = false;
      }
    }
  }

  owe({ index, isNewestLeftOut }: Player, nowMs: number): boolean {
    this.#pauses.note(index, isNewestLeftOut, nowMs);
    return isNewestLeftOut;
  }

  stateBytes(player: Player, holder: SkeletonHolder): number {
    if (this.#misfits.pathOf(player) !== undefined) return -1;
    const stream = this.#streamOf(player);
    try {
      return stream?.stateBytes(holder.holds(stream.skeletonId)) ?? -1;
    } catch (error) {
      this.#misfits.note(player, error);
      return -1;
    }
  }

  writeState(writer: BatchWriter, player: Player, holder: SkeletonHolder): void {
    player.stream().addState(writer, player.index, holder);
  }

  writeFrame(writer: BatchWriter, player: Player, frame: number): void {
    writer.addKept(player.index, frame);
  }

  misfitOf(player: Player): string | undefined {
    return this.#misfits.pathOf(player);
  }

  forget(player: Player): void {
    this.news.forget(player.index);
    this.#pauses.forget(player.index);
    this.#misfits.forget(player);
  }

  /** Kept entries and the tick's frames have the same numbers: both count from 0. @returns its bytes. */
  #keep(stream: PlayerStream, frame: EncodedFrame): number {
    const revision = stream.revisionToTell(frame);
    const kept = this.#writer.keepFrame(frame, revision, frame.message, FRAME_HEADER_BYTES);
    return STEP_BYTES + this.#writer.keptBytes(kept);
  }

  /** The player's frames, encoded here if they came in another format; null if the encoding cannot hold the newest. */
  #streamOf(player: Player): PlayerStream | null {
    try {
      return player.stream();
    } catch (error) {
      this.#misfits.note(player, error);
      return null;
    }
  }
}

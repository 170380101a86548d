// JSON's and binary's frames of a tick: each player's newest, encoded when the first receiver is sent it.
import type { Format } from "../../codec/index.ts";
import { layerOf } from "../../codec/stream/index.ts";
import type { BatchWriter } from "../../protocol/index.ts";
import type { NewFrames } from "../interest/new-frames.ts";
import type { Player } from "../players/player.ts";
import { Misfits } from "./misfits.ts";
import { Pauses } from "./pauses.ts";
import type { TickFrames } from "./tick-frames.ts";

/** Of a frame that nobody has been sent yet: a body with a face. */
const BYTES_GUESSED: Readonly<Record<Format, number>> = { json: 20_000, binary: 8_000 };
// A step, a head, a number, a revision, an age and a length.
const ENTRY_BYTES = 12;

export class WholeTickFrames implements TickFrames {
  readonly news: NewFrames;
  readonly layerCount = 1;
  isEmpty = true;
  readonly #format: Format;
  readonly #pauses: Pauses;
  // By player: the size of the last frame that was encoded, and a count of frames, which tells their layers: so those
  // who have the player far are sent a quarter of them.
  readonly #bytes: Int32Array;
  readonly #numbers: Uint8Array;
  readonly #misfits = new Misfits();
  // Those whose newest frame was found not to fit when a batch was composed.
  readonly #found = new Set<Player>();
  readonly #frame = { isKey: true, number: 0, teleports: 0, captureTimeUs: 0 };

  constructor(news: NewFrames, format: Format, indexCount: number) {
    this.news = news;
    this.#format = format;
    this.#pauses = new Pauses(indexCount);
    this.#bytes = new Int32Array(indexCount).fill(BYTES_GUESSED[format]);
    this.#numbers = new Uint8Array(indexCount);
  }

  begin(nowMs: number): void {
    this.isEmpty = true;
    this.news.begin(nowMs);
    // Those who have such a player in sight learn now that there is no state of it.
    for (const { index } of this.#found) if (index >= 0) this.news.restart(index);
    this.#found.clear();
  }

  add(player: Player, nowMs: number): void {
    const { index } = player;
    this.isEmpty = false;
    const layer = layerOf(this.#numbers[index]++);
    this.news.add(index, layer, this.#bytes[index]);
    this.#pauses.note(index, layer > 0, nowMs);
  }

  addPaused(players: Iterable<Player>, nowMs: number): void {
    for (const { index } of players) {
      if (!this.#pauses.take(index, nowMs)) continue;
      this.news.addAgain(index, layerOf(this.#numbers[index] - 1), this.#bytes[index]);
      this.isEmpty = false;
    }
  }

  owe(): boolean {
    return false;
  }

  stateBytes(player: Player): number {
    return this.#encode(player) === null ? -1 : this.#bytes[player.index];
  }

  writeState(writer: BatchWriter, player: Player): void {
    const { frame, index } = player;
    const payload = this.#encode(player);
    if (payload === null) return;
    this.#frame.number = frame.revision & 0xff;
    this.#frame.teleports = frame.teleports;
    this.#frame.captureTimeUs = frame.captureTimeUs;
    writer.addFrame(index, this.#frame, frame.revision, payload);
  }

  writeFrame(writer: BatchWriter, player: Player): void {
    this.writeState(writer, player);
  }

  misfitOf(player: Player): string | undefined {
    return this.#misfits.pathOf(player);
  }

  forget(player: Player): void {
    this.news.forget(player.index);
    this.#pauses.forget(player.index);
    this.#bytes[player.index] = BYTES_GUESSED[this.#format];
    this.#misfits.forget(player);
    this.#found.delete(player);
  }

  /** The player's newest frame; null if the format cannot hold it. */
  #encode(player: Player): Uint8Array<ArrayBuffer> | null {
    if (this.#misfits.pathOf(player) !== undefined) return null;
    try {
      const payload = player.frame.encode(this.#format);
      this.#bytes[player.index] = payload.length + ENTRY_BYTES;
      return payload;
    } catch (error) {
      this.#misfits.note(player, error);
      this.#found.add(player);
      return null;
    }
  }
}

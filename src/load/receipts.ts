// What one receiver got: frames identified by their revisions and timed by their capture times.
import { revisionByNumber } from "../protocol/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import { nowMs } from "./clock.ts";
import { Histogram } from "./histogram.ts";
import { low32Us, placeOf } from "./window.ts";
import type { Window } from "./window.ts";

/** An avatar without an update for longer than this counts as frozen. */
const FROZEN_MS = 1000;

/** What all receivers of a process count together. */
export class Tally {
  /** Undefined until something is measured. */
  window: Window | undefined;
  readonly latency = new Histogram();
  readonly gap = new Histogram();
  checked = 0;
  wrong = 0;
  /** Whether a receiver is sent only those whom it has in sight. */
  isCrowd = false;
  /** Bytes of the batches that came in the window. */
  receivedBytes = 0;

  clear(): void {
    this.latency.clear();
    this.gap.clear();
    this.checked = 0;
    this.wrong = 0;
    this.receivedBytes = 0;
  }
}

export class Receipts {
  readonly #tally: Tally;
  readonly #firstPlace: number;
  // Indexed by player.
  readonly #revisions: Float64Array;
  readonly #numbers: Uint8Array;
  readonly #receivedMs: Float64Array;
  readonly #newestSentUs: Float64Array;
  readonly #frames: Uint32Array;
  readonly #frozen: Uint8Array;
  // Capture times of the entries that count, until the whole batch is read.
  #sentLow32: number[] = [];
  #batchMs = 0;

  constructor(tally: Tally, room: number, players: number) {
    this.#tally = tally;
    this.#firstPlace = placeOf({ room, player: 0 }, { players });
    this.#revisions = new Float64Array(players).fill(-1);
    this.#numbers = new Uint8Array(players);
    this.#receivedMs = new Float64Array(players);
    this.#newestSentUs = new Float64Array(players);
    this.#frames = new Uint32Array(players);
    this.#frozen = new Uint8Array(players);
  }

  /** Sets all counters to 0. */
  clear(): void {
    this.#frames.fill(0);
    this.#frozen.fill(0);
  }

  beginBatch(byteLength: number): void {
    this.#batchMs = nowMs();
    const { window } = this.#tally;
    if (window !== undefined && this.#batchMs >= window.startMs && this.#batchMs < window.endMs) {
      this.#tally.receivedBytes += byteLength;
    }
    this.#sentLow32.length = 0;
  }

  /** The revision of a batch's frame. */
  revisionOf(player: number, { revision, frame }: BatchReader): number {
    const last = { revision: this.#revisions[player], number: this.#numbers[player] };
    return revision ?? revisionByNumber(last, frame.number);
  }

  /** Counts one frame of this batch; false if it had been received before, or does not count. */
  add(player: number, revision: number, { frame, captureTimeUs }: BatchReader): boolean {
    if (revision <= this.#revisions[player]) return false;
    const sentLow32 = (captureTimeUs % 2 ** 32) >>> 0;
    this.#revisions[player] = revision;
    this.#numbers[player] = frame.number;
    const receivedMs = this.#receivedMs[player];
    this.#receivedMs[player] = this.#batchMs;
    const { window, gap } = this.#tally;
    if (window === undefined) return false;
    const sentUs = window.sinceEpochUs(sentLow32);
    this.#newestSentUs[player] = sentUs;
    this.#markIfFrozen(player, window, receivedMs, this.#batchMs);
    if (!window.contains(this.#firstPlace + player, sentUs)) return false;
    this.#frames[player]++;
    if (receivedMs > 0) gap.add(this.#batchMs - receivedMs);
    this.#sentLow32.push(sentLow32);
    return true;
  }

  addCheck(isRight: boolean): void {
    this.#tally.checked++;
    if (!isRight) this.#tally.wrong++;
  }

  /** Call it when all of a batch is read: its frames now count as received. */
  endBatch(): void {
    const { latency } = this.#tally;
    const endLow32 = low32Us(nowMs());
    for (const sentLow32 of this.#sentLow32) latency.add(((endLow32 - sentLow32) | 0) / 1000);
  }

  /** Frames of `player` in the window, and whether a later frame came, after which no more of them will. */
  of(player: number): { frames: number; isSettled: boolean } {
    const place = this.#firstPlace + player;
    const isSettled = this.#tally.window?.isPast(place, this.#newestSentUs[player]) ?? false;
    return { frames: this.#frames[player], isSettled };
  }

  /** Players other than `self` that were frozen in the window, even if only at its end. */
  frozenCount(self: number): number {
    const { window } = this.#tally;
    if (window === undefined) return 0;
    let count = 0;
    for (let player = 0; player < this.#frozen.length; player++) {
      if (player === self) continue;
      this.#markIfFrozen(player, window, this.#receivedMs[player], Infinity);
      count += this.#frozen[player];
    }
    return count;
  }

  /** Notes whether more than a second of the window lies between two updates. */
  #markIfFrozen(player: number, window: Window, fromMs: number, toMs: number): void {
    const stillMs = Math.min(toMs, window.endMs) - Math.max(fromMs, window.startMs);
    if (stillMs > FROZEN_MS) this.#frozen[player] = 1;
  }
}

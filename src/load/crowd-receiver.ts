// A receiver of a crowd: knows whom it has in sight, and checks what it is sent by the rules of the protocol. Most
// receivers read the heads of entries only; those with an inspector decode every frame.
import { EntryKind, HeldSkeletons, revisionByNumber } from "../protocol/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import { ByteMeter } from "./byte-meter.ts";
import { nowMs } from "./clock.ts";
import type { CrowdTally } from "./crowd-tally.ts";
import type { LoadReceiver } from "./load-client.ts";
import type { Inspector } from "./load-motion.ts";
import type { LoadShape, Seat } from "./messages.ts";
import { low32Us, placeOf } from "./window.ts";

/** By default 20 are near: these are, however late the server knows their places. */
export const SURELY_NEAR = 10;
// A second each: then they have been near for 2 s, by when they have to be at full rate, and a second is counted.
const LOOKS_UNTIL_SURE = 3;
// Of one frame of layer 0 and those that refer to it.
const GROUP_FRAMES = 4;

export class CrowdReceiver implements LoadReceiver {
  readonly seat: Seat;
  readonly #tally: CrowdTally;
  readonly #firstPlace: number;
  readonly #inspector: Inspector | undefined;
  readonly #held = new HeldSkeletons<true>();
  readonly #bytes = new ByteMeter();
  // Indexed by player index. -1: not one of ours, or this client.
  readonly #playerByIndex: number[] = [];
  // Indexed by player. The revision of the last frame; -1: out of sight, -2: in sight, without a frame so far.
  readonly #revisions: Float64Array;
  readonly #numbers: Uint8Array;
  // When the server sent its last frame.
  readonly #sentMs: Float64Array;
  // In the full state that is being read.
  readonly #isSeen: Uint8Array;
  // The last look that had the player among the nearest, and among the surely near; for how many looks.
  readonly #nearLook: Uint32Array;
  readonly #sureLook: Uint32Array;
  readonly #sureLooks: Uint32Array;
  // The revision at the last look, -1 if it does not count, and frames since then.
  readonly #lookRevision: Float64Array;
  readonly #framesSinceLook: Uint32Array;
  #look = 1;
  #inSight = 0;
  #serverMs = 0;

  constructor(options: {
    shape: LoadShape;
    seat: Seat;
    inspector: Inspector | undefined;
    tally: CrowdTally;
  }) {
    const { shape, seat, inspector, tally } = options;
    const { players } = shape;
    this.seat = seat;
    this.#tally = tally;
    this.#firstPlace = placeOf({ room: seat.room, player: 0 }, { players });
    this.#inspector = inspector;
    this.#revisions = new Float64Array(players).fill(-1);
    this.#numbers = new Uint8Array(players);
    this.#sentMs = new Float64Array(players);
    this.#isSeen = new Uint8Array(players);
    this.#nearLook = new Uint32Array(players);
    this.#sureLook = new Uint32Array(players);
    this.#sureLooks = new Uint32Array(players);
    this.#lookRevision = new Float64Array(players).fill(-1);
    this.#framesSinceLook = new Uint32Array(players);
  }

  learn(index: number, player: number): void {
    while (this.#playerByIndex.length <= index) this.#playerByIndex.push(-1);
    const last = this.#playerByIndex[index];
    if (last >= 0 && last !== player) this.#leaveSight(last);
    this.#playerByIndex[index] = player;
  }

  receive(batch: BatchReader, byteLength: number): void {
    this.#serverMs = batch.serverTimeUs / 1000;
    this.#count(byteLength);
    const receivedMs = nowMs();
    if (batch.isFullState) this.#isSeen.fill(0);
    while (batch.next()) {
      const player = this.#playerByIndex[batch.playerIndex] ?? -1;
      switch (batch.kind) {
        case EntryKind.Skeleton:
          this.#readSkeleton(batch, player);
          break;
        case EntryKind.Frame:
          if (player >= 0) this.#readFrame(batch, player, receivedMs);
          break;
        case EntryKind.OutOfSight:
          if (player >= 0) this.#leaveSight(player);
      }
    }
    if (!batch.isFullState) return;
    // [S35] Whoever it leaves out has gone out of sight.
    for (let player = 0; player < this.#isSeen.length; player++) {
      if (this.#isSeen[player] === 0) this.#leaveSight(player);
    }
  }

  receiveOther(byteLength: number, isPlaces: boolean): void {
    // Control messages have no time of their own: they count with the batch before.
    if (this.#serverMs > 0) this.#count(byteLength);
    if (isPlaces) this.#tally.placesCount++;
  }

  clear(): void {}

  /** Compares what is in sight with who is nearest by the true places, the nearest first. Call it once a second. */
  look(nearest: Int32Array): void {
    const { window, near } = this.#tally;
    const now = nowMs();
    const isMeasured = window !== undefined && now >= window.startMs && now < window.endMs;
    const last = this.#look++;
    const look = this.#look;
    for (const player of nearest) this.#nearLook[player] = look;
    for (let rank = 0; rank < Math.min(SURELY_NEAR, nearest.length); rank++) {
      const player = nearest[rank];
      this.#sureLooks[player] = this.#sureLook[player] === last ? this.#sureLooks[player] + 1 : 1;
      this.#sureLook[player] = look;
      if (isMeasured && this.#sureLooks[player] > LOOKS_UNTIL_SURE) this.#compare(player, near);
      this.#lookRevision[player] = this.#revisions[player];
      this.#framesSinceLook[player] = 0;
    }
    if (!isMeasured) return;
    this.#tally.lookCount++;
    this.#tally.inSight += this.#inSight;
  }

  /** At the end of a measurement: how long those in sight have been without an update. */
  noteStarved(): void {
    for (let player = 0; player < this.#revisions.length; player++) {
      if (this.#revisions[player] >= 0) this.#noteGap(this.#sentMs[player], Infinity);
    }
  }

  #compare(player: number, near: CrowdTally["near"]): void {
    near.pairs++;
    if (this.#revisions[player] < 0) return;
    near.inSight++;
    if (this.#lookRevision[player] < 0) return;
    near.published += this.#revisions[player] - this.#lookRevision[player];
    near.received += this.#framesSinceLook[player];
  }

  #readSkeleton(batch: BatchReader, player: number): void {
    const id = batch.skeletonId;
    const isHeld = this.#held.has(id);
    if (!isHeld && batch.payload.length === 0) this.#tally.addBroken("S38: a skeleton is not held");
    this.#held.touch(id, true);
    if (player < 0) return;
    this.#enterSight(player);
    this.#inspector?.inspect(player, { batch, revision: 0 }, false);
  }

  #readFrame(batch: BatchReader, player: number, receivedMs: number): void {
    const { revision: whole, frame } = batch;
    const last = this.#revisions[player];
    if (last === -1) this.#tally.addBroken("S24: a frame before its skeleton");
    if (last === -2 && !frame.isKey) this.#tally.addBroken("S36: the first frame is no keyframe");
    if (last < 0 && whole === null) return this.#tally.addBroken("S14: no revision to count from");
    this.#isSeen[player] = 1;
    const revision =
      whole ?? revisionByNumber({ revision: last, number: this.#numbers[player] }, frame.number);
    if (revision <= last) return;
    if (last === -1) this.#enterSight(player);
    if (last >= 0) this.#noteGap(this.#sentMs[player], this.#serverMs);
    // A keyframe in the middle of a group skips up to three numbers: nobody published those.
    if (frame.isKey && revision - last <= GROUP_FRAMES)
      this.#lookRevision[player] += revision - last - 1;
    this.#revisions[player] = revision;
    this.#numbers[player] = frame.number;
    this.#sentMs[player] = this.#serverMs;
    this.#framesSinceLook[player]++;
    this.#noteFrame(batch, player, receivedMs);
    const isRight = this.#inspector?.inspect(player, { batch, revision }, true);
    if (isRight === undefined) return;
    this.#tally.checked++;
    if (!isRight) this.#tally.wrong++;
  }

  #noteFrame({ captureTimeUs }: BatchReader, player: number, receivedMs: number): void {
    const tally = this.#tally;
    const { window } = tally;
    if (window === undefined) return;
    const sentLow32 = (captureTimeUs % 2 ** 32) >>> 0;
    if (!window.contains(this.#firstPlace + player, window.sinceEpochUs(sentLow32))) return;
    const ms = ((low32Us(receivedMs) - sentLow32) | 0) / 1000;
    tally.delivered++;
    tally.latency.add(ms);
    if (this.#nearLook[player] === this.#look) tally.nearLatency.add(ms);
  }

  #enterSight(player: number): void {
    this.#isSeen[player] = 1;
    if (this.#revisions[player] !== -1) return;
    this.#revisions[player] = -2;
    this.#sentMs[player] = this.#serverMs;
    this.#inSight++;
  }

  #leaveSight(player: number): void {
    if (this.#revisions[player] === -1) return;
    this.#noteGap(this.#sentMs[player], this.#serverMs);
    this.#revisions[player] = -1;
    this.#lookRevision[player] = -1;
    this.#inSight--;
    this.#inspector?.forget(player);
  }

  /** A player in sight had no update from `fromMs` to `toMs`. What is outside of the measured time does not count. */
  #noteGap(fromMs: number, toMs: number): void {
    const { window } = this.#tally;
    if (window === undefined || fromMs === 0) return;
    const ms = Math.min(toMs, window.endMs) - Math.max(fromMs, window.startMs);
    if (ms > this.#tally.starvedMsMax) this.#tally.starvedMsMax = ms;
  }

  #count(byteLength: number): void {
    const { window } = this.#tally;
    if (window !== undefined) this.#bytes.add(byteLength, this.#serverMs, window, this.#tally);
  }
}

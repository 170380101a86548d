// Messages between the coordinator of a load and its worker processes.
import type { StreamFormat } from "../codec/index.ts";
import type { CrowdPart } from "./crowd-tally.ts";
import type { HistogramCounts } from "./histogram.ts";

/** One room full of publishers that all receive each other, times `rooms`. */
export interface LoadShape {
  /** `ws://host:port`, without a path. */
  readonly url: string;
  readonly rooms: number;
  /** Players of each room. */
  readonly players: number;
  /** Frames a second of each player. */
  readonly hz: number;
  readonly format: StreamFormat;
  /** Path of a clip. */
  readonly clip: string;
  /** Whether players wander, as in a crowd; of the stream format only. */
  readonly isWalking: boolean;
  /** The prefix of room and player ids, so that two loads do not collide. */
  readonly prefix: string;
}

/** A player of a room, by number. Phases are spread over all players. */
export interface Seat {
  readonly room: number;
  readonly player: number;
}

export type ToWorker =
  | { readonly type: "join"; readonly shape: LoadShape; readonly seats: readonly Seat[] }
  /** Begins to publish: player p of n sends its first frame p / n of an interval after `epochMs`. */
  | { readonly type: "publish"; readonly epochMs: number }
  /** Counts the frames sent in this time. The answer comes `drainMs` after its end. */
  | {
      readonly type: "measure";
      readonly startMs: number;
      readonly endMs: number;
      readonly drainMs: number;
    }
  | { readonly type: "end" };

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "joined" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "measured"; readonly part: MeasuredPart };

/** What one worker counted. */
export interface MeasuredPart {
  /** Frames sent by this worker's players. */
  readonly sent: readonly { readonly seat: Seat; readonly count: number }[];
  /** Bytes of those frames' messages. */
  readonly sentBytes: number;
  /** What its receivers got: of rooms in which everyone is sent everyone, or of crowds. */
  readonly receipts: RoomPart | CrowdPart;
  readonly rates: readonly RateTold[];
  /** Frames not sent: the socket still held one [S19], the server asked for fewer, the worker was late. */
  readonly skipped: SkippedCounts;
  /** How late frames were sent. */
  readonly lateness: HistogramCounts;
  /** CPU seconds a second of this process. */
  readonly cores: number;
  /** The share of the time for which it waited for a core; 0 if the system does not tell. */
  readonly waitedShare: number;
  /** Reasons of connections that the server closed. */
  readonly closed: readonly string[];
}

/** What the receivers of one worker got of rooms in which everyone is sent everyone. */
export interface RoomPart {
  readonly kind: "room";
  /** Whether a receiver was sent only those whom it had in sight: then nothing can be said of the others. */
  readonly isCrowd: boolean;
  /** Bytes of the batches that all receivers got in the measured time. */
  readonly receivedBytes: number;
  /** What this worker's receivers got of each player, all receivers together. */
  readonly received: readonly PlayerReceipts[];
  readonly latency: HistogramCounts;
  readonly gap: HistogramCounts;
  /** Payloads decoded and compared with the clip, and how many of them differed. */
  readonly checked: number;
  readonly wrong: number;
  /** Pairs of receiver and player without an update for over a second. */
  readonly frozen: number;
}

export interface PlayerReceipts {
  readonly seat: Seat;
  /** Receivers that got a frame sent after the measured time, and what they had of it. */
  readonly settledReceivers: number;
  readonly settledFrames: number;
  /** Receivers that did not get a later frame: what they miss may be lost. */
  readonly openReceivers: number;
  readonly openFrames: number;
}

export interface RateTold {
  readonly room: number;
  /** Since the start of the measured time; negative before it. */
  readonly atMs: number;
  readonly rateHz: number;
}

export interface SkippedCounts {
  readonly backpressure: number;
  readonly rate: number;
  readonly late: number;
}

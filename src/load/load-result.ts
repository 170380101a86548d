// What a load measured in rooms in which everyone is sent everyone, all workers together.
import { Histogram } from "./histogram.ts";
import type { HistogramCounts } from "./histogram.ts";
import type { LoadShape, MeasuredPart, RateTold, RoomPart, SkippedCounts } from "./messages.ts";
import type { ServerUsage } from "./process-usage.ts";

// A worker that uses more of a core than this is no longer on time.
const WORKER_CORES_MAX = 0.9;
// Half of a tick: a frame sent later than this misses its tick.
const LATENESS_MS_MAX = 16;
const WAITED_SHARE_MAX = 0.1;
const CROWD =
  "the server has sent each receiver only those whom it has in sight: start it with a higher --crowd-above, or load it with --walk";

/** What is measured of every load. */
export interface CommonResult {
  /** Frames published in the measured time. */
  readonly sent: number;
  /** Mean bytes of a frame's message; null if none was sent. */
  readonly bytesPerFrame: number | null;
  readonly rates: readonly RateTold[];
  readonly skipped: SkippedCounts;
  readonly closed: readonly string[];
  readonly server: ServerUsage | undefined;
  readonly generator: {
    readonly cores: readonly number[];
    /** The share of the time for which each worker waited for a core. */
    readonly waitedShares: readonly number[];
    readonly latenessMs: Quantiles;
    /** Why these figures say more about the generator than about the server; empty if they do not. */
    readonly limits: readonly string[];
  };
}

export interface LoadResult extends CommonResult {
  /** Frames that should be received: each by all others of its room. */
  readonly expected: number;
  /** Frames received, each counted once for each receiver. */
  readonly delivered: number;
  /** Frames not received though a newer frame of the same player was. */
  readonly superseded: number;
  /** Frames not received, with no newer frame received either. */
  readonly lost: number;
  /** Delivered frames that were decoded and compared with the clip; how many were wrong. */
  readonly checked: number;
  readonly wrong: number;
  /** Mean traffic of batches to one receiver. */
  readonly subscriberMbitPerSecond: number;
  /** From the call of send to the frame read; null if nothing came. */
  readonly latencyMs: Quantiles;
  /** Between two updates of one player at one receiver. */
  readonly gapMs: Quantiles;
  /** Pairs of receiver and player without an update for more than a second. */
  readonly frozenStreams: number;
}

export interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** What all workers of a load measured. */
export interface Measured {
  readonly shape: LoadShape;
  readonly server: ServerUsage | undefined;
  readonly parts: readonly MeasuredPart[];
  readonly seconds: number;
}

/** @throws {Error} if the server has sent receivers only those whom they have in sight. */
export function summarize(measured: Measured): LoadResult {
  const { shape, parts, seconds } = measured;
  const { rooms, players } = shape;
  const ofRooms = parts.flatMap(({ receipts }) => (receipts.kind === "room" ? [receipts] : []));
  if (ofRooms.some(({ isCrowd }) => isCrowd)) throw new Error(CROWD);
  const sum = (of: (part: RoomPart) => number) => ofRooms.reduce((all, part) => all + of(part), 0);
  const sentBy = new Uint32Array(rooms * players);
  for (const { seat, count } of parts.flatMap(({ sent }) => sent)) {
    sentBy[seat.room * players + seat.player] = count;
  }
  const counts = { delivered: 0, superseded: 0, lost: 0 };
  for (const { seat, ...of } of ofRooms.flatMap(({ received }) => received)) {
    const sentOfPlayer = sentBy[seat.room * players + seat.player];
    counts.delivered += of.settledFrames + of.openFrames;
    counts.superseded += of.settledReceivers * sentOfPlayer - of.settledFrames;
    counts.lost += of.openReceivers * sentOfPlayer - of.openFrames;
  }
  const common = commonResult(measured);
  return {
    ...common,
    expected: common.sent * (players - 1),
    ...counts,
    checked: sum(({ checked }) => checked),
    wrong: sum(({ wrong }) => wrong),
    subscriberMbitPerSecond: rounded(
      (sum(({ receivedBytes }) => receivedBytes) * 8) / 1e6 / seconds / (rooms * players),
    ),
    latencyMs: quantiles(ofRooms.map(({ latency }) => latency)),
    gapMs: quantiles(ofRooms.map(({ gap }) => gap)),
    frozenStreams: sum(({ frozen }) => frozen),
  };
}

export function commonResult({ server, parts }: Measured): CommonResult {
  const sum = (of: (part: MeasuredPart) => number) =>
    parts.reduce((all, part) => all + of(part), 0);
  const sent = sum((part) => part.sent.reduce((all, { count }) => all + count, 0));
  const skipped = {
    backpressure: sum((part) => part.skipped.backpressure),
    rate: sum((part) => part.skipped.rate),
    late: sum((part) => part.skipped.late),
  };
  const cores = parts.map((part) => part.cores);
  const waitedShares = parts.map((part) => part.waitedShare);
  const latenessMs = quantiles(parts.map(({ lateness }) => lateness));
  const limits = generatorLimits({ cores, waitedShares, latenessMs, skipped, sent });
  return {
    sent,
    bytesPerFrame: sent === 0 ? null : rounded(sum((part) => part.sentBytes) / sent),
    rates: parts.flatMap(({ rates }) => rates),
    skipped,
    closed: parts.flatMap(({ closed }) => closed),
    server,
    generator: { cores, waitedShares, latenessMs, limits },
  };
}

function generatorLimits(generator: {
  cores: readonly number[];
  waitedShares: readonly number[];
  latenessMs: Quantiles;
  skipped: SkippedCounts;
  sent: number;
}): string[] {
  const { cores, waitedShares, latenessMs, skipped, sent } = generator;
  const limits = [];
  const busiest = Math.max(...cores);
  if (busiest > WORKER_CORES_MAX) limits.push(`a worker used ${busiest.toFixed(2)} of a core`);
  const waited = Math.max(...waitedShares);
  if (waited > WAITED_SHARE_MAX) {
    limits.push(
      `other work had the cores: a worker waited ${(100 * waited).toFixed(0)} % of the time`,
    );
  }
  if ((latenessMs.p99 ?? 0) > LATENESS_MS_MAX) {
    limits.push(`frames were sent late: p99 ${latenessMs.p99} ms`);
  }
  if (skipped.late > sent / 1000) limits.push(`${skipped.late} frames were too late to be sent`);
  return limits;
}

/** To a hundredth. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function quantiles(histograms: readonly HistogramCounts[]): Quantiles {
  const all = new Histogram();
  for (const counts of histograms) all.addCounts(counts);
  return { p50: all.quantile(0.5), p95: all.quantile(0.95), p99: all.quantile(0.99) };
}

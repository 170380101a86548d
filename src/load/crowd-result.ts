// What a load measured in a crowd, all workers together, and which of its promises were broken.
import type { CrowdPart, NearCounts } from "./crowd-tally.ts";
import { commonResult, quantiles } from "./load-result.ts";
import type { CommonResult, Measured, Quantiles } from "./load-result.ts";

/** Each receiver's, of the stream format, unless it asks for another one. */
const BUDGET_BYTES_PER_SECOND = 150_000;
const STARVED_MS_MAX = 1000;
// Whoever is among the ten nearest for two seconds is in sight, unless it has just come and the budget is spent.
const NEAR_IN_SIGHT_MIN = 0.99;

export interface CrowdResult extends CommonResult {
  /** Frames received, each counted once for each receiver. */
  readonly delivered: number;
  /** From the call of send to the frame read; null if nothing came. */
  readonly latencyMs: Quantiles;
  /** Of the 20 players nearest to the receiver. */
  readonly nearLatencyMs: Quantiles;
  /** All messages, without what WebSocket puts around them, in a second of the server's clock. */
  readonly bytesPerReceiverPerSecond: {
    readonly mean: number | null;
    readonly p99: number | null;
    /** In any second of any receiver. */
    readonly max: number;
  };
  /** Players that a receiver has in sight. */
  readonly inSightMean: number | null;
  /** Of those who were among a receiver's ten nearest for 2 s by their true places; null if there were none. */
  readonly nearest: {
    readonly inSightShare: number | null;
    /** Frames that came, of all that the server had. */
    readonly frameShare: number | null;
  };
  /** The longest time for which a player in sight had no update. */
  readonly starvedMsMax: number;
  /** Messages of everybody's place. None: the room is no crowd, and everyone is sent everyone. */
  readonly placesCount: number;
  /** Frames that were decoded and compared with what was sent; how many were wrong. */
  readonly checked: number;
  readonly wrong: number;
  /** Promises that were broken, in words. */
  readonly broken: readonly string[];
}

export function summarizeCrowd(measured: Measured): CrowdResult {
  const crowds = measured.parts.flatMap(({ receipts }) =>
    receipts.kind === "crowd" ? [receipts] : [],
  );
  const sum = (of: (part: CrowdPart) => number) => crowds.reduce((all, part) => all + of(part), 0);
  const near = (of: (counts: NearCounts) => number) => sum((part) => of(part.near));
  const bytesP99 = quantiles(crowds.map(({ kilobytes }) => kilobytes)).p99;
  const result = {
    ...commonResult(measured),
    delivered: sum(({ delivered }) => delivered),
    latencyMs: quantiles(crowds.map(({ latency }) => latency)),
    nearLatencyMs: quantiles(crowds.map(({ nearLatency }) => nearLatency)),
    bytesPerReceiverPerSecond: {
      mean: ratio(
        sum(({ bytes }) => bytes),
        sum(({ secondCount }) => secondCount),
      ),
      p99: bytesP99 === null ? null : Math.round(bytesP99 * 1000),
      max: Math.max(0, ...crowds.map(({ bytesPerSecondMax }) => bytesPerSecondMax)),
    },
    inSightMean: ratio(
      sum(({ inSight }) => inSight),
      sum(({ lookCount }) => lookCount),
    ),
    nearest: {
      inSightShare: ratio(
        near(({ inSight }) => inSight),
        near(({ pairs }) => pairs),
      ),
      frameShare: ratio(
        near(({ received }) => received),
        near(({ published }) => published),
      ),
    },
    starvedMsMax: Math.round(Math.max(0, ...crowds.map(({ starvedMsMax }) => starvedMsMax))),
    placesCount: sum(({ placesCount }) => placesCount),
    checked: sum(({ checked }) => checked),
    wrong: sum(({ wrong }) => wrong),
  };
  return { ...result, broken: [...brokenRules(crowds), ...brokenPromises(result)] };
}

function brokenRules(crowds: readonly CrowdPart[]): string[] {
  const counts = new Map<string, number>();
  for (const [rule, count] of crowds.flatMap(({ broken }) => broken)) {
    counts.set(rule, (counts.get(rule) ?? 0) + count);
  }
  return Array.from(counts, ([rule, count]) => `${rule} (${count} times)`);
}

function brokenPromises(result: Omit<CrowdResult, "broken">): string[] {
  const { wrong, checked, starvedMsMax, bytesPerReceiverPerSecond, nearest, placesCount } = result;
  const broken = [];
  if (wrong > 0) broken.push(`${wrong} of ${checked} frames differ from what was sent`);
  if (starvedMsMax > STARVED_MS_MAX) {
    broken.push(`somebody in sight had no update for ${starvedMsMax} ms`);
  }
  const { inSightShare } = nearest;
  if (inSightShare !== null && inSightShare < NEAR_IN_SIGHT_MIN) {
    broken.push(`only ${inSightShare} of the nearest players were in sight`);
  }
  const { max } = bytesPerReceiverPerSecond;
  if (placesCount > 0 && max > BUDGET_BYTES_PER_SECOND) {
    broken.push(`a receiver was sent ${max} bytes in a second`);
  }
  return broken;
}

/** To a ten-thousandth; null if there is nothing to divide by. */
function ratio(value: number, by: number): number | null {
  return by === 0 ? null : Math.round((1e4 * value) / by) / 1e4;
}

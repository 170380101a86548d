// What all receivers of a process count of a crowd.
import type { HistogramCounts } from "./histogram.ts";
import { Histogram } from "./histogram.ts";
import type { Window } from "./window.ts";

/** One process's share of a measurement. */
export interface CrowdPart {
  readonly kind: "crowd";
  /** Frames received, each counted once for each receiver. */
  readonly delivered: number;
  readonly latency: HistogramCounts;
  /** Of frames of the receiver's nearest players only. */
  readonly nearLatency: HistogramCounts;
  /** kB of each receiver in each second. */
  readonly kilobytes: HistogramCounts;
  readonly bytes: number;
  readonly secondCount: number;
  readonly bytesPerSecondMax: number;
  /** Sum over all looks at a receiver, and how many there were. */
  readonly inSight: number;
  readonly lookCount: number;
  /** Of pairs of a receiver and a player who was among its nearest for three seconds. */
  readonly near: NearCounts;
  readonly starvedMsMax: number;
  readonly placesCount: number;
  readonly checked: number;
  readonly wrong: number;
  /** Broken rules of the protocol, and how often. */
  readonly broken: readonly (readonly [rule: string, count: number])[];
}

export interface NearCounts {
  readonly pairs: number;
  readonly inSight: number;
  /** Frames that the server had of those in sight, and how many of them came. */
  readonly published: number;
  readonly received: number;
}

export class CrowdTally {
  /** Undefined until something is measured. */
  window: Window | undefined;
  delivered = 0;
  readonly latency = new Histogram();
  readonly nearLatency = new Histogram();
  readonly kilobytes = new Histogram();
  bytes = 0;
  secondCount = 0;
  bytesPerSecondMax = 0;
  inSight = 0;
  lookCount = 0;
  near = { pairs: 0, inSight: 0, published: 0, received: 0 };
  starvedMsMax = 0;
  placesCount = 0;
  checked = 0;
  wrong = 0;
  readonly #broken = new Map<string, number>();

  addSecond(bytes: number): void {
    this.kilobytes.add(bytes / 1000);
    this.bytes += bytes;
    this.secondCount++;
  }

  addAnySecond(bytes: number): void {
    this.bytesPerSecondMax = Math.max(this.bytesPerSecondMax, bytes);
  }

  addBroken(rule: string): void {
    this.#broken.set(rule, (this.#broken.get(rule) ?? 0) + 1);
  }

  clear(): void {
    this.latency.clear();
    this.nearLatency.clear();
    this.kilobytes.clear();
    this.near = { pairs: 0, inSight: 0, published: 0, received: 0 };
    this.delivered = this.bytes = this.secondCount = this.bytesPerSecondMax = 0;
    this.inSight = this.lookCount = this.starvedMsMax = this.placesCount = 0;
    this.checked = this.wrong = 0;
    // Rules hold before the measured time too.
  }

  part(): CrowdPart {
    const { delivered, bytes, secondCount, bytesPerSecondMax, inSight, lookCount } = this;
    const { near, starvedMsMax, placesCount, checked, wrong } = this;
    return {
      kind: "crowd",
      delivered,
      latency: this.latency.counts(),
      nearLatency: this.nearLatency.counts(),
      kilobytes: this.kilobytes.counts(),
      bytes,
      secondCount,
      bytesPerSecondMax,
      inSight,
      lookCount,
      near,
      starvedMsMax,
      placesCount,
      checked,
      wrong,
      broken: [...this.#broken],
    };
  }
}

// Traffic: what goes into a room and out of it, by format. Counted are the data messages of streaming
// connections, acknowledgements among them, and the bodies of slots over HTTP, if they were accepted. Not
// counted: control messages, and what HTTP, WebSocket and TCP put around all this.
import { STREAM_FORMATS } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import { RateMeter } from "./rate-meter.ts";

/** What went one way. Totals only grow: of a room since it was made, of the server since its start. */
export interface TrafficCount {
  /** Frames; on the way out once for every receiver. */
  updatesTotal: number;
  bytesTotal: number;
  updatesPerSecond: number;
  bytesPerSecond: number;
}

export interface FormatTraffic {
  /** Streaming connections that have joined. */
  connections: number;
  readonly in: TrafficCount;
  readonly out: TrafficCount;
}

export type TrafficStatus = Readonly<Record<StreamFormat, FormatTraffic>>;

type Meters = Readonly<Record<StreamFormat, RateMeter>>;

export class Traffic {
  readonly in: Meters = eachFormat(() => new RateMeter());
  readonly out: Meters = eachFormat(() => new RateMeter());

  /** Takes over the totals of traffic that has ended. */
  absorb(ended: Traffic): void {
    for (const format of STREAM_FORMATS) {
      this.in[format].absorb(ended.in[format]);
      this.out[format].absorb(ended.out[format]);
    }
  }

  /** Adds what was counted up to `nowMs` to `sum`. */
  addTo(sum: TrafficStatus, nowMs: number): void {
    for (const format of STREAM_FORMATS) {
      addCount(sum[format].in, this.in[format], nowMs);
      addCount(sum[format].out, this.out[format], nowMs);
    }
  }
}

/** A sum to begin with. */
export function noTraffic(): TrafficStatus {
  const nothing = { updatesTotal: 0, bytesTotal: 0, updatesPerSecond: 0, bytesPerSecond: 0 };
  return eachFormat(() => ({ connections: 0, in: { ...nothing }, out: { ...nothing } }));
}

/** With rates as people and charts want them: to a tenth of an update, and to a byte. */
export function roundedTraffic(sum: TrafficStatus): TrafficStatus {
  return eachFormat((format) => {
    const { connections, in: received, out: sent } = sum[format];
    return { connections, in: rounded(received), out: rounded(sent) };
  });
}

function eachFormat<T>(make: (format: StreamFormat) => T): Record<StreamFormat, T> {
  return { json: make("json"), binary: make("binary"), stream: make("stream") };
}

function addCount(sum: TrafficCount, meter: RateMeter, nowMs: number): void {
  sum.updatesTotal += meter.eventsTotal;
  sum.bytesTotal += meter.bytesTotal;
  sum.updatesPerSecond += meter.eventsPerSecond(nowMs);
  sum.bytesPerSecond += meter.bytesPerSecond(nowMs);
}

function rounded({ updatesPerSecond, bytesPerSecond, ...totals }: TrafficCount): TrafficCount {
  return {
    ...totals,
    updatesPerSecond: Math.round(updatesPerSecond * 10) / 10,
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}

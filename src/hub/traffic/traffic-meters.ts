// Meters for what goes into a room and out of it, by format. They count the data messages of streaming
// connections, acknowledgements included, and the bodies of HTTP slots that were accepted. They do not
// count control messages, nor what HTTP, WebSocket and TCP add around all this.
import { STREAM_FORMATS } from "../../codec/format.ts";
import type { StreamFormat } from "../../codec/index.ts";
import type { FormatTraffic, Traffic, TrafficCount } from "../../protocol/index.ts";
import { RateMeter } from "./rate-meter.ts";

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** A sum under way: counts of several rooms are added to it. */
export type TrafficSum = Record<
  StreamFormat,
  Writable<Pick<FormatTraffic, "connections">> & {
    readonly in: Writable<TrafficCount>;
    readonly out: Writable<TrafficCount>;
  }
>;

type Meters = Readonly<Record<StreamFormat, RateMeter>>;

export class TrafficMeters {
  readonly in: Meters = eachFormat(() => new RateMeter());
  readonly out: Meters = eachFormat(() => new RateMeter());

  /** Takes over the totals of traffic that has ended. */
  absorb(ended: TrafficMeters): void {
    for (const format of STREAM_FORMATS) {
      this.in[format].absorb(ended.in[format]);
      this.out[format].absorb(ended.out[format]);
    }
  }

  /** Adds what was counted up to `nowMs` to `out`. */
  addTo(nowMs: number, out: TrafficSum): void {
    for (const format of STREAM_FORMATS) {
      addCount(this.in[format], nowMs, out[format].in);
      addCount(this.out[format], nowMs, out[format].out);
    }
  }
}

/** A sum to begin with. */
export function createTrafficSum(): TrafficSum {
  const nothing = { updatesTotal: 0, bytesTotal: 0, updatesPerSecond: 0, bytesPerSecond: 0 };
  return eachFormat(() => ({ connections: 0, in: { ...nothing }, out: { ...nothing } }));
}

/** With rates as people and charts want them: to a tenth of an update, and to a byte. */
export function roundedTraffic(sum: TrafficSum): Traffic {
  return eachFormat((format) => {
    const { connections, in: received, out: sent } = sum[format];
    return { connections, in: rounded(received), out: rounded(sent) };
  });
}

function eachFormat<T>(make: (format: StreamFormat) => T): Record<StreamFormat, T> {
  return { json: make("json"), binary: make("binary"), stream: make("stream") };
}

function addCount(meter: RateMeter, nowMs: number, out: Writable<TrafficCount>): void {
  out.updatesTotal += meter.eventsTotal;
  out.bytesTotal += meter.bytesTotal;
  out.updatesPerSecond += meter.eventsPerSecond(nowMs);
  out.bytesPerSecond += meter.bytesPerSecond(nowMs);
}

function rounded({ updatesPerSecond, bytesPerSecond, ...totals }: TrafficCount): TrafficCount {
  return {
    ...totals,
    updatesPerSecond: Math.round(updatesPerSecond * 10) / 10,
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}

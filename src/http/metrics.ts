// GET /metrics, for Prometheus. Values are read when somebody asks, so nothing is counted twice and no frame pays.
import type { Metric, MetricObject, MetricType } from "prom-client";
import type { AddressLimits } from "../access/quotas.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import { Durations } from "../metrics/durations.ts";
import type { Tally } from "../metrics/tally.ts";
import type { HttpContext } from "./context.ts";
import type { Route } from "./router.ts";

export const metricsRoute: Route = {
  GET: async (_, context) => {
    const { text, contentType } = await prometheusText(familiesOf(context));
    return { headers: { "Content-Type": contentType, "Cache-Control": "no-store" }, body: text };
  },
};

/** The samples of one metric. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Where it is not the family's: of a histogram. */
  readonly metricName?: string;
}

/**
 * Only the registry is imported, on the first request: the whole package takes 0.1 s, in which no room would be ticked, and
 * its counters would hold a copy of what the server counts anyway.
 */
async function prometheusText(families: readonly Family[]) {
  const { default: Registry } = await import("prom-client/lib/registry.js");
  const registry = new Registry();
  for (const family of families) registry.registerMetric(asMetric(family));
  return { text: await registry.metrics(), contentType: registry.contentType };
}

/** What the registry needs of a metric: a name, and how to read it. */
function asMetric(family: Family): Metric {
  const read = { ...family, aggregator: "sum" } as unknown as MetricObject & { type: MetricType };
  return { name: family.name, get: () => Promise.resolve(read) } as unknown as Metric;
}

const one = (value: number, labels: Sample["labels"] = {}): Sample => ({ labels, value });

function familiesOf(context: HttpContext): Family[] {
  const { hub, metrics, startedMs, version } = context;
  const { superseded, traffic } = hub.status(context.now());
  const { count, max } = context.streamConnections();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const { roomsMax, playersMax } = hub.options;
  let players = 0;
  for (const room of hub.rooms) for (const { isPresent } of room.players) if (isPresent) players++;
  const ways = STREAM_FORMATS.flatMap((format) =>
    (["in", "out"] as const).map((direction) => ({
      format,
      direction,
      ...traffic[format][direction],
    })),
  );
  const byWay = (field: "updatesTotal" | "bytesTotal") =>
    ways.map(({ format, direction, ...counts }) => one(counts[field], { format, direction }));
  return [
    gauge("info", "The version that runs; always 1", [one(1, { version })]),
    gauge("rooms", "Rooms that somebody has written to", [one(hub.roomCount)]),
    gauge("players", "Players that are in a room now", [one(players)]),
    gauge("connections", "Open streaming connections, joined or not", [one(count)]),
    gauge(
      "joined_connections",
      "Streaming connections that have joined a room, by format",
      STREAM_FORMATS.map((format) => one(traffic[format].connections, { format })),
    ),
    gauge("requests_under_way", "HTTP requests that wait for their answer", [
      one(context.requestsUnderWay()),
    ]),
    gauge("limit", "Bounds that this server was started with", [
      one(roomsMax, { of: "rooms" }),
      one(playersMax, { of: "players_of_a_room" }),
      one(max, { of: "connections" }),
      one(context.requestsMax, { of: "requests_under_way" }),
    ]),
    counter(
      "frames_total",
      "Frames; on the way out once for every receiver",
      byWay("updatesTotal"),
    ),
    counter(
      "frame_bytes_total",
      "Bytes of data messages and of accepted bodies",
      byWay("bytesTotal"),
    ),
    counter(
      "frames_superseded_total",
      "Frames that did not reach a receiver because something newer did, by cause",
      Object.entries(superseded).map(([cause, value]) => one(value, { cause })),
    ),
    counter(
      "closes_total",
      "Streaming connections that have ended, by close code",
      tallied(metrics.closes, "code"),
    ),
    counter(
      "refusals_total",
      "HTTP requests that were refused, by the error's code",
      tallied(metrics.refusals, "reason"),
    ),
    counter(
      "quota_refusals_total",
      "Requests that were refused because their address has a quota used up",
      tallied(metrics.quotaRefusals, "quota"),
    ),
    gauge("quota_limit", "What one address may hold", held(context.quotas.limits)),
    gauge("quota_most_held", "The most that any address holds", held(context.quotas.mostHeld)),
    gauge("bodies_under_way", "Bodies of requests that are being read", [
      one(context.quotas.held.bodies),
    ]),
    gauge("body_bytes_under_way", "Their bytes, as declared", [one(context.quotas.held.bodyBytes)]),
    gauge("quota_addresses", "Addresses that are counted", [one(context.quotas.addressCount)]),
    histogram("tick_duration_seconds", "Time that a room's tick takes", metrics.tickDuration),
    histogram(
      "tick_lateness_seconds",
      "How much later than scheduled a room's tick comes",
      metrics.tickLateness,
    ),
    histogram("event_loop_lag_seconds", "How late a timer of 100 ms comes", metrics.eventLoopLag),
    gauge("heap_used_bytes", "JavaScript heap in use", [one(heapUsed)]),
    {
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Resident memory",
      values: [one(rss)],
    },
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "CPU time",
      values: [one((user + system) / 1e6)],
    },
    {
      name: "process_start_time_seconds",
      type: "gauge",
      help: "Unix time of the start",
      values: [one(startedMs / 1000)],
    },
  ];
}

function held({ connections, bodies, bodyBytes }: AddressLimits): Sample[] {
  return [
    one(connections, { quota: "connections" }),
    one(bodies, { quota: "bodies" }),
    one(bodyBytes, { quota: "body_bytes" }),
  ];
}

const family =
  (type: Family["type"]) =>
  (name: string, help: string, values: readonly Sample[]): Family => ({
    name: `avatar_sync_${name}`,
    help,
    type,
    values,
  });
const gauge = family("gauge");
const counter = family("counter");

function histogram(name: string, help: string, durations: Durations): Family {
  const full = `avatar_sync_${name}`;
  const counts = durations.cumulativeCounts();
  const total = counts.at(-1) ?? 0;
  const buckets = counts.map((value, index) => {
    const le = String(Durations.boundsSeconds[index] ?? "+Inf");
    return { metricName: `${full}_bucket`, labels: { le }, value };
  });
  return family("histogram")(name, help, [
    ...buckets,
    { metricName: `${full}_sum`, labels: {}, value: durations.sumSeconds },
    { metricName: `${full}_count`, labels: {}, value: total },
  ]);
}

function tallied(tally: Tally, label: string): Sample[] {
  return Array.from(tally.counts, ([name, value]) => one(value, { [label]: name }));
}

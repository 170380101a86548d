// A load's result for people.
import type { CommonResult, LoadResult, Quantiles } from "./load-result.ts";
import type { LoadOptions } from "./load-session.ts";

export function loadReport(options: LoadOptions, seconds: number, result: LoadResult): string {
  const { rooms, players, hz, format } = options;
  const { expected, delivered, superseded, lost, checked, wrong, latencyMs, gapMs } = result;
  const { bytesPerFrame, subscriberMbitPerSecond, frozenStreams } = result;
  const share = (count: number) => `${((count / Math.max(1, expected)) * 100).toFixed(2)} %`;
  const streams = rooms * players * (players - 1);
  const rows: Row[] = [
    ["load", `${rooms} rooms x ${players} players x ${hz} Hz, ${format}, ${seconds} s`],
    ["expected", `${expected} updates (${Math.round(expected / seconds)}/s)`],
    ["delivered", `${delivered} (${share(delivered)})`],
    ["superseded", `${superseded} (${share(superseded)}) by newer ones`],
    ["lost", String(lost)],
    ["checked", `${checked} decoded and compared, ${wrong} wrong`],
    [
      "bandwidth",
      `${bytesPerFrame ?? "-"} B a frame, ${subscriberMbitPerSecond} Mbit/s a receiver`,
    ],
    ["gap", `${quantiles(gapMs)} between updates`],
    ["latency", quantiles(latencyMs)],
    ["frozen", `${frozenStreams} of ${streams} streams stood still for over a second`],
  ];
  return textOf([...rows, ...commonRows(result)]);
}

export type Row = readonly [name: string, value: string];

export function textOf(rows: readonly Row[]): string {
  return rows.map(([name, value]) => `${name.padEnd(12)}${value}`).join("\n");
}

export function commonRows({ skipped, rates, server, closed, generator }: CommonResult): Row[] {
  const rows: Row[] = [
    ["skipped", `${skipped.backpressure} socket full, ${skipped.rate} by the server's rate`],
    ["generator", `${generator.cores.map((cores) => cores.toFixed(2)).join(" + ")} cores`],
  ];
  if (rates.length > 0) {
    const slowest = Math.min(...rates.map(({ rateHz }) => rateHz || Infinity));
    rows.push(["rates", `told ${rates.length} times, ${slowest} Hz the lowest`]);
  }
  if (server !== undefined) {
    const { cores, rssMb } = server;
    const memory = `${rssMb[0]?.toFixed(0)} MB, then ${rssMb.at(-1)?.toFixed(0)} MB`;
    rows.push(["server", `${cores.toFixed(2)} cores, ${memory}`]);
  }
  for (const reason of new Set(closed)) rows.push(["closed", reason]);
  for (const reason of generator.limits) rows.push(["LIMITED", `by the generator: ${reason}`]);
  return rows;
}

export function quantiles({ p50, p95, p99 }: Quantiles): string {
  return `p50 ${p50 ?? "-"}, p95 ${p95 ?? "-"}, p99 ${p99 ?? "-"} ms`;
}

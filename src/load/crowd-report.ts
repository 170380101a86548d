// A crowd's result for people.
import type { CrowdResult } from "./crowd-result.ts";
import { commonRows, quantiles, textOf } from "./load-report.ts";
import type { Row } from "./load-report.ts";
import type { LoadOptions } from "./load-session.ts";

export function crowdReport(options: LoadOptions, seconds: number, result: CrowdResult): string {
  const { rooms, players, hz } = options;
  const { sent, delivered, checked, wrong, bytesPerReceiverPerSecond, nearest } = result;
  const { mean, p99, max } = bytesPerReceiverPerSecond;
  const kind =
    result.placesCount > 0 ? "each is sent whom it has in sight" : "everyone is sent everyone";
  const percent = (share: number | null) =>
    share === null ? "-" : `${(100 * share).toFixed(2)} %`;
  const kilobytes = (bytes: number | null) => (bytes === null ? "-" : (bytes / 1000).toFixed(1));
  const rows: Row[] = [
    ["load", `${rooms} rooms x ${players} players x ${hz} Hz, walking, ${seconds} s: ${kind}`],
    [
      "published",
      `${sent} frames (${Math.round(sent / seconds)}/s) of ${result.bytesPerFrame ?? "-"} B`,
    ],
    ["delivered", `${delivered} (${Math.round(delivered / seconds)}/s)`],
    ["checked", `${checked} decoded and compared, ${wrong} wrong`],
    [
      "bytes",
      `${kilobytes(mean)} kB/s a receiver, p99 ${kilobytes(p99)}, at most ${kilobytes(max)}`,
    ],
    ["in sight", `${result.inSightMean ?? "-"} players`],
    [
      "nearest",
      `${percent(nearest.inSightShare)} in sight, ${percent(nearest.frameShare)} of their frames`,
    ],
    ["starved", `${result.starvedMsMax} ms without an update at most`],
    ["near", quantiles(result.nearLatencyMs)],
    ["latency", quantiles(result.latencyMs)],
    ...commonRows(result),
  ];
  for (const promise of result.broken) rows.push(["BROKEN", promise]);
  return textOf(rows);
}

// Frames that did not reach a receiver, counted by cause.
import type { SupersededCounts } from "../../protocol/index.ts";

/** Counters that a room adds to. */
export type SupersededCounters = { -readonly [cause in keyof SupersededCounts]: number };

export function createSupersededCounters(): SupersededCounters {
  return { coalesced: 0, withheld: 0, layered: 0 };
}

export function addSuperseded(more: SupersededCounts, out: SupersededCounters): void {
  out.coalesced += more.coalesced;
  out.withheld += more.withheld;
  out.layered += more.layered;
}

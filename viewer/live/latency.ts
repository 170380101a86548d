// Latency: how late a room's players are seen at this page, and how much of that is the network's.
import type { AvatarRoom } from "../../src/client/index.ts";
import { milliseconds, quantityText } from "../quantity.ts";
import type { Threshold } from "./threshold.ts";

// ITU-T G.114: up to 150 ms of delay one way, most conversations do not suffer.
export const LATENCY_GOOD: Threshold = { value: 150, good: "below" };

export interface Latency {
  /** Milliseconds, by the name of a line. */
  readonly lines: ReadonlyMap<"Round trip" | "Arrives after" | "Shown after" | "Jitter", number>;
  /** The network's part. The rest is this page's: on a slow machine it says nothing of server and network. */
  readonly judged: number | undefined;
  readonly note: string;
}

/** The worst of a room's moving players, each as `stats` say. */
export function latencyOf({ stats, players }: Pick<AvatarRoom, "stats" | "players">): Latency {
  const lines = new Map<"Round trip" | "Arrives after" | "Shown after" | "Jitter", number>();
  if (stats.rttMs !== null) lines.set("Round trip", stats.rttMs);
  const moving = Array.from(players.values(), (player) => player.stats).filter(
    ({ receivedFrames }) => receivedFrames > 1,
  );
  if (moving.length === 0) return { lines, judged: undefined, note: "" };
  const worst = (values: readonly (number | null)[]) =>
    Math.max(0, ...values.map((value) => value ?? 0));
  const arrivesMs = worst(moving.map(({ transitMs }) => transitMs));
  const shownMs = worst(moving.map(({ delayMs }) => delayMs));
  lines.set("Arrives after", arrivesMs);
  lines.set("Shown after", shownMs);
  lines.set("Jitter", worst(moving.map(({ jitterMs }) => jitterMs)));
  const waits = quantityText(milliseconds(shownMs - arrivesMs));
  const note =
    arrivesMs <= LATENCY_GOOD.value && shownMs > LATENCY_GOOD.value
      ? `Frames come unevenly, as on a busy machine: they wait ${waits} here, to move evenly`
      : "";
  return { lines, judged: arrivesMs, note };
}

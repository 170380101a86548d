// Health: how well the room works, as charts of the last two minutes; one sample a second.
import type { AvatarRoom } from "../../src/client/index.ts";
import { byteSize, countText, quantityText } from "../quantity.ts";
import type { ServerStatus } from "../server-status.ts";
import { Chart } from "./chart.ts";
import type { PlayerColors } from "./player-colors.ts";

const SAMPLE_MS = 1000;
// More lines than this are a tangle, and the list of players has every number.
const LINES_MAX = 20;

const FORMAT_COLORS: Readonly<Record<string, string>> = {
  json: "#e8743b",
  binary: "#5b6ee8",
  stream: "#1f9e89",
};
const PAGE_COLOR = "#8f5bd0";
const ROUND_TRIP_COLOR = "#1f9e89";
const JITTER_COLOR = "#e8743b";
const DELAY_COLOR = "#5b6ee8";
const DROPS_COLOR = "#d9534f";

export interface HealthSources {
  readonly room: () => AvatarRoom | null;
  readonly receivedBytes: () => number;
  readonly colors: PlayerColors;
}

export class Health {
  readonly #sources: HealthSources;
  readonly #rates: Chart;
  readonly #traffic: Chart;
  readonly #latency: Chart;
  readonly #drops: Chart;
  #status: ServerStatus | null = null;
  #receivedBytes = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parent: HTMLElement, sources: HealthSources) {
    this.#sources = sources;
    const milliseconds = (value: number) => `${Math.round(value)} ms`;
    this.#rates = new Chart(parent, "Updates", (value) => `${Math.round(value)} /s`);
    this.#traffic = new Chart(parent, "Traffic in", (value) =>
      quantityText(byteSize(value, "/s")).replace(/\.0+ /, " "),
    );
    this.#latency = new Chart(parent, "Latency", milliseconds);
    this.#drops = new Chart(parent, "Late or lost", (value) => `${Math.round(value)} /s`);
  }

  start(): void {
    const run = () => {
      clearInterval(this.#timer);
      if (!document.hidden) this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    };
    document.addEventListener("visibilitychange", run);
    run();
  }

  /** The server's newest answer; null: it gave none. */
  set status(status: ServerStatus | null) {
    this.#status = status;
  }

  /** Another room: what was is not its past. */
  clear(): void {
    for (const chart of this.#charts) chart.clear();
    this.#dropped = 0;
  }

  updateColors(): void {
    for (const chart of this.#charts) chart.updateColors();
  }

  get #charts(): Chart[] {
    return [this.#rates, this.#traffic, this.#latency, this.#drops];
  }

  #sample(): void {
    this.#sampleRates();
    this.#sampleTraffic();
    this.#sampleLatency();
  }

  #sampleRates(): void {
    const players = (this.#status?.players ?? []).filter(({ state }) => state !== "empty");
    const samples = new Map(
      players
        .slice(0, LINES_MAX)
        .map(({ id, updatesPerSecond }) => [
          id,
          { color: this.#sources.colors.of(id), value: updatesPerSecond },
        ]),
    );
    const sum = players.reduce((total, { updatesPerSecond }) => total + updatesPerSecond, 0);
    this.#rates.add(samples, this.#status === null ? "" : `${countText(sum)} /s`);
  }

  #sampleTraffic(): void {
    const { receivedBytes } = this.#sources;
    const samples = new Map<string, { color: string; value: number }>();
    for (const { format, bytesPerSecond } of this.#status?.players ?? []) {
      if (format === null) continue;
      const color = FORMAT_COLORS[format] ?? PAGE_COLOR;
      const value = (samples.get(format)?.value ?? 0) + bytesPerSecond;
      samples.set(format, { color, value });
    }
    const total = receivedBytes();
    const perSecond = total - this.#receivedBytes;
    this.#receivedBytes = total;
    samples.set("page", { color: PAGE_COLOR, value: perSecond });
    const texts = Array.from(samples, ([name, { value }]) => {
      const word = name === "page" ? "to this page" : name === "json" ? "JSON" : name;
      return `${word} ${quantityText(byteSize(value, "/s"))}`;
    });
    this.#traffic.add(samples, texts.join(", "));
  }

  #sampleLatency(): void {
    const room = this.#sources.room();
    const stats = Array.from(room?.players.values() ?? [], (player) => player.stats);
    const moving = stats.filter(({ receivedFrames }) => receivedFrames > 1);
    const delays = moving.map(({ delayMs }) => delayMs).filter((delay) => delay !== null);
    const jitter = moving.reduce((most, { jitterMs }) => Math.max(most, jitterMs), 0);
    const samples = new Map<string, { color: string; value: number }>();
    const rttMs = room?.stats.rttMs ?? null;
    if (rttMs !== null) samples.set("round trip", { color: ROUND_TRIP_COLOR, value: rttMs });
    if (delays.length > 0) {
      samples.set("shown after", { color: DELAY_COLOR, value: Math.max(0, ...delays) });
      samples.set("jitter", { color: JITTER_COLOR, value: jitter });
    }
    const texts = Array.from(samples, ([name, { value }]) => `${name} ${value.toFixed(1)} ms`);
    this.#latency.add(samples, texts.join(", "));

    const dropped = stats.reduce(
      (total, { lateFrames, badFrames }) => total + lateFrames + badFrames,
      0,
    );
    // Fewer than before: somebody has left with theirs.
    const now = Math.max(0, dropped - this.#dropped);
    this.#dropped = dropped;
    this.#drops.add(
      new Map([["dropped", { color: DROPS_COLOR, value: now }]]),
      room === null ? "" : `${countText(now)} /s`,
    );
  }
}

// Health: how well the room works, as charts of the last two minutes; one sample a second.
import type { AvatarRoom } from "../../src/client/index.ts";
import { age, byteSize, milliseconds, quantityText, rate } from "../quantity.ts";
import type { PlayerStatus, ServerStatus } from "../server-status.ts";
import { Chart } from "./chart.ts";
import type { Sample } from "./chart.ts";
import { CounterRates } from "./counter-rates.ts";
import { LATENCY_GOOD, latencyOf } from "./latency.ts";
import type { Threshold } from "./threshold.ts";
import type { PlayerColors } from "../player-colors.ts";

const SAMPLE_MS = 1000;
// More lines than this are a tangle, and the cards have every number.
const LINES_MAX = 20;

const [ORANGE, BLUE, GREEN, RED] = ["#e8743b", "#5b6ee8", "#1f9e89", "#d9534f"];

const FORMATS = [
  { format: "json", name: "JSON", color: ORANGE },
  { format: "binary", name: "Binary", color: BLUE },
  { format: "stream", name: "Stream", color: GREEN },
] as const;

// At 15 poses a second the two that a drawn pose lies between are 67 ms apart, which is most of the delay.
const UPDATES_GOOD: Threshold = { value: 15, good: "above" };
// With a frame that old the figure does not move: receivers continue a motion for at most 100 ms.
const AGE_GOOD: Threshold = { value: 0.25, good: "below" };
// Counts frames that are late or lost at this page. By the other causes the server saves traffic on purpose.
const LOST_GOOD: Threshold = { value: 1, good: "below" };

const LATENCY_COLORS = {
  "Round trip": GREEN,
  "Arrives after": RED,
  "Shown after": BLUE,
  Jitter: ORANGE,
} as const;

/** Why the server left a frame out for a newer one. `cause` is the status's name for it. */
const DROPS = [
  { cause: "coalesced", name: "A newer one came first", color: ORANGE },
  { cause: "withheld", name: "Receiver was behind", color: BLUE },
  { cause: "layered", name: "Layer left out", color: GREEN },
] as const;

export interface HealthSources {
  readonly room: () => AvatarRoom | null;
  readonly receivedBytes: () => number;
  readonly colors: PlayerColors;
}

export class Health {
  readonly #sources: HealthSources;
  readonly #updates: Chart;
  readonly #ages: Chart;
  readonly #latency: Chart;
  readonly #trafficIn: Chart;
  readonly #trafficOut: Chart;
  readonly #drops: Chart;
  readonly #supersededRates = new CounterRates();
  #status: ServerStatus | null = null;
  #receivedBytes = 0;
  #droppedHere = 0;
  #sampledMs = performance.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parent: HTMLElement, sources: HealthSources) {
    this.#sources = sources;
    const perSecond = (value: number) => quantityText(rate(value));
    const bytesPerSecond = (value: number) => quantityText(byteSize(value, "/s"));
    this.#updates = new Chart(parent, {
      title: "Updates",
      textOf: perSecond,
      threshold: UPDATES_GOOD,
    });
    this.#ages = new Chart(parent, {
      title: "Frame age",
      textOf: (value) => quantityText(age(value)),
      threshold: AGE_GOOD,
    });
    this.#latency = new Chart(parent, {
      title: "Latency",
      textOf: (value) => quantityText(milliseconds(value)),
      threshold: LATENCY_GOOD,
    });
    this.#trafficIn = new Chart(parent, { title: "Traffic in", textOf: bytesPerSecond });
    this.#trafficOut = new Chart(parent, { title: "Traffic out", textOf: bytesPerSecond });
    this.#drops = new Chart(parent, {
      title: "Drops",
      textOf: perSecond,
      threshold: LOST_GOOD,
    });
    // On a small screen the charts are a strip, which must be scrollable with arrow keys.
    new ResizeObserver(() => {
      if (parent.scrollWidth > parent.clientWidth) parent.tabIndex = 0;
      else parent.removeAttribute("tabindex");
    }).observe(parent);
  }

  start(): void {
    const run = () => {
      clearInterval(this.#timer);
      if (document.hidden) return;
      // Bytes from before the page was hidden do not belong to the next second.
      this.#elapsed();
      this.#receivedBytes = this.#sources.receivedBytes();
      this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    };
    document.addEventListener("visibilitychange", run);
    run();
  }

  /** The server's newest answer; null: it gave none. */
  set status(status: ServerStatus | null) {
    this.#status = status;
  }

  /** Another room was chosen: the past of the last one is not its own. */
  clear(): void {
    for (const chart of this.#charts) chart.clear();
    this.#status = null;
    this.#droppedHere = 0;
  }

  updateColors(): void {
    for (const chart of this.#charts) chart.updateColors();
  }

  get #charts(): Chart[] {
    return [
      this.#updates,
      this.#ages,
      this.#latency,
      this.#trafficIn,
      this.#trafficOut,
      this.#drops,
    ];
  }

  #sample(): void {
    const seconds = this.#elapsed();
    this.#samplePlayers();
    this.#sampleLatency();
    this.#sampleTraffic(seconds);
    this.#sampleDrops(seconds);
  }

  /** Seconds since the last call. Seconds in which the page was hidden become gaps in the charts. */
  #elapsed(): number {
    const nowMs = performance.now();
    const seconds = (nowMs - this.#sampledMs) / 1000;
    this.#sampledMs = nowMs;
    const missed = Math.round(seconds) - 1;
    if (missed > 0) for (const chart of this.#charts) chart.skip(missed);
    return seconds;
  }

  #samplePlayers(): void {
    const players = this.#status?.room?.players ?? [];
    const here = players.filter(({ state }) => state !== "empty");
    const sum = here.reduce((total, { updatesPerSecond }) => total + updatesPerSecond, 0);
    const note = here.length > 1 ? `Together ${quantityText(rate(sum))}` : "";
    const live = here.filter(({ state }) => state === "live");
    const updates = live.map(({ updatesPerSecond }) => updatesPerSecond);
    this.#updates.add(
      this.#byPlayer(here, (player) => player.updatesPerSecond),
      { note, judged: live.length === 0 ? undefined : Math.min(...updates) },
    );
    // Only live players: the age of others grows without end and would hide every hitch. Cards show it.
    const ages = live.map(({ ageSeconds }) => ageSeconds ?? 0);
    this.#ages.add(
      this.#byPlayer(live, (player) => player.ageSeconds ?? Number.NaN),
      { judged: live.length === 0 ? undefined : Math.max(...ages) },
    );
  }

  #byPlayer(
    players: readonly PlayerStatus[],
    valueOf: (player: PlayerStatus) => number,
  ): Map<string, Sample> {
    const { colors } = this.#sources;
    const shown = players.slice(0, LINES_MAX);
    return new Map(
      shown.map((player) => [player.id, { color: colors.of(player.id), value: valueOf(player) }]),
    );
  }

  /** Null while the stream is down: what it measured last is not measured now. */
  get #joinedRoom(): AvatarRoom | null {
    const room = this.#sources.room();
    return room?.state.name === "joined" ? room : null;
  }

  #sampleLatency(): void {
    const room = this.#joinedRoom;
    if (room === null) return this.#latency.add(new Map());
    const { lines, judged, note } = latencyOf(room);
    const samples = new Map<string, Sample>();
    for (const [name, value] of lines) samples.set(name, { color: LATENCY_COLORS[name], value });
    this.#latency.add(samples, { judged, note });
  }

  #sampleTraffic(seconds: number): void {
    const received = this.#sources.receivedBytes();
    const perSecond = (received - this.#receivedBytes) / seconds;
    this.#receivedBytes = received;
    this.#trafficIn.add(this.#byFormat("in"));
    const note = `To this page ${quantityText(byteSize(perSecond, "/s"))}`;
    this.#trafficOut.add(this.#byFormat("out"), { note });
  }

  #byFormat(direction: "in" | "out"): Map<string, Sample> {
    const samples = new Map<string, Sample>();
    const traffic = this.#status?.room?.traffic;
    if (traffic === undefined) return samples;
    for (const { format, name, color } of FORMATS) {
      samples.set(name, { color, value: traffic[format][direction].bytesPerSecond });
    }
    return samples;
  }

  #sampleDrops(seconds: number): void {
    const samples = new Map<string, Sample>();
    const rates = this.#supersededPerSecond();
    for (const { cause, name, color } of DROPS) {
      if (rates !== null) samples.set(name, { color, value: rates[cause] });
    }
    const room = this.#joinedRoom;
    const stats = Array.from(room?.players.values() ?? [], (player) => player.stats);
    const dropped = stats.reduce(
      (sum, { lateFrames, badFrames }) => sum + lateFrames + badFrames,
      0,
    );
    // The sum falls when a player leaves, because its count leaves with it.
    const value = Math.max(0, dropped - this.#droppedHere) / seconds;
    this.#droppedHere = dropped;
    if (room !== null) samples.set("Late or lost at this page", { color: RED, value });
    this.#drops.add(samples, { judged: room === null ? undefined : value });
  }

  /** By cause; null if it is not known. */
  #supersededPerSecond(): Readonly<Record<string, number>> | null {
    const status = this.#status;
    if (status?.room == null) return null;
    const { room, bootId, server_timestamp: atSeconds } = status;
    return this.#supersededRates.next(`${bootId}/${room.id}`, { ...room.superseded }, atSeconds);
  }
}

// From players to receivers: collects what is new, and sends it at every tick, once a view.
import { STREAM_FORMATS } from "../../codec/index.ts";
import type { StreamFormat } from "../../codec/index.ts";
import type { Publish } from "../connections/connection.ts";
import type { Player } from "../players/player.ts";
import type { Subscriber } from "./receiver.ts";
import { TickRate } from "./tick-rate.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { View } from "./audience.ts";
import type { SupersededCounters } from "./audience.ts";

/** Up to this many players, frames are passed on at once: a tick would only add to their age. */
const IMMEDIATE_PLAYERS_MAX = 4;

export interface FanOutOptions {
  readonly roomId: string;
  /** Ticks a second; 0: always at once. */
  readonly tickHz: number;
  /** Everyone whose state a newcomer is given. */
  readonly players: ReadonlySet<Player>;
  readonly publish: Publish;
  /** Counts what is sent. */
  readonly traffic: Traffic;
  /** Asks for `tick` after `delayMs`. */
  readonly scheduleTick: (delayMs: number) => void;
  /** Frames a second that make sense to publish have changed; 0: no limit. */
  readonly onRate: (rateHz: number) => void;
}

export class FanOut {
  readonly superseded: SupersededCounters = { coalesced: 0, withheld: 0, layered: 0 };
  readonly #options: FanOutOptions;
  readonly #views: Readonly<Record<StreamFormat, View>>;
  // Players with a frame that has not been sent yet, and when the tick is due that sends it.
  readonly #pending = new Set<Player>();
  #dueMs: number | null = null;
  #lastTickMs = 0;
  readonly #tickRate = new TickRate();
  #toldRateHz = 0;

  constructor(options: FanOutOptions) {
    const { roomId, publish, traffic } = options;
    const view = (format: StreamFormat) => {
      const counters = this.superseded;
      return new View({ roomId, format, publish, counters, sent: traffic.out[format] });
    };
    this.#options = options;
    this.#views = { json: view("json"), binary: view("binary"), stream: view("stream") };
  }

  add(subscriber: Subscriber, nowMs: number): void {
    this.#viewOf(subscriber).add(subscriber, this.#options.players, nowMs);
  }

  remove(subscriber: Subscriber): void {
    this.#viewOf(subscriber).remove(subscriber);
  }

  /** Connections that receive this format. */
  subscriberCount(format: StreamFormat): number {
    return this.#views[format].subscriberCount;
  }

  /** @throws {ProtocolError} for a sequence that was never sent. */
  acknowledge(subscriber: Subscriber, sequence: number, nowMs: number): void {
    this.#viewOf(subscriber).acknowledge(subscriber, sequence, this.#options.players, nowMs);
  }

  setLayersWanted(subscriber: Subscriber, layers: number): void {
    this.#viewOf(subscriber).setLayersWanted(subscriber, layers);
  }

  /** Full state for one who has lost the thread. One that is behind gets it anyway. */
  sendFullState(subscriber: Subscriber, nowMs: number): void {
    if (subscriber.flow.state === "behind") return;
    this.#viewOf(subscriber).sendFullState(subscriber, this.#options.players, nowMs);
  }

  /** The player has a newer frame. */
  markPending(player: Player, nowMs: number): void {
    if (!this.#pending.has(player)) this.#pending.add(player);
    else if (!player.isStreaming || this.#hasWholeFrames) this.superseded.coalesced++;
    if (this.#dueMs !== null) return;
    this.#scheduleTick(Math.max(nowMs, this.#lastTickMs + this.intervalMs), nowMs);
  }

  /** The player is gone: its index may mean another one from now on. */
  forget(player: Player): void {
    this.#pending.delete(player);
    for (const format of STREAM_FORMATS) this.#views[format].forget(player);
  }

  /** Sends what is new. */
  tick(nowMs: number): void {
    const dueMs = this.#dueMs ?? nowMs;
    this.#dueMs = null;
    // Nothing since the last one: the room rests until the next frame.
    if (this.#pending.size === 0) return;
    this.#lastTickMs = dueMs;
    this.#tickRate.observe(Math.max(0, nowMs - dueMs), this.#baseIntervalMs, nowMs);
    // The next one is set now and not with the next frame, which a busy event loop would be late to
    // read: how late it comes tells whether the server keeps up.
    const { intervalMs } = this;
    if (intervalMs > 0) this.#scheduleTick(Math.max(nowMs, dueMs + intervalMs), nowMs);
    for (const format of STREAM_FORMATS) {
      this.#views[format].sendBatch(this.#pending, { nowMs, intervalMs });
    }
    for (const player of this.#pending) player.markSent();
    this.#pending.clear();
    this.tellRate();
  }

  /**
   * Sends streaming receivers what was left out of their batches, of players who have paused since the last
   * call. Call it every second or so.
   */
  settle(nowMs: number): void {
    const paused = new Set<Player>();
    for (const player of this.#options.players) if (player.settle()) paused.add(player);
    if (paused.size === 0) return;
    this.#views.stream.sendBatch(paused, { nowMs, intervalMs: this.intervalMs });
    for (const player of paused) player.markSent();
  }

  /** Says how fast to publish if that has changed: under load, and with the fifth player of a room. */
  tellRate(): void {
    const { rateHz } = this;
    if (rateHz === this.#toldRateHz) return;
    this.#toldRateHz = rateHz;
    this.#options.onRate(rateHz);
  }

  /** Closes receivers that acknowledge nothing. */
  closeUnacknowledging(nowMs: number): void {
    for (const format of STREAM_FORMATS) this.#views[format].closeUnacknowledging(nowMs);
  }

  /** Between ticks, milliseconds; 0: at once. */
  get intervalMs(): number {
    return this.#tickRate.intervalMs(this.#baseIntervalMs);
  }

  /** Faster than this, frames would only give way to newer ones. 0: no limit. */
  get rateHz(): number {
    const intervalMs = this.#tickRate.publishIntervalMs(this.#baseIntervalMs);
    return intervalMs === 0 ? 0 : Math.round(10_000 / intervalMs) / 10;
  }

  get #baseIntervalMs(): number {
    const { tickHz, players } = this.#options;
    return tickHz === 0 || players.size <= IMMEDIATE_PLAYERS_MAX ? 0 : 1000 / tickHz;
  }

  /** Whether anybody receives frames that stand alone, of which only the newest is sent. */
  get #hasWholeFrames(): boolean {
    return this.subscriberCount("json") + this.subscriberCount("binary") > 0;
  }

  #viewOf({ connection }: Subscriber): View {
    return this.#views[connection.format];
  }

  #scheduleTick(dueMs: number, nowMs: number): void {
    this.#dueMs = dueMs;
    this.#options.scheduleTick(dueMs - nowMs);
  }
}

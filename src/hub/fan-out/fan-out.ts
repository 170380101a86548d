// A room's fan-out: collects what is new of its players, and sends it at every tick, once an audience.
import { STREAM_FORMATS } from "../../codec/format.ts";
import type { StreamFormat } from "../../codec/index.ts";
import type { Broadcaster } from "../connections/broadcaster.ts";
import type { Connection } from "../connections/connection.ts";
import { byIndex } from "../players/player.ts";
import type { Player } from "../players/player.ts";
import { createSupersededCounters } from "../traffic/superseded.ts";
import type { TrafficMeters } from "../traffic/traffic-meters.ts";
import { Audience } from "./audience.ts";
import type { Receiver } from "./receiver.ts";
import { TickRate } from "./tick-rate.ts";

/** Up to this many players, frames are passed on at once: a tick would only add to their age. */
const IMMEDIATE_PLAYERS_MAX = 4;

export interface FanOutOptions {
  readonly roomId: string;
  /** Ticks a second; 0: always at once. */
  readonly tickHz: number;
  /** Everyone whose state a newcomer is given. */
  readonly players: ReadonlySet<Player>;
  readonly broadcaster: Broadcaster;
  /** Counts what is sent. */
  readonly traffic: TrafficMeters;
  /** Asks for `tick` after `delayMs`. */
  readonly scheduleTick: (delayMs: number) => void;
  /** Frames a second that make sense to publish have changed; 0: no limit. */
  readonly onRate: (rateHz: number) => void;
}

export class FanOut {
  readonly superseded = createSupersededCounters();
  /** Ticks a second; 0: always at once. A change counts from the next tick on. */
  tickHz: number;
  readonly #options: FanOutOptions;
  readonly #audiences: Readonly<Record<StreamFormat, Audience>>;
  // Players with a frame that has not been sent yet, and when the tick is due that sends it.
  readonly #pending = new Set<Player>();
  #dueMs: number | null = null;
  #lastTickMs = 0;
  readonly #tickRate = new TickRate();
  #toldRateHz = 0;

  constructor(options: FanOutOptions) {
    const { roomId, broadcaster, traffic } = options;
    const audience = (format: StreamFormat) => {
      const counters = this.superseded;
      const sent = traffic.out[format];
      return new Audience({ roomId, format, broadcaster, counters, sent, newestSequence: 0 });
    };
    this.#options = options;
    this.tickHz = options.tickHz;
    this.#audiences = {
      json: audience("json"),
      binary: audience("binary"),
      stream: audience("stream"),
    };
  }

  /** A receiver for this connection, which is sent nothing until it is added. */
  createReceiver(connection: Connection, layers: number): Receiver {
    return this.#audiences[connection.format].createReceiver(connection, layers);
  }

  add(receiver: Receiver, nowMs: number): void {
    this.#audienceOf(receiver).add(receiver, this.#options.players, nowMs);
  }

  remove(receiver: Receiver): void {
    this.#audienceOf(receiver).remove(receiver);
  }

  /** Connections that receive this format. */
  receiverCount(format: StreamFormat): number {
    return this.#audiences[format].receiverCount;
  }

  /** @throws {ProtocolError} for a sequence that was never sent. */
  acknowledge(receiver: Receiver, sequence: number, nowMs: number): void {
    this.#audienceOf(receiver).acknowledge(receiver, sequence, this.#options.players, nowMs);
  }

  /** Full state for a receiver that asks for it. One that is behind gets it anyway. */
  sendFullState(receiver: Receiver, nowMs: number): void {
    if (receiver.isBehind) return;
    this.#audienceOf(receiver).sendFullState(receiver, this.#options.players, nowMs);
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
    for (const format of STREAM_FORMATS) this.#audiences[format].forget(player);
  }

  /** Sends what is new. */
  tick(nowMs: number): void {
    const dueMs = this.#dueMs ?? nowMs;
    this.#dueMs = null;
    // Nothing is new since the last tick: the room rests until the next frame.
    if (this.#pending.size === 0) return;
    this.#lastTickMs = dueMs;
    this.#tickRate.observe(Math.max(0, nowMs - dueMs), this.#baseIntervalMs, nowMs);
    // The next one is set now and not with the next frame, which a busy event loop would be late to
    // read: how late it comes tells whether the server keeps up.
    const { intervalMs } = this;
    if (intervalMs > 0) this.#scheduleTick(Math.max(nowMs, dueMs + intervalMs), nowMs);
    const players = Array.from(this.#pending).toSorted(byIndex);
    for (const format of STREAM_FORMATS) {
      this.#audiences[format].sendBatch(players, { nowMs, intervalMs });
    }
    for (const player of this.#pending) player.markSent();
    this.#pending.clear();
    this.tellRate();
  }

  /**
   * Sends streaming receivers what was left out of their batches, of players who have paused since the last
   * call.
   */
  settle(nowMs: number): void {
    const paused: Player[] = [];
    for (const player of this.#options.players) if (player.settle()) paused.push(player);
    if (paused.length === 0) return;

    this.#audiences.stream.sendBatch(paused.toSorted(byIndex), {
      nowMs,
      intervalMs: this.intervalMs,
    });
    for (const player of paused) player.markSent();
  }

  /** Says how fast to publish if that has changed: under load, and with the fifth player of a room. */
  tellRate(): void {
    const { rateHz } = this;
    if (rateHz === this.#toldRateHz) return;
    this.#toldRateHz = rateHz;
    this.#options.onRate(rateHz);
  }

  /** Asks receivers for acknowledgements that are overdue, and closes those that give none. */
  checkAcknowledging(nowMs: number): void {
    for (const format of STREAM_FORMATS) this.#audiences[format].checkAcknowledging(nowMs);
  }

  /** Between ticks, milliseconds; 0: at once. */
  get intervalMs(): number {
    return this.#tickRate.intervalMs(this.#baseIntervalMs);
  }

  /** Faster than this, frames would only replace each other. 0: no limit. */
  get rateHz(): number {
    const intervalMs = this.#tickRate.publishIntervalMs(this.#baseIntervalMs);
    return intervalMs === 0 ? 0 : Math.round(10_000 / intervalMs) / 10;
  }

  get #baseIntervalMs(): number {
    const { players } = this.#options;
    return this.tickHz === 0 || players.size <= IMMEDIATE_PLAYERS_MAX ? 0 : 1000 / this.tickHz;
  }

  /** Whether anybody receives whole frames, of which only the newest is sent. */
  get #hasWholeFrames(): boolean {
    return this.receiverCount("json") + this.receiverCount("binary") > 0;
  }

  #audienceOf({ connection }: Receiver): Audience {
    return this.#audiences[connection.format];
  }

  #scheduleTick(dueMs: number, nowMs: number): void {
    this.#dueMs = dueMs;
    this.#options.scheduleTick(dueMs - nowMs);
  }
}

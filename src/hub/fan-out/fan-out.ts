// A room's fan-out: collects what is new of its players, and sends it at every tick, once an audience.
import { STREAM_FORMATS } from "../../codec/format.ts";
import type { StreamFormat } from "../../codec/index.ts";
import type { Broadcaster } from "../connections/broadcaster.ts";
import type { ViewMessage } from "../../protocol/index.ts";
import type { Connection } from "../connections/connection.ts";
import { byIndex } from "../players/player.ts";
import type { Player } from "../players/player.ts";
import { createSupersededCounters } from "../traffic/superseded.ts";
import type { TrafficMeters } from "../traffic/traffic-meters.ts";
import { Audience } from "./audience.ts";
import { layerCountOf } from "./batch-content.ts";
import { BatchHistory } from "./batch-history.ts";
import { Crowd } from "./crowd.ts";
import type { FormatFanOut } from "./format-fan-out.ts";
import { Receiver } from "./receiver.ts";
import { SelectionTime } from "./selection-time.ts";
import { TickRate } from "./tick-rate.ts";

/** Up to this many players, frames are passed on at once: a tick would only add to their age. */
const IMMEDIATE_PLAYERS_MAX = 4;
/** 20 Hz: motion is interpolated, and a thousand batches are a third of a tick's work. */
const CROWD_INTERVAL_MIN_MS = 50;
// A room whose players come and go does not change all the time.
const CROWD_ENDS_BELOW_SHARE = 0.8;

export interface FanOutOptions {
  readonly roomId: string;
  /** Ticks a second; 0: always at once. */
  readonly tickHz: number;
  /** More players than this are a crowd. */
  readonly crowdAbove: number;
  /** Indices of players are below this, unless more players come and go than is usual. Asked when a crowd begins. */
  readonly indexCount: () => number;
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
  readonly selectionTime = new SelectionTime();
  /** Ticks a second; 0: always at once. A change counts from the next tick on. */
  tickHz: number;
  /** More players than this are a crowd. A change counts from the next tick on. */
  crowdAbove: number;
  readonly #options: FanOutOptions;
  // Batches are numbered on when a crowd begins or ends.
  readonly #batches: Readonly<Record<StreamFormat, BatchHistory>>;
  readonly #audiences: Readonly<Record<StreamFormat, Audience>>;
  #crowd: Crowd | null = null;
  // Players with a frame that has not been sent yet, and when the tick is due that sends it.
  readonly #pending = new Set<Player>();
  #dueMs: number | null = null;
  #lastTickMs = 0;
  readonly #tickRate = new TickRate();
  #toldRateHz = 0;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.tickHz = options.tickHz;
    this.crowdAbove = options.crowdAbove;
    this.#batches = forEachFormat(
      (format) => new BatchHistory({ layerCount: layerCountOf(format), newest: 0 }),
    );
    const { roomId, broadcaster, players, traffic } = options;
    const counters = this.superseded;
    this.#audiences = forEachFormat((format) => {
      const [sent, batches] = [traffic.out[format], this.#batches[format]];
      return new Audience({ roomId, format, broadcaster, counters, sent, players, batches });
    });
  }

  /** Whether each receiver is sent only whom it has in sight. */
  get isCrowd(): boolean {
    return this.#crowd !== null;
  }

  /**
   * A receiver for this connection, which is sent nothing until it is added. `layers`: how many it asks for; `own`: whom
   * it plays.
   */
  createReceiver(connection: Connection, layers: number, own: Player | null): Receiver {
    const { format } = connection;
    const [layerCount, batches] = [layerCountOf(format), this.#batches[format]];
    return new Receiver(connection, { own, layers, layerCount, batches });
  }

  add(receiver: Receiver, nowMs: number): void {
    this.#formatOf(receiver).add(receiver, nowMs);
  }

  remove(receiver: Receiver): void {
    this.#formatOf(receiver).remove(receiver);
  }

  /** Connections that receive this format. */
  receiverCount(format: StreamFormat): number {
    return this.#formats[format].receivers.size;
  }

  /** @throws {ProtocolError} for a sequence that was never sent. */
  acknowledge(receiver: Receiver, sequence: number, nowMs: number): void {
    this.#formatOf(receiver).acknowledge(receiver, sequence, nowMs);
  }

  /** Full state for a receiver that asks for it. One that is behind gets it anyway. */
  sendFullState(receiver: Receiver, nowMs: number): void {
    if (!receiver.isBehind) this.#formatOf(receiver).sendFullState(receiver, nowMs);
  }

  /** From where a receiver wants to see, while the room is a crowd. */
  setView(receiver: Receiver, view: ViewMessage, nowMs: number): void {
    receiver.view = view;
    this.#crowd?.look(receiver, nowMs);
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
    this.#crowd?.forget(player);
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
    this.#sendNew(nowMs, intervalMs);
    this.#adaptToPlayers(nowMs);
    this.tellRate();
  }

  /**
   * Sends streaming receivers what was left out of their batches, of players who have paused since the last
   * call.
   */
  settle(nowMs: number): void {
    this.#adaptToPlayers(nowMs);
    this.tellRate();
    if (this.#crowd !== null) this.#settleCrowd(this.#crowd, nowMs);
    else this.#settleAudience(nowMs);
  }

  #settleCrowd(crowd: Crowd, nowMs: number): void {
    crowd.settle();
    // Without a tick to come, this is one: players may be waiting to enter sight although nobody moves.
    if (this.#pending.size === 0) crowd.tick([], nowMs);
  }

  #settleAudience(nowMs: number): void {
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
    for (const format of STREAM_FORMATS) {
      for (const receiver of this.#formats[format].receivers) receiver.checkAcknowledging(nowMs);
    }
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
    const isImmediate = this.tickHz === 0 || players.size <= IMMEDIATE_PLAYERS_MAX;
    const intervalMs = isImmediate ? 0 : 1000 / this.tickHz;
    return this.isCrowd ? Math.max(intervalMs, CROWD_INTERVAL_MIN_MS) : intervalMs;
  }

  /** Whether anybody receives whole frames, of which only the newest is sent. */
  get #hasWholeFrames(): boolean {
    return this.receiverCount("json") + this.receiverCount("binary") > 0;
  }

  get #formats(): Readonly<Record<StreamFormat, FormatFanOut>> {
    return this.#crowd?.formats ?? this.#audiences;
  }

  #formatOf({ connection }: Receiver): FormatFanOut {
    return this.#formats[connection.format];
  }

  #sendNew(nowMs: number, intervalMs: number): void {
    const players = Array.from(this.#pending).toSorted(byIndex);
    if (this.#crowd !== null) this.#crowd.tick(players, nowMs);
    else {
      for (const format of STREAM_FORMATS) {
        this.#audiences[format].sendBatch(players, { nowMs, intervalMs });
      }
    }
    for (const player of this.#pending) player.markSent();
    this.#pending.clear();
  }

  /** A room that has grown becomes a crowd, and one that has shrunk is none any more. Nothing may be waiting to be sent. */
  #adaptToPlayers(nowMs: number): void {
    const { size } = this.#options.players;
    if (this.#pending.size > 0) return;
    if (this.#crowd === null && size > this.crowdAbove) this.#beginCrowd(nowMs);
    else if (this.#crowd !== null && size < CROWD_ENDS_BELOW_SHARE * this.crowdAbove) {
      this.#endCrowd(this.#crowd, nowMs);
    }
  }

  #beginCrowd(nowMs: number): void {
    const { roomId, broadcaster, players, traffic, indexCount } = this.#options;
    const options = { roomId, broadcaster, present: players, traffic, indexCount: indexCount() };
    const { superseded: counters, selectionTime } = this;
    const crowd = new Crowd({ ...options, batches: this.#batches, counters, selectionTime }, nowMs);
    for (const format of STREAM_FORMATS) {
      crowd.formats[format].takeOver(this.#audiences[format].release(), nowMs);
    }
    this.#crowd = crowd;
  }

  #endCrowd(crowd: Crowd, nowMs: number): void {
    const receivers = crowd.end(nowMs);
    this.#crowd = null;
    for (const format of STREAM_FORMATS) this.#audiences[format].takeOver(receivers[format]);
    for (const player of this.#options.players) player.leaveOut();
  }

  #scheduleTick(dueMs: number, nowMs: number): void {
    this.#dueMs = dueMs;
    this.#options.scheduleTick(dueMs - nowMs);
  }
}

function forEachFormat<T>(make: (format: StreamFormat) => T): Readonly<Record<StreamFormat, T>> {
  return { json: make("json"), binary: make("binary"), stream: make("stream") };
}

// A crowd: a room of many players, where each receiver is an audience of its own, and is sent only those whom it has in
// sight.
import { STREAM_FORMATS } from "../../codec/format.ts";
import type { StreamFormat } from "../../codec/index.ts";
import type { Broadcaster } from "../connections/broadcaster.ts";
import { Interest } from "../interest/interest.ts";
import { byIndex } from "../players/player.ts";
import type { Player } from "../players/player.ts";
import type { SupersededCounters } from "../traffic/superseded.ts";
import type { TrafficMeters } from "../traffic/traffic-meters.ts";
import type { BatchHistory } from "./batch-history.ts";
import { CrowdPlaces } from "./crowd-places.ts";
import { CrowdPlayers } from "./crowd-players.ts";
import { FormatCrowd } from "./format-crowd.ts";
import type { Receiver } from "./receiver.ts";
import type { SelectionTime } from "./selection-time.ts";
import { StreamTickFrames } from "./stream-tick-frames.ts";
import { WholeTickFrames } from "./whole-tick-frames.ts";

export interface CrowdOptions {
  readonly roomId: string;
  readonly present: ReadonlySet<Player>;
  /** Players with a higher index are in nobody's sight. */
  readonly indexCount: number;
  readonly broadcaster: Broadcaster;
  readonly batches: Readonly<Record<StreamFormat, BatchHistory>>;
  readonly counters: SupersededCounters;
  readonly selectionTime: SelectionTime;
  readonly traffic: TrafficMeters;
}

export class Crowd {
  readonly formats: Readonly<Record<StreamFormat, FormatCrowd>>;
  readonly #present: ReadonlySet<Player>;
  readonly #interest: Interest;
  readonly #players: CrowdPlayers;
  readonly #places: CrowdPlaces;
  // Those who have paused since the last tick are looked for.
  #isSettling = false;

  constructor(options: CrowdOptions, nowMs: number) {
    const { roomId, present, indexCount, broadcaster, batches, counters, traffic } = options;
    const { selectionTime } = options;
    const interest = new Interest({ indexCount });
    this.#present = present;
    this.#interest = interest;
    const players = new CrowdPlayers(interest.grid, indexCount);
    this.#players = players;
    const placesTopic = `${roomId}/places`;
    this.#places = new CrowdPlaces({
      topic: placesTopic,
      grid: interest.grid,
      players,
      broadcaster,
    });
    const create = (format: StreamFormat) => {
      const news = interest.createFrames({ areIndependent: format !== "stream" });
      return new FormatCrowd({
        interest,
        players,
        placesTopic,
        batches: batches[format],
        counters,
        selectionTime,
        sent: traffic.out[format],
        createFrames: (writer) =>
          format === "stream"
            ? new StreamTickFrames(news, writer, indexCount)
            : new WholeTickFrames(news, format, indexCount),
      });
    };
    this.formats = { json: create("json"), binary: create("binary"), stream: create("stream") };
    for (const player of present) players.locate(player, nowMs);
    interest.beginTick(nowMs);
  }

  /** Sends what is new of these players, by index. */
  tick(pending: readonly Player[], nowMs: number): void {
    let isAnyNew = false;
    for (const player of pending) if (this.#players.locate(player, nowMs)) isAnyNew = true;
    if (isAnyNew) this.#lookAgain(nowMs);
    this.#interest.beginTick(nowMs);
    const paused = this.#isSettling ? this.#present : [];
    this.#isSettling = false;
    for (const format of STREAM_FORMATS) this.formats[format].sendTick(pending, paused, nowMs);
    const sent = this.#places.send(nowMs);
    if (sent === 0) return;
    for (const format of STREAM_FORMATS) this.formats[format].chargePlaces(sent, nowMs);
  }

  /** At the next tick, players who have paused are sent to those who lack their newest frame. */
  settle(): void {
    this.#isSettling = true;
  }

  /** A receiver wants to see from elsewhere. */
  look(receiver: Receiver, nowMs: number): void {
    this.formats[receiver.connection.format].look(receiver, nowMs);
  }

  forget(player: Player): void {
    this.#players.forget(player);
    for (const format of STREAM_FORMATS) this.formats[format].forget(player);
  }

  /** The crowd ends. Its receivers are given whom they did not have in sight. @returns them, by format. */
  end(nowMs: number): Readonly<Record<StreamFormat, readonly Receiver[]>> {
    const players = Array.from(this.#present).toSorted(byIndex);
    const end = (format: StreamFormat) => {
      this.formats[format].complete(players, nowMs);
      return [...this.formats[format].receivers];
    };
    return { json: end("json"), binary: end("binary"), stream: end("stream") };
  }

  #lookAgain(nowMs: number): void {
    for (const format of STREAM_FORMATS) this.formats[format].lookAgain(nowMs);
  }
}

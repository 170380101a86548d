// One receiver of a crowd: whom it has in sight, and the batches that are composed for it alone.
import type { StreamFormat } from "../../codec/index.ts";
import type { BatchWriter, ServerMessage } from "../../protocol/index.ts";
import { PLACES_BYTES_PER_SECOND } from "../../protocol/index.ts";
import type { Connection } from "../connections/connection.ts";
import type { Interest } from "../interest/interest.ts";
import { EntryKind } from "../interest/selection.ts";
import type { Selection } from "../interest/selection.ts";
import type { Sight } from "../interest/sight.ts";
import type { StateCosts } from "../interest/sight-tick.ts";
import type { Player } from "../players/player.ts";
import type { CrowdPlayers } from "./crowd-players.ts";
import type { Receiver } from "./receiver.ts";
import type { Route } from "./route.ts";
import { SentBytes } from "./sent-bytes.ts";
import type { TickFrames } from "./tick-frames.ts";

/** 2 MB/s: JSON and binary are for local networks, and a body of them has 6 to 20 kB. */
const BUDGETS: Readonly<Record<StreamFormat, number>> = {
  stream: 150_000,
  binary: 2_000_000,
  json: 2_000_000,
};

/** At once, in addition, for a newcomer: the skeletons of a hundred players. */
const BURST_BYTES = 500_000;

/** With less, everybody's place would take too much of what bodies need. */
const PLACES_FROM_BYTES_PER_SECOND = 150_000;

export interface CrowdAudienceOptions {
  readonly interest: Interest;
  readonly players: CrowdPlayers;
  readonly frames: TickFrames;
  /** Where everybody's places are broadcast. */
  readonly placesTopic: string;
  /** Whether it is a newcomer, who knows nobody. */
  readonly isNew: boolean;
  readonly nowMs: number;
}

export class CrowdAudience implements Route, StateCosts {
  readonly receiver: Receiver;
  readonly sight: Sight;
  readonly #players: CrowdPlayers;
  readonly #frames: TickFrames;
  readonly #placesTopic: string;
  readonly #sent = new SentBytes();
  #hasPlaces = true;
  #isOpen = false;
  // Players whose newest frame its format cannot hold, and it has been told.
  readonly #unavailable = new Set<Player>();

  constructor(receiver: Receiver, options: CrowdAudienceOptions) {
    const { interest, players, frames, placesTopic, isNew, nowMs } = options;
    const bytesPerSecond = BUDGETS[receiver.connection.format];
    const budget = { bytesPerSecond, burstBytes: isNew ? BURST_BYTES : 0 };
    this.receiver = receiver;
    this.#players = players;
    this.#frames = frames;
    this.#placesTopic = placesTopic;
    const own = receiver.own?.index ?? null;
    this.sight = interest.createSight({ own, nowMs, budget });
    this.look(nowMs);
  }

  /** Whether it is sent everybody's places. */
  get receivesPlaces(): boolean {
    return this.#hasPlaces && this.#isOpen;
  }

  /** Whether it looks from or pins players, who may come and go. */
  get namesPlayers(): boolean {
    const { points = [], pinned = [] } = this.receiver.view ?? {};
    return pinned.length > 0 || points.some((point) => typeof point === "string");
  }

  open(connection: Connection): void {
    this.#isOpen = true;
    if (this.#hasPlaces) connection.subscribe(this.#placesTopic);
  }

  close(connection: Connection): void {
    this.#isOpen = false;
    if (this.#hasPlaces) connection.unsubscribe(this.#placesTopic);
  }

  bytesAfter(sequence: number): number {
    return this.#sent.after(sequence);
  }

  /** Looks as the receiver has asked, which names players by their ids: somebody else may have one now. */
  look(nowMs: number): void {
    const { view, connection } = this.receiver;
    if (view === null) return;
    const { points = [], pinned = [], bytesPerSecond } = view;
    const indexOf = (id: string) => this.#players.indexOf(id);
    const found = points.map((point) => (typeof point === "string" ? indexOf(point) : point));
    this.sight.view.look(found.filter((point) => point !== undefined));
    this.sight.view.pin(pinned.map(indexOf).filter((index) => index !== undefined));
    this.#setBudget(bytesPerSecond ?? BUDGETS[connection.format], nowMs);
    this.sight.viewChanged();
  }

  stateBytes(index: number): number {
    const player = this.#players.at(index);
    if (player === undefined) return -1;
    const bytes = this.#frames.stateBytes(player, this.receiver.skeletons);
    if (bytes < 0) this.#tellUnavailable(player);
    return bytes;
  }

  /**
   * The receiver has been sent everything of these players so far; of those who are `owed`, but for their newest frame.
   * @returns false if they are too many: it needs full state.
   */
  adopt(players: readonly number[], owed: ReadonlySet<number>, nowMs: number): boolean {
    this.sight.layersMax = this.#layersMax;
    return this.sight.adopt(players, (index) => owed.has(index), nowMs);
  }

  /** Selects what the receiver is sent now. */
  select(nowMs: number, out: Selection): void {
    this.sight.layersMax = this.#layersMax;
    this.sight.select(this.#frames.news, this, nowMs, out);
  }

  /** Adds the entries of a selection to a batch. */
  compose(writer: BatchWriter, { count, kinds, players, frames }: Selection): void {
    for (let entry = 0; entry < count; entry++) {
      const index = players[entry];
      const kind = kinds[entry];
      if (kind === EntryKind.Out) {
        writer.addOutOfSight(index);
        continue;
      }
      const player = this.#players.at(index);
      if (player === undefined) continue;
      if (kind === EntryKind.Frame) this.#frames.writeFrame(writer, player, frames[entry]);
      else this.addState(writer, player);
    }
  }

  /** Adds all that a newcomer needs of a player. */
  addState(writer: BatchWriter, player: Player): void {
    this.#unavailable.delete(player);
    this.#frames.writeState(writer, player, this.receiver.skeletons);
  }

  /** A batch was sent to the receiver alone. */
  noteSent(sequence: number, bytes: number): void {
    this.#sent.add(sequence, bytes);
    this.sight.budget.charge(bytes);
  }

  /** The receiver is live from this batch on: what it was sent before does not count as under way. */
  begin(sequence: number): void {
    this.#sent.begin(sequence);
  }

  /** A player is gone. */
  forget(player: Player): void {
    this.sight.forget(player.index);
    this.#unavailable.delete(player);
  }

  get #layersMax(): number {
    return this.#frames.layerCount === 1 ? SIGHT_LAYERS : this.receiver.layers;
  }

  #setBudget(bytesPerSecond: number, nowMs: number): void {
    const hasPlaces = bytesPerSecond >= PLACES_FROM_BYTES_PER_SECOND;
    this.sight.setBudget(bytesPerSecond, hasPlaces ? PLACES_BYTES_PER_SECOND : 0, nowMs);
    if (hasPlaces === this.#hasPlaces) return;
    const { connection } = this.receiver;
    if (this.#isOpen && hasPlaces) connection.subscribe(this.#placesTopic);
    else if (this.#isOpen) connection.unsubscribe(this.#placesTopic);
    this.#hasPlaces = hasPlaces;
  }

  /** Says once that the receiver's format cannot hold the player's newest frame. */
  #tellUnavailable(player: Player): void {
    const path = this.#frames.misfitOf(player);
    if (path === undefined || this.#unavailable.has(player)) return;
    this.#unavailable.add(player);
    const message: ServerMessage = { type: "unavailable", index: player.index, path };
    const text = JSON.stringify(message);
    this.receiver.connection.send(text);
    this.sight.budget.charge(text.length);
  }
}

// Of whole frames, which have one layer on the wire, those who are far are sent a quarter all the same.
const SIGHT_LAYERS = 3;

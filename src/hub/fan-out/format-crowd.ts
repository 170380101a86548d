// A crowd's receivers of one format: at every tick a batch is composed for each, of the players' frames, which are
// encoded once.
import { BatchWriter } from "../../protocol/index.ts";
import type { Interest } from "../interest/interest.ts";
import { Selection } from "../interest/selection.ts";
import { byIndex } from "../players/player.ts";
import type { Player } from "../players/player.ts";
import type { RateMeter } from "../traffic/rate-meter.ts";
import type { SupersededCounters } from "../traffic/superseded.ts";
import type { BatchHistory } from "./batch-history.ts";
import { CrowdAudience } from "./crowd-audience.ts";
import type { CrowdPlayers } from "./crowd-players.ts";
import type { FormatFanOut } from "./format-fan-out.ts";
import type { Receiver } from "./receiver.ts";
import type { SelectionTime } from "./selection-time.ts";
import type { TickFrames } from "./tick-frames.ts";

export interface FormatCrowdOptions {
  readonly interest: Interest;
  readonly players: CrowdPlayers;
  readonly placesTopic: string;
  readonly batches: BatchHistory;
  readonly counters: SupersededCounters;
  readonly selectionTime: SelectionTime;
  /** Counts what is sent. */
  readonly sent: RateMeter;
  /** Makes the frames of a tick, whose batches `writer` writes. */
  readonly createFrames: (writer: BatchWriter) => TickFrames;
}

/** The receivers of one format while all were sent the same. */
export interface FormerAudience {
  readonly receivers: readonly Receiver[];
  /** Players of whom they have been sent everything, but for the newest frames of some. By index. */
  readonly shown: readonly Player[];
  /** Players whose newest frame their format cannot hold. By index. */
  readonly hidden: readonly Player[];
}

// Each is written and read before the next: all rooms share it.
const selection = new Selection();

export class FormatCrowd implements FormatFanOut {
  readonly #options: FormatCrowdOptions;
  readonly #writer = new BatchWriter();
  readonly #frames: TickFrames;
  readonly #audiences = new Map<Receiver, CrowdAudience>();
  readonly #receivers = new Set<Receiver>();

  constructor(options: FormatCrowdOptions) {
    this.#options = options;
    this.#frames = options.createFrames(this.#writer);
  }

  get receivers(): ReadonlySet<Receiver> {
    return this.#receivers;
  }

  get audiences(): Iterable<CrowdAudience> {
    return this.#audiences.values();
  }

  add(receiver: Receiver, nowMs: number): void {
    this.#follow(receiver, true, nowMs);
    this.sendFullState(receiver, nowMs);
  }

  remove(receiver: Receiver): void {
    if (!this.#receivers.delete(receiver)) return;
    receiver.leave();
    this.#audiences.delete(receiver);
  }

  forget(player: Player): void {
    this.#frames.forget(player);
    for (const audience of this.#audiences.values()) audience.forget(player);
  }

  /**
   * Takes over receivers who were all sent the same until now. In a crowd nobody sees its own player, nor one whom its
   * format cannot hold.
   */
  takeOver({ receivers, shown, hidden }: FormerAudience, nowMs: number): void {
    const indices = shown.map(({ index }) => index);
    const owed = new Set<number>();
    for (const player of shown) if (this.#frames.owe(player, nowMs)) owed.add(player.index);
    const before = this.#options.batches.newest;
    const sequence = this.#nextSequence(nowMs);
    for (const receiver of receivers) {
      const audience = this.#follow(receiver, false, nowMs);
      if (receiver.isBehind) continue;
      audience.begin(before);
      const { own } = receiver;
      const out =
        own === null || hidden.includes(own) ? hidden : [own, ...hidden].toSorted(byIndex);
      this.#begin(sequence, false, nowMs);
      for (const { index } of out) this.#writer.addOutOfSight(index);
      this.#sendBatch(audience, sequence, nowMs);
      if (!audience.adopt(indices, owed, nowMs)) this.sendFullState(receiver, nowMs);
    }
  }

  /** The crowd ends: gives its receivers what they lack of these players, in order of indices. */
  complete(players: readonly Player[], nowMs: number): void {
    const sequence = this.#nextSequence(nowMs);
    for (const audience of this.#audiences.values()) {
      if (audience.receiver.isBehind) continue;
      this.#begin(sequence, false, nowMs);
      for (const player of players) {
        if (player.source === null || audience.sight.holds(player.index)) continue;
        if (audience.stateBytes(player.index) >= 0) audience.addState(this.#writer, player);
      }
      this.#sendBatch(audience, sequence, nowMs);
    }
  }

  /** Sends what is new of these players, and what is owed of those who have paused. */
  sendTick(players: readonly Player[], paused: Iterable<Player>, nowMs: number): void {
    if (this.#audiences.size === 0) return;
    const frames = this.#frames;
    frames.begin(nowMs);
    for (const player of players) frames.add(player, nowMs);
    frames.addPaused(paused, nowMs);
    this.#sendSelections(nowMs);
  }

  acknowledge(receiver: Receiver, sequence: number, nowMs: number): void {
    if (receiver.acknowledge(sequence, nowMs)) this.sendFullState(receiver, nowMs);
  }

  /** Of everybody in sight whom the budget holds at once. The others enter at the next ticks. */
  sendFullState(receiver: Receiver, nowMs: number): void {
    const audience = this.#audiences.get(receiver);
    if (audience === undefined) return;
    const sequence = this.#options.batches.newest;
    audience.sight.reset();
    audience.select(nowMs, selection);
    this.#begin(sequence, true, nowMs);
    audience.compose(this.#writer, selection);
    if (receiver.isBehind) audience.begin(sequence);
    this.#send(audience, sequence, nowMs);
    receiver.goLive(nowMs);
  }

  /** A receiver wants to see from elsewhere. */
  look(receiver: Receiver, nowMs: number): void {
    this.#audiences.get(receiver)?.look(nowMs);
  }

  /** Somebody may be here now whom receivers have named by an id. */
  lookAgain(nowMs: number): void {
    for (const audience of this.#audiences.values()) {
      if (audience.namesPlayers) audience.look(nowMs);
    }
  }

  /** Everybody's places were broadcast, in a message of this size. */
  chargePlaces(bytes: number, nowMs: number): void {
    for (const audience of this.#audiences.values()) {
      if (!audience.receivesPlaces) continue;
      audience.sight.budget.charge(bytes);
      this.#options.sent.add(bytes, nowMs, 0);
    }
  }

  #follow(receiver: Receiver, isNew: boolean, nowMs: number): CrowdAudience {
    const { interest, players, placesTopic } = this.#options;
    const frames = this.#frames;
    const options = { interest, players, frames, placesTopic, isNew, nowMs };
    const audience = new CrowdAudience(receiver, options);
    this.#audiences.set(receiver, audience);
    this.#receivers.add(receiver);
    receiver.follow(audience);
    return audience;
  }

  /** If anything is new for anybody, everybody is sent a batch: all count along. */
  #sendSelections(nowMs: number): void {
    const { counters, batches, selectionTime } = this.#options;
    let isBegun = !this.#frames.isEmpty;
    let skipped = 0;
    if (isBegun) this.#nextSequence(nowMs);
    for (const audience of this.#audiences.values()) {
      const { receiver, sight } = audience;
      if (receiver.isBehind) {
        counters.withheld += sight.countNew(this.#frames.news);
        continue;
      }
      const begun = selectionTime.begin();
      audience.select(nowMs, selection);
      selectionTime.end(begun);
      if (!isBegun && selection.count === 0) {
        skipped++;
        continue;
      }
      if (!isBegun) this.#nextSequence(nowMs);
      isBegun = true;
      this.#begin(batches.newest, false, nowMs);
      audience.compose(this.#writer, selection);
      this.#sendBatch(audience, batches.newest, nowMs);
    }
    if (isBegun && skipped > 0) this.#sendEmpty(skipped, nowMs);
  }

  /** The first `count` that are not behind were sent nothing before somebody's batch began the number. */
  #sendEmpty(count: number, nowMs: number): void {
    let rest = count;
    for (const audience of this.#audiences.values()) {
      if (audience.receiver.isBehind) continue;
      if (rest-- === 0) return;
      this.#begin(this.#options.batches.newest, false, nowMs);
      this.#sendBatch(audience, this.#options.batches.newest, nowMs);
    }
  }

  #nextSequence(nowMs: number): number {
    this.#options.batches.add(nowMs);
    return this.#options.batches.newest;
  }

  #begin(sequence: number, isFullState: boolean, nowMs: number): void {
    this.#writer.begin({ sequence, serverTimeUs: nowMs * 1000, isFullState });
  }

  #sendBatch(audience: CrowdAudience, sequence: number, nowMs: number): void {
    this.#send(audience, sequence, nowMs);
    audience.receiver.checkLag(nowMs);
  }

  #send(audience: CrowdAudience, sequence: number, nowMs: number): void {
    const batch = this.#writer.finish();
    const { receiver } = audience;
    receiver.connection.send(batch);
    audience.noteSent(sequence, batch.length);
    this.#options.sent.add(batch.length, nowMs, this.#writer.frameCount);
  }
}

// What a receiver knows of a room, only from what it was sent. It throws if a message breaks a rule of
// docs/protocol.md, so every test that uses it also checks the rules.
import type { StreamFormat } from "../src/codec/index.ts";
import type { PlayerPresence } from "../src/protocol/index.ts";
import type { Received, ReceivedBatch, ReceivedEntry } from "./received.ts";

/** A present player. */
export interface SeenPlayer {
  readonly id: string;
  info: Readonly<Record<string, unknown>>;
  isInSight: boolean;
  /** Revision of its newest frame; -1 before the first since it came into sight. */
  revision: number;
  x: number;
  y: number;
  /** The place where its newest frame does not fit this receiver's format; null if it fits. */
  unavailablePath: string | null;
  /** Number of the last batch that held it, counted by this receiver. */
  batch: number;
  /** The server's time when its newest frame was sent. */
  sentUs: number;
  /** Whether that batch was full state, whose frames the next batch may repeat. */
  isFromFullState: boolean;
}

export class RoomView {
  readonly players = new Map<number, SeenPlayer>();
  /** This receiver's own index; null for a spectator. */
  ownIndex: number | null = null;
  /** Of the newest batch; null before full state. */
  sequence: number | null = null;
  rateHz = 0;
  /** Publishers send payloads that no encoder writes, and frames that refer to them. */
  mayBeGarbage = false;
  /** Whether the room may be a crowd, where a receiver does not have everybody in sight. */
  readonly mayBeCrowd: boolean;
  readonly #isLayered: boolean;
  #wasWelcomed = false;
  #serverTimeUs = 0;
  #batches = 0;

  constructor(format: StreamFormat, { mayBeCrowd = false }: { mayBeCrowd?: boolean } = {}) {
    this.#isLayered = format === "stream";
    this.mayBeCrowd = mayBeCrowd;
  }

  /** Reads the next message. @throws {Error} that names the rule that it breaks. */
  apply(message: Received): void {
    if (message.type !== "welcome" && message.type !== "pong") {
      check(this.#wasWelcomed, "S15: welcome comes first", message);
    }
    switch (message.type) {
      case "welcome":
        check(!this.#wasWelcomed, "S15: there is one welcome", message);
        this.#wasWelcomed = true;
        this.rateHz = message.rateHz;
        for (const player of message.players) this.#enter({ info: {}, ...player });
        this.ownIndex = message.player?.index ?? null;
        if (message.player === null) break;
        check(this.#is(message.player), "S6: a newcomer's own player is present", message);
        break;
      case "joined":
        this.#enter(message.player);
        break;
      case "left":
        check(this.#is(message), "S6: who leaves was there", message);
        this.players.delete(message.index);
        break;
      case "players":
        for (const player of message.players) this.#enter({ info: {}, ...player });
        break;
      case "presence":
        for (const player of message.left) {
          check(this.#is(player), "S6: who leaves was there", player);
          this.players.delete(player.index);
        }
        for (const player of message.joined) this.#enter({ info: {}, ...player });
        break;
      case "info":
        this.#present(message.index, message).info = message.info;
        break;
      case "unavailable":
        // Perhaps again: before full state, or after a frame that fitted and was superseded.
        this.#present(message.index, message).unavailablePath = message.path;
        break;
      case "rate":
        this.rateHz = message.rateHz;
        break;
      case "batch":
        this.#applyBatch(message);
        break;
      case "places":
        for (const { index } of message.places) this.#present(index, message);
        break;
      case "message":
      case "error":
      case "pong":
      case "acknowledge":
        break;
    }
  }

  #applyBatch(batch: ReceivedBatch): void {
    const { sequence, isFullState, serverTimeUs, entries, skeletons, out } = batch;
    check(serverTimeUs >= this.#serverTimeUs, "S13: the server's time never goes back", batch);
    this.#serverTimeUs = serverTimeUs;
    if (isFullState) {
      const ahead = this.sequence === null ? 0 : (sequence - this.sequence) | 0;
      check(ahead >= 0, "S16: full state is no older than what was read", batch);
    } else {
      check(this.sequence !== null, "S15: full state comes before other batches", batch);
      const next = ((this.sequence ?? 0) + 1) >>> 0;
      check(sequence === next, "S16: one batch comes after another", batch, this.sequence);
    }
    this.sequence = sequence;
    this.#batches++;
    for (const index of out) leaveSight(this.#present(index, batch));
    // Whoever enters sight, or has lost a reference, is sent all that a newcomer needs.
    const states = new Set(skeletons.map(({ index }) => index));
    for (const entry of entries) this.#applyEntry(entry, isFullState || states.has(entry.index));
    if (!isFullState) return;
    for (const player of this.players.values()) {
      const isHere = player.batch === this.#batches || player.unavailablePath !== null;
      const mayBeOut = this.mayBeCrowd || player.revision < 0;
      check(isHere || mayBeOut, "S15: full state holds everybody", batch, player);
      if (this.mayBeCrowd && player.batch < this.#batches) leaveSight(player);
    }
  }

  #applyEntry(entry: ReceivedEntry, isFullState: boolean): void {
    const player = this.#present(entry.index, entry);
    if (this.#isLayered) this.#checkLayered(entry, player, isFullState);
    else this.#checkWhole(entry, player, isFullState);
    player.batch = this.#batches;
    player.isInSight = true;
    if (entry.isOld || entry.isLost || entry.isGarbage) return;
    player.isFromFullState = isFullState;
    player.revision = entry.revision;
    player.sentUs = this.#serverTimeUs;
    player.x = entry.x;
    player.y = entry.y;
    player.unavailablePath = null;
  }

  /** JSON and binary: the newest frame. */
  #checkWhole(entry: ReceivedEntry, player: SeenPlayer, isFullState: boolean): void {
    const { revision, number, x } = entry;
    check(player.batch < this.#batches, "S14: a batch holds one frame a player", entry);
    check(revision >= player.revision, "S14: no frame is older than the last", entry, player);
    check(number === (revision & 0xff), "S11: number counts modulo 256", entry);
    if (revision > player.revision) return;
    check(x === player.x, "S14: a revision is one frame", entry, player);
    // [S29] After a payload that is garbage the newest frame that decodes comes once more.
    const mayComeAgain = isFullState || player.isFromFullState || this.mayBeGarbage;
    check(mayComeAgain, "S14: a frame is sent once", entry, player);
  }

  /** The stream encoding: frames in order. */
  #checkLayered(entry: ReceivedEntry, player: SeenPlayer, isFullState: boolean): void {
    // How many layers come may change in the middle of a group; layer 0 always comes.
    const mayBeLost = entry.layer > 0 || this.mayBeGarbage;
    check(!entry.isLost || mayBeLost, "S24: what layer 0 refers to has come", entry, player);
    check(!entry.isGarbage || this.mayBeGarbage, "S24: a frame decodes", entry, player);
    if (!entry.isOld) return;
    // A pause ends with the frames above layer 0 once more, for those whose batches they were left out of.
    // The tick that sent the first of them may have come long after them, so the pause does not show here.
    if (entry.layer > 0 && this.#serverTimeUs > player.sentUs) return;
    check(isFullState || player.isFromFullState, "S24: a frame is sent once", entry, player);
  }

  #enter({ index, id, info }: PlayerPresence): void {
    check(!this.players.has(index), "S6: an index is free before it is taken", { index, id });
    const isNew = [...this.players.values()].every((player) => player.id !== id);
    check(isNew, "S6: a player is present once", { index, id });
    const nothing = {
      isInSight: false,
      revision: -1,
      x: NaN,
      y: NaN,
      unavailablePath: null,
      batch: 0,
      sentUs: 0,
      isFromFullState: false,
    };
    this.players.set(index, { id, info, ...nothing });
  }

  #is({ index, id }: { index: number; id: string }): boolean {
    return this.players.get(index)?.id === id;
  }

  #present(index: number, subject: unknown): SeenPlayer {
    const player = this.players.get(index);
    check(player !== undefined, "S6: whoever is spoken of is present", subject, index);
    return player!;
  }
}

/** [S36] What came of the player is of no use for what comes when it is in sight again. */
function leaveSight(player: SeenPlayer): void {
  player.isInSight = false;
  player.revision = -1;
}

/** The rule is text that costs nothing: this is asked a million times in a run of the simulation. */
function check(holds: boolean, rule: string, ...subjects: readonly unknown[]): void {
  if (!holds) throw new Error(`${rule}: ${JSON.stringify(subjects).slice(0, 2000)}`);
}

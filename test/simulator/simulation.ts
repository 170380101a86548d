// The simulation: many clients, a bad network, a server whose ticks come late and early, and a clock
// that jumps from event to event. One seed is one run, to the last message.
//
// While it runs, every client checks what it is sent against the rules. Then the network settles, and
// everybody must have converged to the same, newest state.
import { EncodeError } from "../../src/codec/index.ts";
import { STREAM_FORMATS } from "../../src/codec/format.ts";
import type { StreamFormat } from "../../src/codec/index.ts";
import type { Player } from "../../src/hub/players/player.ts";
import type { Room } from "../../src/hub/room.ts";
import { LAYERS_MAX } from "../../src/codec/stream/index.ts";
import { BatchReader, EntryKind } from "../../src/protocol/index.ts";
import { EventQueue } from "../event-queue.ts";
import { MemoryServer } from "../memory-server.ts";
import type { Message } from "../memory-server.ts";
import { Random } from "../random.ts";
import { rootPositionOf } from "../received.ts";
import type { Received, ReceivedEntry } from "../received.ts";
import { frameNumberAt } from "./frames.ts";
import { IndexWatch } from "./index-watch.ts";
import { OPERATIONS } from "./operations.ts";
import { SimClient } from "./sim-client.ts";
import type { SimClientOptions } from "./sim-client.ts";

export const ROOMS: readonly string[] = ["default", "lobby", "stage"];

// Few enough that names, places and rooms are contended for.
export const PLAYERS: readonly string[] = [
  "player1",
  "player2",
  ...Array.from({ length: 10 }, (_, index) => `p${index}`),
];
const PLAYERS_MAX = 7;
const CONNECTIONS_MAX = 11;

// 10 s until a connection is found silent, 10 s until its player leaves, and 2 s for the sweeps.
const SETTLE_MS = 25_000;
const LAST_FRAMES_MS = 1000;
// The newest frames are under way for less than this, whatever the tick.
const ARRIVE_MS = 3000;

/** A frame that a client sent, and the number that the server gave it once somebody has seen it. */
interface SentFrame {
  readonly room: string;
  readonly player: string;
  revision: number | null;
}

/** Counts of what a run did, to check that it did something. */
export interface SimulationCounts {
  operations: number;
  connections: number;
  batches: number;
  framesDelivered: number;
  framesWithheld: number;
  fullStates: number;
  skeletonsLeftOut: number;
  crowdsBegun: number;
  crowdsEnded: number;
  enteredSight: number;
  leftSight: number;
  closed: Record<number, number>;
}

export interface SimulationOptions {
  readonly crowdAbove?: number;
}

export class Simulation {
  readonly random: Random;
  readonly mayBeCrowd: boolean;
  readonly clock = new EventQueue();
  readonly server: MemoryServer;
  readonly clients: SimClient[] = [];
  readonly counts: SimulationCounts = {
    operations: 0,
    connections: 0,
    batches: 0,
    framesDelivered: 0,
    framesWithheld: 0,
    fullStates: 0,
    skeletonsLeftOut: 0,
    crowdsBegun: 0,
    crowdsEnded: 0,
    enteredSight: 0,
    leftSight: 0,
    closed: {},
  };
  /** No more operations, and none that were planned. */
  isSettling = false;
  /** The longest that a tick may be late at present. */
  tickLatenessMaxMs = 2;
  #messages = 0;
  // By their number.
  readonly #frames: SentFrame[] = [];
  readonly #revisions = new Map<string, Set<number>>();
  readonly #crowds = new Set<string>();
  readonly #withheld = new Map<string, number>();
  // All receivers of one batch are given the same bytes.
  readonly #decoded = new WeakMap<Uint8Array, Received>();

  /** `crowdAbove`: rooms of more players are crowds. */
  constructor(seed: number, { crowdAbove = Infinity }: SimulationOptions = {}) {
    this.random = new Random(seed);
    this.mayBeCrowd = crowdAbove < PLAYERS_MAX;
    this.server = new MemoryServer({
      clock: this.clock,
      playersMax: PLAYERS_MAX,
      connectionsMax: CONNECTIONS_MAX,
      crowdAbove,
      onTick: ({ id, isCrowd }) => this.#countCrowds(id, isCrowd),
      tickLatenessMs: () => this.random.between(-2, this.tickLatenessMaxMs),
      onBroadcast: (topic, data) => this.#countBroadcast(topic, data),
      observer: new IndexWatch(this.clock, PLAYERS_MAX),
    });
  }

  /** Random operations, one after another with random pauses. */
  run(operations: number): void {
    for (let count = 0; count < operations; count++) {
      this.#forgetTheDead();
      this.random.pick(OPERATIONS)(this);
      this.counts.operations++;
      this.clock.advance(this.#pauseMs());
    }
  }

  /** No more operations, and a network that works: everybody must agree. */
  settle(): void {
    this.isSettling = true;
    this.tickLatenessMaxMs = 0;
    for (const client of this.clients) {
      client.publishAt(this.random.pick([0, 0, 2]));
      client.isLazy = false;
      client.link.recover();
      client.link.latencyMs = 5;
    }
    this.clock.advance(SETTLE_MS);
    this.#forgetTheDead();
    for (const client of this.clients) {
      // Nobody has a reason to be closed any more.
      client.mayBeClosedWith.clear();
      // The last frames: enough for one of layer 0 to be among them.
      client.publishAt(10);
      this.clock.after(LAST_FRAMES_MS, () => client.publishAt(0));
    }
    this.clock.advance(LAST_FRAMES_MS + ARRIVE_MS);
    this.#checkPresence();
    this.#checkConvergence();
    this.#checkAccounts();
    this.isSettling = false;
  }

  /** All clients leave: nothing of them may remain. */
  end(): void {
    for (const client of this.clients) {
      if (this.random.chance(0.5)) client.leave();
      else client.cut(this.random.chance(0.5) ? 0 : null);
    }
    this.clock.advance(30_000);
    const { hub, peers } = this.server;
    assertEqual(peers.count, 0, "connections when all have gone");
    assertEqual(this.server.receiverCounts.size, 0, "topics when all have gone");
    this.clock.advance(11 * 60_000);
    assertEqual([...hub.rooms].map(({ id }) => id).join(), "default", "rooms after ten minutes");
    // What rooms sent counts also when they are gone.
    this.#checkAccounts();
  }

  connect(options: SimClientOptions): SimClient {
    this.counts.connections++;
    const client = new SimClient(this, options);
    this.clients.push(client);
    return client;
  }

  /** A client that has joined, if there is any. */
  anyJoined(isFit: (client: SimClient) => boolean = () => true): SimClient | undefined {
    const joined = this.clients.filter((client) => client.state === "joined" && isFit(client));
    return joined.length === 0 ? undefined : this.random.pick(joined);
  }

  /** A number that no frame had before. */
  newFrameNumber(room: string, player: string): number {
    return this.#frames.push({ room, player, revision: null }) - 1;
  }

  countClosed(code: number): void {
    this.counts.closed[code] = (this.counts.closed[code] ?? 0) + 1;
  }

  newMessageNumber(): number {
    return ++this.#messages;
  }

  decode(message: Message, { format, reader }: SimClient): Received {
    // In other formats a frame does not depend on earlier frames.
    if (format === "stream" || typeof message === "string") return reader.read(message);
    const decoded = this.#decoded.get(message) ?? reader.read(message);
    this.#decoded.set(message, decoded);
    return decoded;
  }

  /** Checks a frame that a client was sent: it is the player's, and the same for all receivers. */
  checkFrame(entry: ReceivedEntry, room: string, player: string): void {
    const { revision } = entry;
    const sent = this.#frames[frameNumberAt(entry)];
    if (sent?.revision === null) {
      sent.revision = revision;
      this.#takeRevision(`${room}/${player}`, revision);
    }
    if (sent?.room === room && sent.player === player && sent.revision === revision) return;
    const found = { room, player, entry };
    throw new Error(`sent ${Bun.inspect(sent)}, received ${Bun.inspect(found)}`);
  }

  /** No revision of a player names two frames, [H2]. */
  #takeRevision(player: string, revision: number): void {
    const taken = this.#revisions.get(player) ?? new Set();
    this.#revisions.set(player, taken);
    if (taken.has(revision)) throw new Error(`H2: ${player} has revision ${revision} twice`);
    taken.add(revision);
  }

  #pauseMs(): number {
    const kind = this.random.fraction();
    if (kind < 0.3) return 0;
    if (kind < 0.985) return this.random.between(0, 30);
    // Long enough, now and then, for every deadline to pass.
    return kind < 0.998 ? this.random.between(500, 2000) : this.random.between(8000, 13_000);
  }

  #countCrowds(room: string, isCrowd: boolean): void {
    if (isCrowd === this.#crowds.has(room)) return;
    if (isCrowd) this.#crowds.add(room);
    else this.#crowds.delete(room);
    this.counts[isCrowd ? "crowdsBegun" : "crowdsEnded"]++;
  }

  #forgetTheDead(): void {
    for (let at = this.clients.length - 1; at >= 0; at--) {
      if (this.clients[at].state === "over") this.clients.splice(at, 1);
    }
  }

  #countBroadcast(topic: string, data: Message): void {
    if (typeof data === "string") return;
    const [room, format, layers] = topic.split("/");
    if (format === "places") return;
    const batch = new BatchReader(data);
    let entries = 0;
    while (batch.next()) if (batch.kind === EntryKind.Frame) entries++;
    // The stream format has a batch for each number of layers; the one of all of them counts.
    if (Number(layers) !== (format === "stream" ? LAYERS_MAX : 1)) return;
    const receivers = this.#countReceivers(room, format as StreamFormat);
    const members = this.server.countMembers(room, format as StreamFormat);
    const withheld = entries * (members - receivers);
    this.#withheld.set(room, (this.#withheld.get(room) ?? 0) + withheld);
    this.counts.batches++;
    this.counts.framesDelivered += entries * receivers;
    this.counts.framesWithheld += withheld;
  }

  /** Connections of a format that are sent batches at present, whatever their layers. */
  #countReceivers(room: string, format: StreamFormat): number {
    const layers = format === "stream" ? [1, 2, LAYERS_MAX] : [1];
    return layers.reduce(
      (sum, count) => sum + (this.server.receiverCounts.get(`${room}/${format}/${count}`) ?? 0),
      0,
    );
  }

  /** Players are here for a reason. */
  #checkPresence(): void {
    for (const room of this.server.hub.rooms) {
      for (const player of room.players) {
        const { id, index, source } = player;
        const state = room.session(player)?.connection.state ?? "none";
        assertEqual(state === "stale", false, `S8: ${id} waits for its client for ever`);
        if (index < 0) continue;
        const isPresent = state === "connected" || source === "http" || source === "stream";
        assertEqual(isPresent, true, `S6: ${id} is present for a reason`);
      }
    }
  }

  /** Each client's view is what the hub has, and what a newcomer is given. */
  #checkConvergence(): void {
    const newcomers = this.#connectNewcomers();
    for (const room of this.server.hub.rooms) {
      const clients = this.clients.filter((client) => client.room === room.id);
      for (const client of clients) {
        assertEqual(client.state, "joined", `the state of ${client.player} in ${room.id}`);
        const what = `what ${client.player} sees in ${room.id} as ${client.format}`;
        assertEqual(actualView(client), expectedView(room, client), what);
        const { rateHz } = newcomers.get(room.id)?.view ?? client.view;
        assertEqual(client.view.rateHz, rateHz, `the rate that ${client.player} was told`);
      }
    }
  }

  /** A spectator in each room that has a place for one: it is told all there is. */
  #connectNewcomers(): Map<string, SimClient> {
    const newcomers = new Map<string, SimClient>();
    for (const room of this.server.hub.rooms) {
      if (room.connectionCount === CONNECTIONS_MAX) continue;
      const format = this.random.pick(STREAM_FORMATS);
      newcomers.set(room.id, this.connect({ room: room.id, format, player: undefined }));
    }
    this.clock.advance(1000);
    return newcomers;
  }

  /** Every frame of a batch was delivered to a receiver, or counted as withheld from it; every byte was counted. */
  #checkAccounts(): void {
    const { traffic } = this.server.hub.status(this.clock.nowMs);
    for (const format of STREAM_FORMATS) {
      const { bytesTotal } = traffic[format].out;
      assertEqual(bytesTotal, this.server.sentBytes[format], `H16: bytes sent as ${format}`);
    }
    // What was withheld from a receiver in a crowd does not show in what others are sent.
    if (this.mayBeCrowd) return;
    for (const room of this.server.hub.rooms) {
      const { withheld } = room.status(this.clock.nowMs).superseded;
      assertEqual(withheld, this.#withheld.get(room.id) ?? 0, `frames withheld in ${room.id}`);
    }
  }
}

/** What the hub has, as this client must see it. */
function expectedView(room: Room, client: SimClient): Map<number, object> {
  const present = [...room.players].filter(({ index }) => index >= 0);
  const seen = present.filter(({ index }) => isCompared(client, index));
  return new Map(seen.map((player) => [player.index, expectedPlayer(player, client)]));
}

function expectedPlayer(player: Player, { format, view }: SimClient): object {
  const { id, info, frame, source } = player;
  if (source === null) return { id, info, unavailablePath: null, revision: -1, number: NaN };
  try {
    const whole = format === "stream" ? "binary" : format;
    const number = frameNumberAt(rootPositionOf(frame.encode(whole), whole));
    if (format !== "stream") {
      return { id, info, unavailablePath: null, revision: frame.revision, number };
    }
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { id, info, unavailablePath: error.path };
  }
  // Whatever layers it is sent: a pause ends with the newest frame.
  const { revision, x, y } = view.players.get(player.index) ?? { revision: -1, x: NaN, y: NaN };
  const isNewest = revision === frame.revision;
  const number = isNewest ? frameNumberAt({ x, y }) : "a newer one";
  return { id, info, unavailablePath: null, revision, number };
}

/** In a crowd a client does not see its own player, and of the others only those whom its budget holds. */
function isCompared({ view, mayBeShort }: SimClient, index: number): boolean {
  const player = view.players.get(index);
  if (!view.mayBeCrowd || player === undefined || player.isInSight) return true;
  return index !== view.ownIndex && !mayBeShort;
}

/** What a client sees. If a player's newest frame does not fit its format, the previous one does not count. */
function actualView(client: SimClient): Map<number, object> {
  const { view } = client;
  const seen = [...view.players].filter(([index]) => isCompared(client, index));
  return new Map(
    Array.from(seen, ([index, { id, info, unavailablePath, revision, x, y }]) => [
      index,
      unavailablePath === null
        ? { id, info, unavailablePath, revision, number: frameNumberAt({ x, y }) }
        : { id, info, unavailablePath },
    ]),
  );
}

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  if (Bun.deepEquals(actual, expected, true)) return;
  throw new Error(`${what}: expected ${Bun.inspect(expected)}, found ${Bun.inspect(actual)}`);
}

// What a crowd costs the hub, at exactly the rate that is asked for: a room in this process, with its time passed in. CPU
// time of receiving, choosing, composing; without sockets, and whatever else the machine does.
import { decodeClip } from "../src/recording/clip.ts";
import { Hub } from "../src/hub/hub.ts";
import type { Room } from "../src/hub/room.ts";
import type { Member } from "../src/hub/member.ts";
import type { Message } from "../src/hub/connections/connection.ts";
import { parseFlags, UsageError } from "../src/flags.ts";
import { StreamClip } from "../src/load/stream-clip.ts";
import { Walks } from "../src/load/walk.ts";
import { low32Us } from "../src/load/window.ts";
import { BatchReader, encodeAck, MessageType, messageTypeOf } from "../src/protocol/index.ts";
import { parseSeconds, rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { clipToPublish } from "./made-up-face.ts";
import { plotGrowth } from "./growth-plot.ts";
import { heapBytes } from "./measure.ts";

const HZ = 20;
const TICK_MS = 1000 / HZ;
const ACKNOWLEDGE_MS = 100;
// By then the bursts of joining are spent, and the engine has compiled what runs for every receiver.
const WARM_UP_SECONDS = 8;
const START_MS = 1_800_000_000_000;
const ROOM = "crowd";

const HELP = `npm run bench -- crowd-cost [flags]

A crowd of walking players with full bodies and faces at 20 Hz, all of them receivers, in this process.

  --players N,N  sizes of the crowd (250,500,1000)
  --seconds S    of the crowd's time, for each size, after ${WARM_UP_SECONDS} s (4)
  --clip FILE    what they publish (dcl-dance with a face of 52 blend shapes)
  --plot FILE    write an SVG of the cost of a receiver against the size
  --json         print one JSON array, an object a size: {players, cores, usPerReceiverTick, usPerUpdate,
                 selectionShare, updatesPerReceiverTick, bytesPerReceiverPerSecond, heapKbPerPlayer}`;

export const crowdCost: Command = {
  summary: "CPU and memory of a crowd in this process, at any size",
  help: HELP,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        players: { type: "string", default: "250,500,1000" },
        seconds: { type: "string", default: "4" },
        clip: { type: "string" },
        plot: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const seconds = parseSeconds(values.seconds, "--seconds");
    await using clip = await clipToPublish("stream", values.clip);
    const frames = decodeClip(await Bun.file(clip.path).bytes());
    const reports = values.players.split(",").map((text) => {
      const players = Number(text);
      if (!Number.isInteger(players) || players < 2 || players > 5000) {
        throw new UsageError(`--players ${text}: expected whole numbers from 2 to 5000`);
      }
      const crowd = new HubCrowd(players, new StreamClip(frames, new Walks(players)));
      const report = crowd.measure(seconds);
      if (!values.json) console.log(`${rowsOf(report)}\n`);
      return report;
    });
    if (values.plot !== undefined) await Bun.write(values.plot, plotGrowth(reports));
    if (values.json) console.log(JSON.stringify(reports));
  },
};

/** A client in this process: notes what it is sent, and acknowledges it. */
class CountingConnection {
  readonly format = "stream";
  bytes = 0;
  newest: Uint8Array<ArrayBuffer> | undefined;

  send(data: Message): void {
    this.bytes += data.length;
    if (typeof data !== "string" && messageTypeOf(data) === MessageType.Batch) this.newest = data;
  }

  subscribe(): void {}
  unsubscribe(): void {}
  ping(): void {}

  close(code: number, reason: string): void {
    throw new Error(`the hub closed a connection: ${code} ${reason}`);
  }
}

class HubCrowd {
  readonly #players: number;
  readonly #room: Room;
  readonly #members: Member[] = [];
  readonly #connections: CountingConnection[] = [];
  readonly #publications;
  readonly #hub: Hub;
  readonly #heapKbPerPlayer: number;
  #dueMs = Infinity;
  // To each receiver: everybody's place.
  #broadcastBytes = 0;
  #nowMs = START_MS;
  // Of the hub's work.
  #cpuUs = 0;

  constructor(players: number, clip: StreamClip) {
    this.#players = players;
    clip.walks!.epochLow32 = low32Us(START_MS);
    this.#publications = Array.from({ length: players }, (_, player) =>
      clip.publication((player * 7) % clip.frameCount, player),
    );
    const before = heapBytes();
    this.#hub = new Hub(
      { playersMax: players, connectionsMax: players },
      {
        broadcaster: { broadcast: (_, data) => (this.#broadcastBytes += data.length) },
        createResumeKey: () => crypto.randomUUID(),
        scheduleTick: (_, delayMs) => (this.#dueMs = this.#nowMs + delayMs),
      },
      this.#nowMs,
    );
    for (let player = 0; player < players; player++) {
      const connection = new CountingConnection();
      const request = { type: "join", player: `p${player}` } as const;
      this.#members.push(this.#hub.join(ROOM, connection, request, this.#nowMs).member);
      this.#connections.push(connection);
    }
    this.#room = this.#hub.room(ROOM)!;
    this.#run(WARM_UP_SECONDS);
    this.#heapKbPerPlayer = (heapBytes() - before) / 1000 / players;
  }

  measure(seconds: number) {
    for (const connection of this.#connections) connection.bytes = 0;
    this.#cpuUs = this.#broadcastBytes = 0;
    const updatesBefore = this.#updatesSent();
    const selectionBefore = this.#selectionSeconds();
    this.#run(seconds);
    const updates = this.#updatesSent() - updatesBefore;
    const selectionUs = 1e6 * (this.#selectionSeconds() - selectionBefore);
    const bytes = this.#connections.reduce((all, connection) => all + connection.bytes, 0);
    const receiverTicks = this.#players * seconds * HZ;
    const round = (value: number): number => Number(value.toPrecision(3));
    return {
      players: this.#players,
      cores: round(this.#cpuUs / 1e6 / seconds),
      usPerReceiverTick: round(this.#cpuUs / receiverTicks),
      usPerUpdate: round(this.#cpuUs / updates),
      selectionShare: round(selectionUs / this.#cpuUs),
      updatesPerReceiverTick: round(updates / receiverTicks),
      bytesPerReceiverPerSecond: Math.round(
        (bytes / this.#players + this.#broadcastBytes) / seconds,
      ),
      heapKbPerPlayer: Math.round(this.#heapKbPerPlayer),
    };
  }

  #updatesSent(): number {
    return this.#room.status(this.#nowMs).traffic.stream.out.updatesTotal;
  }

  #selectionSeconds(): number {
    return this.#room.status(this.#nowMs).selectionSeconds;
  }

  /** In steps of a fiftieth of a tick's time, at each of which a fiftieth of the players publish. */
  #run(seconds: number): void {
    for (let step = 0; step < seconds * 1000; step++) {
      this.#nowMs++;
      const messages = this.#encodeDue(step % TICK_MS);
      const before = process.cpuUsage();
      for (const [player, message] of messages) {
        this.#room.receiveData(this.#members[player], message, this.#nowMs);
      }
      if (this.#nowMs >= this.#dueMs) {
        this.#dueMs = Infinity;
        this.#room.tick(this.#nowMs);
      }
      if (step % ACKNOWLEDGE_MS === 0) this.#acknowledge();
      const { user, system } = process.cpuUsage(before);
      this.#cpuUs += user + system;
    }
  }

  #encodeDue(phase: number): [player: number, message: Uint8Array<ArrayBuffer>][] {
    const messages: [number, Uint8Array<ArrayBuffer>][] = [];
    for (let player = phase; player < this.#players; player += TICK_MS) {
      const publication = this.#publications[player];
      const message = publication.next(low32Us(this.#nowMs)).slice();
      if (publication.opening !== undefined) messages.push([player, publication.opening]);
      messages.push([player, message]);
    }
    return messages;
  }

  #acknowledge(): void {
    this.#hub.settle(this.#nowMs);
    for (const [player, { newest }] of this.#connections.entries()) {
      if (newest === undefined) continue;
      const { sequence } = new BatchReader(newest);
      this.#room.receiveData(this.#members[player], encodeAck(sequence), this.#nowMs);
    }
  }
}

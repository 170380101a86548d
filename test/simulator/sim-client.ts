// A client of the simulation. It keeps the rules unless it is told to be slow, lazy or rude, and checks everything
// that it is sent with a RoomView.
import type { StreamFormat } from "../../src/codec/index.ts";
import { CloseCode, encodeAck } from "../../src/protocol/index.ts";
import type { ClientMessage } from "../../src/protocol/index.ts";
import type { Message } from "../memory-server.ts";
import { RoomView } from "../room-view.ts";
import { MessageReader } from "../received.ts";
import type { ReceivedBatch } from "../received.ts";
import { SimPublisher } from "./frames.ts";
import type { FrameKind } from "./frames.ts";
import { Link } from "./link.ts";
import type { Simulation } from "./simulation.ts";

const PING_INTERVAL_MS = 2000;
const ACK_WITHIN_MS = 100;

export interface SimClientOptions {
  readonly room: string;
  readonly format: StreamFormat;
  /** Undefined: a spectator. */
  readonly player: string | undefined;
  /** The key of a session to resume. */
  readonly resumeKey?: string | undefined;
  /** A client of an earlier connection, whose skeletons this one holds. */
  readonly earlier?: SimClient;
}

export class SimClient {
  readonly room: string;
  readonly format: StreamFormat;
  readonly player: string | undefined;
  readonly link: Link;
  readonly view: RoomView;
  /** Reads one after another: frames of the stream format refer to those before. */
  readonly reader: MessageReader;
  state: "joining" | "joined" | "over" = "joining";
  resumeKey: string | undefined;
  frameMix: readonly FrameKind[] = ["small"];
  /** Its budget in a crowd may not hold everybody. */
  mayBeShort = false;
  /** Does not acknowledge. */
  isLazy = false;
  /** Close codes that the server may use for this connection, because of what was done to it. */
  readonly mayBeClosedWith = new Set<number>([CloseCode.PlayerTaken, CloseCode.Full]);
  readonly #simulation: Simulation;
  readonly #publisher: SimPublisher;
  readonly #messagesSeen = new Set<number>();
  #publishEveryMs = 0;
  #isAckPlanned = false;

  constructor(simulation: Simulation, options: SimClientOptions) {
    const { room, format, player, resumeKey, earlier } = options;
    this.room = room;
    this.format = format;
    this.player = player;
    this.view = new RoomView(format, { mayBeCrowd: simulation.mayBeCrowd });
    this.reader = new MessageReader(format);
    if (earlier !== undefined) this.reader.holdWhatIsHeldBy(earlier.reader);
    this.#publisher = new SimPublisher(format);
    this.#simulation = simulation;
    const { clock, random, server } = simulation;
    this.link = new Link(clock, random, {
      read: (message) => this.#receive(message),
      ended: (code, reason) => this.#ended(code, reason),
    });
    this.link.socket = server.connect(room, format, this.link);
    this.say({
      type: "join",
      ...(player === undefined ? {} : { player }),
      ...(resumeKey === undefined ? {} : { resumeKey }),
      ...(earlier === undefined ? {} : { skeletons: this.reader.heldSkeletons }),
    });
    this.#pingFromNowOn();
  }

  say(message: ClientMessage): void {
    this.link.send(JSON.stringify(message));
  }

  send(message: Message): void {
    this.link.send(message);
  }

  /** Publishes one frame. */
  publish(): void {
    if (this.player === undefined || this.state !== "joined") return;
    // Only JSON holds what is JSON's own.
    const kind = this.#simulation.random.pick(this.frameMix);
    const number = this.#simulation.newFrameNumber(this.room, this.player);
    for (const message of this.#publisher.messages(kind, number)) this.send(message);
  }

  /** Publishes at this rate from now on; 0: not at all. */
  publishAt(hz: number): void {
    const wasOff = this.#publishEveryMs === 0;
    this.#publishEveryMs = hz === 0 ? 0 : 1000 / hz;
    if (wasOff) this.#publishFromNowOn();
  }

  leave(): void {
    this.mayBeClosedWith.add(CloseCode.Left);
    this.say({ type: "leave" });
  }

  /** The line is cut, and this client is no more. The server hears of it; null: never. */
  cut(noticedAfterMs: number | null): void {
    this.state = "over";
    this.link.cut(noticedAfterMs);
  }

  #receive(message: Message): void {
    if (this.state === "over") return;
    const received = this.#simulation.decode(message, this);
    this.view.apply(received);
    if (received.type === "welcome") this.#welcomed(received.resumeKey);
    if (received.type === "batch") this.#receiveBatch(received);
    if (received.type === "message") {
      this.#checkMessage(received.from, received.body as SimMessage);
    }
  }

  #welcomed(resumeKey: string | null): void {
    this.state = "joined";
    this.resumeKey = resumeKey ?? undefined;
    // From now on such a close would be a fault.
    this.mayBeClosedWith.delete(CloseCode.PlayerTaken);
    this.mayBeClosedWith.delete(CloseCode.Full);
  }

  #receiveBatch({ entries, skeletons, out, isFullState }: ReceivedBatch): void {
    this.#simulation.counts.enteredSight += isFullState ? 0 : skeletons.length;
    this.#simulation.counts.leftSight += out.length;
    for (const { id, byteLength, isHeld } of skeletons) {
      if (byteLength === 0) this.#simulation.counts.skeletonsLeftOut++;
      if (byteLength > 0 || isHeld) continue;
      throw new Error(`S38: ${this.player} was not sent skeleton ${id}, and does not hold it`);
    }
    for (const entry of entries) {
      if (entry.isOld || entry.isLost) continue;
      const { id } = this.view.players.get(entry.index)!;
      this.#simulation.checkFrame(entry, this.room, id);
    }
    // Full state is what the server waits for.
    if (isFullState) this.#simulation.counts.fullStates++;
    if (isFullState) this.#acknowledge();
    else this.#planAck();
  }

  #checkMessage(from: string, { number, to, room, sender }: SimMessage): void {
    const isForUs = room === this.room && (to === null || to === this.player) && sender === from;
    if (!isForUs) throw new Error(`message ${number} to ${to} of ${room} came to ${this.player}`);
    if (this.#messagesSeen.has(number)) throw new Error(`message ${number} came twice`);
    this.#messagesSeen.add(number);
  }

  #planAck(): void {
    if (this.#isAckPlanned) return;
    this.#isAckPlanned = true;
    const { clock, random } = this.#simulation;
    clock.after(random.between(0, ACK_WITHIN_MS), () => this.#acknowledge());
  }

  #acknowledge(): void {
    this.#isAckPlanned = false;
    if (this.state !== "joined" || this.isLazy) return;
    this.send(encodeAck(this.view.sequence!));
  }

  #pingFromNowOn(): void {
    if (this.state === "over") return;
    if (this.state === "joined") this.say({ type: "ping", id: this.#simulation.clock.nowMs });
    this.#simulation.clock.after(PING_INTERVAL_MS, () => this.#pingFromNowOn());
  }

  #publishFromNowOn(): void {
    if (this.state === "over" || this.#publishEveryMs === 0) return;
    this.publish();
    this.#simulation.clock.after(this.#publishEveryMs, () => this.#publishFromNowOn());
  }

  #ended(code: number, reason: string): void {
    const wasOver = this.state === "over";
    this.state = "over";
    this.#simulation.countClosed(code);
    if (wasOver || this.mayBeClosedWith.has(code)) return;
    throw new Error(`${this.player ?? "a spectator"} was closed with ${code}: ${reason}`);
  }
}

/** What a simulated client says to others. */
export interface SimMessage {
  readonly number: number;
  readonly room: string;
  readonly sender: string;
  readonly to: string | null;
}

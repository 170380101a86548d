// One client of a load: publishes a clip and hands what it is sent to its receiver. As lean as it can be, because
// the generator must need less than the server that it drives.
import { BatchReader, decodeServerMessage, encodeAck } from "../protocol/index.ts";
import { MessageType, messageTypeOf } from "../protocol/index.ts";
import type { ServerMessage } from "../protocol/index.ts";
import { nowMs } from "./clock.ts";
import type { LoadMotion, Publication } from "./load-motion.ts";
import type { LoadShape, Seat } from "./messages.ts";
import { low32Us, placeOf } from "./window.ts";
import type { Window } from "./window.ts";

// [S17] Acknowledge within 100 ms, and at once if this much is under way: the server counts bytes too.
const UNACKNOWLEDGED_BYTES_MAX = 64 * 1024;
// Timers are late where the process has too little of a core.
const ACKNOWLEDGE_MS_MAX = 90;

// Bun's words for a socket that found nobody. A refused handshake has the same close code.
const NO_CONNECTION = "Failed to connect";

/** Counts and checks what one client is sent. */
export interface LoadReceiver {
  /** Data messages name a player of the load by this index. -1: nobody's, or this client's own. */
  learn(index: number, player: number): void;
  /** A batch that is newer than the last one. */
  receive(batch: BatchReader, byteLength: number): void;
  /** Any other message of this many bytes. */
  receiveOther(byteLength: number, isPlaces: boolean): void;
  /** Sets all counters to 0. */
  clear(): void;
}

export class LoadClient {
  readonly seat: Seat;
  /** Rejects if the connection closes instead. */
  readonly joined: Promise<void>;
  /** Called for each `rate` message. */
  onRate: (rateHz: number) => void = () => {};
  /** Frames of the measured time: how many were sent, and why others were not. */
  sent = 0;
  sentBytes = 0;
  skippedForBackpressure = 0;
  skippedForRate = 0;
  /** Why the connection ended, unless we ended it. */
  closedBy: string | undefined;
  readonly #shape: LoadShape;
  readonly #place: number;
  readonly #publication: Publication;
  readonly #receiver: LoadReceiver;
  readonly #measured: { readonly window: Window | undefined };
  readonly #socket: WebSocket;
  // Size of the message that was sent last.
  #messageBytes = 0;
  // The share of our frames that the server's rate allows, summed up: a frame is sent at each whole number.
  #rateShare = 1;
  #rateCredit = 0;
  #sequence = -1;
  #unacknowledgedBytes = 0;
  #acknowledgedMs = 0;
  #isLeaving = false;

  constructor(options: {
    shape: LoadShape;
    seat: Seat;
    motion: LoadMotion;
    receiver: LoadReceiver;
    /** The measured time, as soon as there is one. */
    measured: { readonly window: Window | undefined };
  }) {
    const { shape, seat, motion, receiver, measured } = options;
    this.seat = seat;
    this.#shape = shape;
    this.#place = placeOf(seat, shape);
    this.#receiver = receiver;
    this.#measured = measured;
    // Players must not dance in step.
    this.#publication = motion.publication((seat.player * 7) % motion.frameCount, seat.player);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.joined = promise;
    const url = `${shape.url}/rooms/${roomIdOf(shape, seat.room)}/stream`;
    this.#socket = new WebSocket(url, [`avatar-sync.v1.${shape.format}`]);
    this.#socket.binaryType = "arraybuffer";
    let isOpen = false;
    let fault = "";
    this.#socket.addEventListener("error", (event) => {
      fault = event instanceof ErrorEvent ? event.message : "";
    });
    this.#socket.addEventListener("open", () => {
      isOpen = true;
      this.#say({ type: "join", player: `${shape.prefix}-${seat.player}` });
    });
    this.#socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return this.#receiveData(new Uint8Array(data as ArrayBuffer));
      receiver.receiveOther(data.length, false);
      const message = decodeServerMessage(data);
      if (message !== undefined) this.#receiveControl(message);
      if (message?.type === "welcome") resolve();
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      if (!this.#isLeaving) this.closedBy = `${code} ${reason}`.trim();
      if (isOpen) {
        const why = `${code} ${reason}`.trim();
        reject(new Error(`${url} closed the connection of player ${seat.player}: ${why}`));
      } else if (fault.endsWith(NO_CONNECTION)) {
        reject(new Error(`nobody listens at ${shape.url}`));
      } else {
        reject(new Error(`${url} is no stream of an avatar-sync. ${fault}`));
      }
    });
  }

  /** Sends the clip's next frame, unless there is a reason not to. */
  publish(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return this.skip();
    const sentLow32 = low32Us(nowMs());
    const { window } = this.#measured;
    const counts = window?.contains(this.#place, window.sinceEpochUs(sentLow32)) ? 1 : 0;
    this.#rateCredit = Math.min(this.#rateCredit, 1) + this.#rateShare;
    if (this.#rateCredit < 1) {
      this.skippedForRate += counts;
      return this.skip();
    }
    // [S19] Send nothing while the socket holds more than one frame.
    if (this.#socket.bufferedAmount > this.#messageBytes) {
      this.skippedForBackpressure += counts;
      return this.skip();
    }
    this.#rateCredit -= 1;
    const message = this.#publication.next(sentLow32);
    const { opening } = this.#publication;
    if (opening !== undefined) this.#socket.send(opening);
    this.#messageBytes = message.length;
    this.#socket.send(message);
    this.sent += counts;
    this.sentBytes += counts * message.length;
  }

  /** Skips a frame of the clip. */
  skip(): void {
    this.#publication.skip();
  }

  /** Sets all counters to 0. */
  clear(): void {
    this.#receiver.clear();
    this.sent = 0;
    this.sentBytes = 0;
    this.skippedForBackpressure = 0;
    this.skippedForRate = 0;
  }

  /** Acknowledges the newest batch unless that is done. Call it about every 50 ms. */
  acknowledge(): void {
    if (this.#unacknowledgedBytes === 0 || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#unacknowledgedBytes = 0;
    this.#acknowledgedMs = performance.now();
    this.#socket.send(encodeAck(this.#sequence));
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#say({ type: "ping", id: 0 });
  }

  leave(): void {
    this.#isLeaving = true;
    if (this.#socket.readyState === WebSocket.OPEN) this.#say({ type: "leave" });
    this.#socket.close(1000);
  }

  #receiveControl(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#obey(message.rateHz);
        for (const { index, id } of message.players) this.#learn(index, id);
        return;
      case "joined":
        return this.#learn(message.player.index, message.player.id);
      case "left":
        return this.#learn(message.index, "");
      case "players":
        for (const { index, id } of message.players) this.#learn(index, id);
        return;
      case "presence":
        for (const { index } of message.left) this.#learn(index, "");
        for (const { index, id } of message.joined) this.#learn(index, id);
        return;
      case "rate":
        this.#obey(message.rateHz);
        return this.onRate(message.rateHz);
      case "info":
      case "message":
      case "pong":
      case "acknowledge":
      case "unavailable":
      case "error":
    }
  }

  #learn(index: number, id: string): void {
    const start = `${this.#shape.prefix}-`;
    const player = id.startsWith(start) ? Number(id.slice(start.length)) : -1;
    this.#receiver.learn(index, player === this.seat.player ? -1 : player);
  }

  #obey(rateHz: number): void {
    this.#rateShare = rateHz === 0 ? 1 : Math.min(1, rateHz / this.#shape.hz);
  }

  #receiveData(bytes: Uint8Array<ArrayBuffer>): void {
    const type = messageTypeOf(bytes);
    if (type !== MessageType.Batch) {
      return this.#receiver.receiveOther(bytes.length, type === MessageType.Places);
    }
    const batch = new BatchReader(bytes);
    // [S16] Ignore a batch that is not newer.
    if (!batch.isFullState && batch.sequence <= this.#sequence) return;
    this.#sequence = batch.sequence;
    this.#receiver.receive(batch, bytes.length);
    this.#unacknowledgedBytes += bytes.length;
    const isDue = performance.now() - this.#acknowledgedMs > ACKNOWLEDGE_MS_MAX;
    if (isDue || this.#unacknowledgedBytes > UNACKNOWLEDGED_BYTES_MAX) this.acknowledge();
  }

  #say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}

export function roomIdOf({ prefix }: LoadShape, room: number): string {
  return `${prefix}-${room}`;
}

// A streaming client that does nothing by itself: it sends what a test says, and keeps everything that comes in
// its inbox. Transports extend it.
import type { AvatarFrame, StreamFormat } from "../src/codec/index.ts";
import { encodeAck } from "../src/protocol/index.ts";
import type { ClientMessage } from "../src/protocol/index.ts";
import { FramePublisher } from "./frame-messages.ts";
import { smallFrame } from "./frames.ts";
import type { Message } from "./memory-server.ts";
import { MessageReader } from "./received.ts";
import type { Received, ReceivedType } from "./received.ts";

export interface ClosedWith {
  readonly code: number;
  readonly reason: string;
}

export abstract class StreamClient {
  readonly format: StreamFormat;
  /** What has come and nobody has taken yet. */
  readonly inbox: Received[] = [];
  /** Of the batch that came last, taken or not. */
  newestSequence = 0;
  closedWith: ClosedWith | undefined;
  readonly #reader: MessageReader;
  readonly #publisher: FramePublisher;
  #pings = 1_000_000;

  constructor(format: StreamFormat) {
    this.format = format;
    this.#reader = new MessageReader(format);
    this.#publisher = new FramePublisher(format);
  }

  /** Content ids of the skeletons that it holds, as `join` and `keyframe` have them. */
  get heldSkeletons(): string[] {
    return this.#reader.heldSkeletons;
  }

  /** Their bytes. */
  get skeletonBytes(): Uint8Array[] {
    return this.#reader.held.ids.map((id) => this.#reader.held.get(id)!);
  }

  /** Holds what a client of an earlier connection holds. */
  holdWhatIsHeldBy(earlier: StreamClient): void {
    this.#reader.holdWhatIsHeldBy(earlier.#reader);
  }

  abstract send(message: Message): void;
  /** The connection is lost, without a goodbye. */
  abstract kill(): void;
  /** Waits for a message. @throws {Error} if nothing comes in time. */
  protected abstract wait(): Promise<void> | void;

  say(message: ClientMessage): void {
    this.send(JSON.stringify(message));
  }

  join(request: Omit<Extract<ClientMessage, { type: "join" }>, "type"> = {}): void {
    this.say({ type: "join", ...request });
  }

  /** Publishes the small frame of this x. */
  publish(x: number, captureTimeUs: number | null = null): void {
    this.publishFrame(smallFrame(x), captureTimeUs);
  }

  publishFrame(frame: AvatarFrame, captureTimeUs: number | null = null): void {
    for (const message of this.#publisher.messages(frame, captureTimeUs)) this.send(message);
  }

  acknowledge(sequence: number): void {
    this.send(encodeAck(sequence));
  }

  /** Takes all that has come. */
  take(): Received[] {
    return this.inbox.splice(0);
  }

  /** Takes all that has come of one type; the rest is dropped. */
  takeAll<T extends ReceivedType>(type: T): Extract<Received, { type: T }>[] {
    return this.take().filter(
      (message): message is Extract<Received, { type: T }> => message.type === type,
    );
  }

  /** The next message of a type; what comes before it is dropped. */
  async next<T extends ReceivedType>(type: T): Promise<Extract<Received, { type: T }>> {
    for (;;) {
      const message = this.inbox.shift();
      if (message?.type === type) return message as Extract<Received, { type: T }>;
      if (message !== undefined) continue;
      if (this.closedWith !== undefined) throw this.#closedError(`${type} came`);
      await this.wait();
    }
  }

  /** What the server had sent to this client by the time that it read all that was sent to it. */
  async drain(): Promise<Received[]> {
    const id = this.#pings++;
    this.say({ type: "ping", id });
    const before: Received[] = [];
    for (;;) {
      const message = this.inbox.shift();
      if (message?.type === "pong" && message.id === id) return before;
      if (message !== undefined) before.push(message);
      else if (this.closedWith !== undefined) throw this.#closedError("the pong came");
      else await this.wait();
    }
  }

  /** How the server closes the connection. */
  async end(): Promise<ClosedWith> {
    while (this.closedWith === undefined) await this.wait();
    return this.closedWith;
  }

  protected receive(message: Message): void {
    const received = this.#reader.read(message);
    if (received.type === "batch") this.newestSequence = received.sequence;
    this.inbox.push(received);
  }

  #closedError(awaited: string): Error {
    return new Error(`closed before ${awaited}: ${JSON.stringify(this.closedWith)}`);
  }
}

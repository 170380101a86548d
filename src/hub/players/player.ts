// A player: one avatar's latest frame, its info and its counters.
import { BinaryDecoder, EncodeError } from "../../codec/index.ts";
import { JsonDecoder } from "../../codec/json-decoder.ts";
import type { Format, FrameLimits } from "../../codec/index.ts";
import { captureTimeOf, FRAME_HEADER_BYTES } from "../../protocol/index.ts";
import type {
  CaptureTimesStatus,
  FrameHeader,
  FrameSource,
  PlayerInfo,
  PlayerStatus,
  RejectedStatus,
} from "../../protocol/index.ts";
import { CaptureClock } from "./capture-clock.ts";
import { CaptureOrder } from "./capture-order.ts";
import { RateMeter } from "../traffic/rate-meter.ts";
import type { PlayerContent, StreamedContent } from "./player-content.ts";
import { PlayerStream } from "./player-stream.ts";
import type { FrameDecoders, FrameSummary } from "./stored-frame.ts";
import { STATUS_MESSAGE_LENGTH_MAX, StoredFrame, streamSummary } from "./stored-frame.ts";
import { TranscodedStream } from "./transcoded-stream.ts";

/** Without a frame for this long a player counts as stale. Long enough for a phone to change cells. */
export const STALE_AFTER_MS = 10_000;

/** A JSON or binary frame on its way into a player. */
export interface WholeFrame {
  readonly format: Format;
  /** Taken over. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: FrameSource;
  readonly nowMs: number;
  /** Of a streamed frame: the low 32 bits of when it was captured; null if its client does not know. */
  readonly captureTimeUs?: number | null;
  /** Of a streamed frame: its publisher's jumps, modulo 4. Default: 0. */
  readonly teleports?: number;
}

/** Orders players as batches do. */
export const byIndex = (a: Player, b: Player): number => a.index - b.index;

export class Player {
  readonly id: string;
  info: PlayerInfo = {};
  /** Names the player in data messages while it is present; -1 while it is not. */
  index = -1;
  #revision: number;
  #content: PlayerContent;
  #framesRejected = 0;
  #lastRejected: { code: string; message: string; rejectedMs: number } | null = null;
  readonly #decoders: FrameDecoders;
  readonly #rate = new RateMeter();
  // Of what is posted, and of what is streamed as whole frames.
  #captureClock = new CaptureClock();
  #captureOrder = new CaptureOrder();
  #framesOvertaken = 0;

  /** `revision` is the last one that any earlier holder of this name may have had. */
  constructor(id: string, revision: number, limits: FrameLimits) {
    this.id = id;
    const [json, binary] = [new JsonDecoder(limits), new BinaryDecoder(limits)];
    this.#decoders = { json, binary, limits };
    this.#revision = revision;
    this.#content = { state: "empty", frame: StoredFrame.identity(revision, this.#decoders) };
  }

  /** Whether the player is in its room for the others to see. */
  get isPresent(): boolean {
    return this.index >= 0;
  }

  /** Counts the frames that were taken. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * The newest frame; the identity frame until somebody writes one. Of a stream it is the newest that
   * decodes, which is decoded here.
   */
  get frame(): StoredFrame {
    const content = this.#content;
    return content.state === "streamed" ? this.#streamedFrame(content) : content.frame;
  }

  /** Whether its client sends the stream encoding, whose frames are all passed on. */
  get isStreaming(): boolean {
    return this.#content.state === "streamed";
  }

  /** Who wrote the newest frame; null for the identity frame. */
  get source(): FrameSource | null {
    const content = this.#content;
    switch (content.state) {
      case "empty":
        return null;
      case "whole":
        return content.source;
      case "streamed":
        return "stream";
    }
  }

  /**
   * Makes `bytes` (taken over) the newest frame, unless a newer one has come before.
   * @returns whether it is the newest.
   * @throws {DecodeError} and keeps the frame it has if the bytes are not a frame.
   */
  publish(published: WholeFrame): boolean {
    const { format, bytes, source, nowMs, teleports } = published;
    const decoders = this.#decoders;
    const revision = this.#revision + 1;
    const frame = StoredFrame.accept({ format, bytes, decoders, revision, nowMs, teleports });
    const captureMs = this.#captureMs(frame, published);
    if (captureMs === null) {
      this.#framesOvertaken++;
      return false;
    }
    frame.captureTimeUs = Math.round(captureMs * 1000);
    this.#revision = revision;
    if (this.#content.state === "whole") {
      this.#content.frame = frame;
      this.#content.source = source;
    } else {
      const transcoded = new TranscodedStream(decoders.limits);
      this.#content = { state: "whole", frame, source, transcoded };
    }
    this.#rate.add(bytes.length, nowMs);
    return true;
  }

  /** What is peculiar about the times of the frames that were posted, if their sender was not told before. */
  takeNote(): string | null {
    return this.#captureClock.takeNote();
  }

  /** Counts a frame that was refused, and keeps what its sender was told for the status. */
  reject(code: string, message: string, nowMs: number): void {
    this.#framesRejected++;
    const bounded = message.slice(0, STATUS_MESSAGE_LENGTH_MAX);
    this.#lastRejected = { code, message: bounded, rejectedMs: nowMs };
  }

  /** A stream of this skeleton, for `publishStreamed`. @throws {DecodeError} */
  openStream(skeleton: Uint8Array<ArrayBuffer>): PlayerStream {
    return new PlayerStream(skeleton, this.#decoders.limits, {
      onGarbled: (message, receivedMs) => this.reject("bad_payload", message, receivedMs),
      isCountedByNumbers: true,
    });
  }

  /**
   * Makes the stream's next frame the newest: its message (taken over) and what its header says.
   * @throws {ProtocolError} for a frame that does not continue the stream.
   */
  publishStreamed(
    stream: PlayerStream,
    message: Uint8Array<ArrayBuffer>,
    header: Readonly<FrameHeader>,
    nowMs: number,
  ): void {
    const revision = this.#revision + stream.revisionStep(header.number);
    const arrivalUs = Math.floor(nowMs * 1000);
    const low32 = header.captureTimeUs;
    const captureTimeUs = low32 === null ? arrivalUs : captureTimeOf(low32, arrivalUs);
    stream.accept(message, header, { revision, receivedMs: nowMs, captureTimeUs });
    this.#revision = revision;
    const payloadBytes = message.length - FRAME_HEADER_BYTES;
    const content = this.#content;
    if (content.state === "streamed") {
      content.stream = stream;
      content.receivedMs = nowMs;
      content.payloadBytes = payloadBytes;
    } else {
      const newest = { receivedMs: nowMs, payloadBytes, frame: undefined };
      this.#content = { state: "streamed", stream, ...newest };
    }
    this.#rate.add(payloadBytes, nowMs);
  }

  /**
   * Its frames in the stream encoding, including the newest; encoded here if they came in another format.
   * @throws {EncodeError} if the encoding cannot hold the newest.
   */
  stream(): PlayerStream {
    const content = this.#content;
    switch (content.state) {
      case "empty":
        throw new Error(`player ${this.id} has no frame to stream`);
      case "whole":
        return content.transcoded.upTo(content.frame);
      case "streamed":
        return content.stream;
    }
  }

  /**
   * The root of its newest frame, of a stream its newest of layer 0: position xyz, rotation xyzw, scale xyz. Null if it
   * is not known. A whole frame is decoded for it.
   */
  root(): Float32Array | null {
    const content = this.#content;
    switch (content.state) {
      case "empty":
        return null;
      case "streamed":
        return content.stream.root;
      case "whole":
        try {
          return content.frame.decode().pose.root;
        } catch (error) {
          if (error instanceof EncodeError) return null;
          throw error;
        }
    }
  }

  /** The room has been sent what was new. */
  markSent(): void {
    this.#streamed?.markSent();
  }

  /** Whether a streaming receiver who was sent all batches so far may lack its newest frame. */
  get isNewestLeftOut(): boolean {
    return this.#streamed?.isNewestLeftOut ?? false;
  }

  /** Some streaming receivers have not been sent all layers: `settle` sends them the newest frame. */
  leaveOut(): void {
    this.#streamed?.leaveOut();
  }

  /** Everybody has forgotten the player: what they are sent next needs nothing before it. */
  resend(): void {
    this.#streamed?.resend();
  }

  /**
   * If it has paused since the last call, streaming receivers who were not sent all of its layers are sent
   * its newest frame. False if there is nothing to send.
   */
  settle(): boolean {
    return this.#streamed?.settle() ?? false;
  }

  /** Frames a second. */
  updatesPerSecond(nowMs: number): number {
    return this.#rate.eventsPerSecond(nowMs);
  }

  /** Back to the identity frame and no info. The revision counts on, so that no ETag comes twice. */
  reset(): void {
    this.#revision++;
    const frame = StoredFrame.identity(this.#revision, this.#decoders);
    this.#content = { state: "empty", frame };
    this.info = {};
    this.#captureClock = new CaptureClock();
    this.#captureOrder = new CaptureOrder();
    this.#framesOvertaken = 0;
  }

  status(nowMs: number): PlayerStatus {
    const { receivedMs, summary } = this.#newest;
    const isEmpty = this.#content.state === "empty";
    const ageMs = Math.max(0, nowMs - receivedMs);
    return {
      id: this.id,
      state: isEmpty ? "empty" : ageMs > STALE_AFTER_MS ? "stale" : "live",
      source: this.source,
      revision: this.#revision,
      ageSeconds: isEmpty ? null : ageMs / 1000,
      updatesPerSecond: Math.round(this.#rate.eventsPerSecond(nowMs) * 10) / 10,
      bytesPerSecond: Math.round(this.#rate.bytesPerSecond(nowMs)),
      format: isEmpty ? null : summary.format,
      frameBytes: isEmpty ? 0 : summary.bytes,
      bones: summary.bones,
      blendShapes: summary.blendShapes,
      ...this.frame.visibility,
      framesRejected: this.#framesRejected,
      lastRejected: this.#rejectedStatus(nowMs),
      captureTimes: this.#captureTimesStatus(),
      info: this.info,
    };
  }

  /** What streaming receivers are sent its frames from; null if there is none. */
  get #streamed(): PlayerStream | TranscodedStream | null {
    const content = this.#content;
    switch (content.state) {
      case "empty":
        return null;
      case "whole":
        return content.transcoded;
      case "streamed":
        return content.stream;
    }
  }

  /** When a frame was captured, milliseconds; null: before the newest. */
  #captureMs(
    { timestamp }: StoredFrame,
    { source, nowMs, captureTimeUs }: WholeFrame,
  ): number | null {
    switch (source) {
      case "http":
        return this.#captureClock.observe(timestamp, nowMs);
      case "stream": {
        if (captureTimeUs === null || captureTimeUs === undefined) return nowMs;
        const captureMs = captureTimeOf(captureTimeUs, nowMs * 1000) / 1000;
        return this.#captureOrder.judge(captureMs, nowMs) === "older" ? null : captureMs;
      }
      case "app":
      case "demo":
        return nowMs;
    }
  }

  #captureTimesStatus(): CaptureTimesStatus | null {
    const { source } = this;
    if (source === null) return null;
    const from =
      source === "stream" ? "stream" : this.#captureClock.isFollowing ? "timestamp" : "arrival";
    const framesOvertaken = this.#framesOvertaken;
    return { from, framesOvertaken, note: source === "http" ? this.#captureClock.note : null };
  }

  #rejectedStatus(nowMs: number): RejectedStatus | null {
    if (this.#lastRejected === null) return null;
    const { code, message, rejectedMs } = this.#lastRejected;
    return { code, message, ageSeconds: Math.max(0, nowMs - rejectedMs) / 1000 };
  }

  /** What is known of the newest frame without decoding it. */
  get #newest(): { readonly receivedMs: number; readonly summary: FrameSummary } {
    const content = this.#content;
    if (content.state !== "streamed") return content.frame;
    const { stream, receivedMs, payloadBytes } = content;
    return { receivedMs, summary: streamSummary(stream.skeleton, payloadBytes) };
  }

  #streamedFrame(content: StreamedContent): StoredFrame {
    const decoded = content.stream.newest();
    // A revision that nothing decodes at is answered with the error that says so.
    const revision = decoded?.revision ?? this.#revision;
    if (content.frame?.revision === revision) return content.frame;
    const decoders = this.#decoders;
    return (content.frame = StoredFrame.ofStream(content, decoded, { revision, decoders }));
  }
}

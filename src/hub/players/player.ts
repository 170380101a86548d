// A slot: one avatar's latest frame, its info and its counters.
import { BinaryDecoder, JsonDecoder } from "../../codec/index.ts";
import type { Format, FrameLimits, StreamFormat } from "../../codec/index.ts";
import { FRAME_HEADER_BYTES, writeFrameHeader } from "../../protocol/index.ts";
import type { FrameHeader, PlayerInfo } from "../../protocol/index.ts";
import { PlayerStream } from "./player-stream.ts";
import type { Session } from "./session.ts";
import { RateMeter } from "../traffic/rate-meter.ts";
import type { FrameDecoders } from "./stored-frame.ts";
import { StoredFrame } from "./stored-frame.ts";
import { TranscodedStream } from "./transcoded-stream.ts";

/** Without a frame for this long a player counts as stale. Long enough for a phone to change cells. */
export const STALE_AFTER_MS = 10_000;

// The path of a place deep in a frame with room to spare; a header of the client's own may be quoted.
const REJECTED_MESSAGE_LENGTH_MAX = 200;

/** Who writes a slot. A demo steps back as soon as anybody else has written. */
export type FrameSource = "http" | "demo" | "stream";

export interface PlayerStatus {
  readonly id: string;
  readonly state: "empty" | "live" | "stale";
  readonly source: FrameSource | null;
  readonly revision: number;
  readonly ageSeconds: number | null;
  readonly updatesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly format: StreamFormat | null;
  readonly frameBytes: number;
  readonly bones: number;
  readonly blendShapes: number;
  readonly framesRejected: number;
  /** Why the last of them was; null: none was. */
  readonly lastRejected: RejectedStatus | null;
  readonly info: PlayerInfo;
}

/** What a client was told when its frame was refused. */
export interface RejectedStatus {
  readonly code: string;
  /** 200 characters at the most. */
  readonly message: string;
  readonly ageSeconds: number;
}

export class Player {
  readonly id: string;
  info: PlayerInfo = {};
  /** Names the player in data messages while it is present; -1 while it is not. */
  index = -1;
  /** The streaming client that owns it. */
  session: Session | undefined;
  // Of a stream, made when somebody asks: most of its frames are forwarded and never looked at.
  #frame: StoredFrame | undefined;
  #revision: number;
  #receivedMs = 0;
  #captureTimeUs = 0;
  #payloadBytes = 0;
  #source: FrameSource | null = null;
  #framesRejected = 0;
  #lastRejected: { code: string; message: string; rejectedMs: number } | undefined;
  readonly #decoders: FrameDecoders;
  // The stream that its client sends, or the one that we make of its frames in another format.
  #published: PlayerStream | undefined;
  // The stream that its client has announced, until its first frame.
  #begun: PlayerStream | undefined;
  #transcoded: TranscodedStream | undefined;
  readonly #rate = new RateMeter();

  /** `revision` is the last one that any earlier holder of this name may have had. */
  constructor(id: string, revision: number, limits: FrameLimits) {
    this.id = id;
    const [json, binary] = [new JsonDecoder(limits), new BinaryDecoder(limits)];
    this.#decoders = { json, binary, limits };
    this.#revision = revision;
    this.#frame = StoredFrame.identity(revision, this.#decoders);
  }

  /** The newest frame; the identity frame until somebody writes one. */
  get frame(): StoredFrame {
    return (this.#frame ??= this.#streamedFrame());
  }

  /** Whether its client sends the stream encoding, whose frames are all passed on. */
  get isStreaming(): boolean {
    return this.#published !== undefined;
  }

  /** Who wrote the newest frame; null for the identity frame. */
  get source(): FrameSource | null {
    return this.#source;
  }

  /**
   * Makes `bytes` (taken over) the newest frame.
   * @throws {DecodeError} and keeps the frame it has if the bytes are not a frame.
   */
  publish(frame: {
    format: Format;
    bytes: Uint8Array<ArrayBuffer>;
    source: FrameSource;
    nowMs: number;
    captureTimeUs?: number | null;
  }): StoredFrame {
    const { format, bytes, source, nowMs, captureTimeUs = null } = frame;
    const revision = this.#revision + 1;
    const decoders = this.#decoders;
    this.#frame = StoredFrame.accept({ format, bytes, decoders, revision, nowMs, captureTimeUs });
    this.#revision = revision;
    this.#published = undefined;
    this.#begun = undefined;
    this.#source = source;
    this.#rate.add(bytes.length, nowMs);
    return this.#frame;
  }

  /** Somebody sent it a frame, and was told this instead. The page tells it whoever wears the headset. */
  reject(code: string, message: string, nowMs: number): void {
    this.#framesRejected++;
    const bounded = message.slice(0, REJECTED_MESSAGE_LENGTH_MAX);
    this.#lastRejected = { code, message: bounded, rejectedMs: nowMs };
  }

  /** Its client begins a stream, or begins it anew. @throws {DecodeError}. */
  beginStream(skeleton: Uint8Array<ArrayBuffer>): void {
    this.#begun = new PlayerStream(skeleton, this.#decoders.limits);
  }

  /**
   * Makes a frame of its client's stream the newest: its message (taken over) and what its header says.
   * @throws {ProtocolError} for one that does not belong there; {Error} where no stream was begun.
   */
  publishStreamed(
    message: Uint8Array<ArrayBuffer>,
    header: Readonly<FrameHeader>,
    nowMs: number,
  ): void {
    const stream = this.#begun ?? this.#published;
    if (stream === undefined) throw new Error("a streamed frame of a player without a stream");
    const revision = this.#revision + 1;
    const captureTimeUs = header.captureTimeUs ?? Math.floor(nowMs * 1000) % 2 ** 32;
    stream.accept(message, header, revision);
    if (header.captureTimeUs === null) writeFrameHeader({ ...header, captureTimeUs }, message, 0);
    this.#begun = undefined;
    this.#published = stream;
    this.#frame = undefined;
    this.#revision = revision;
    this.#receivedMs = nowMs;
    this.#captureTimeUs = captureTimeUs;
    this.#payloadBytes = message.length - FRAME_HEADER_BYTES;
    this.#transcoded = undefined;
    this.#source = "stream";
    this.#rate.add(this.#payloadBytes, nowMs);
  }

  /**
   * Its frames in the stream encoding, the newest among them; encoded here if they came in another format.
   * @throws {EncodeError} where the encoding cannot hold the newest.
   */
  stream(): PlayerStream {
    if (this.#published !== undefined) return this.#published;
    this.#transcoded ??= new TranscodedStream(this.#decoders.limits);
    return this.#transcoded.upTo(this.frame);
  }

  /** The room has been sent what was new. */
  markSent(): void {
    this.#published?.markSent();
    this.#transcoded?.markSent();
  }

  /** Everybody has forgotten it: what they are sent next stands alone. */
  resend(): void {
    this.#published?.resend();
    this.#transcoded?.resend();
  }

  /**
   * If it has paused since the last call, streaming receivers who were not sent all of its layers are sent
   * its newest frame. False if there is nothing to send.
   */
  settle(): boolean {
    return this.#published?.settle() ?? this.#transcoded?.settle() ?? false;
  }

  /** Frames a second. */
  updatesPerSecond(nowMs: number): number {
    return this.#rate.eventsPerSecond(nowMs);
  }

  /** Back to the identity frame and no info. The revision goes on, so that no ETag comes twice. */
  reset(): void {
    this.#revision++;
    this.#frame = StoredFrame.identity(this.#revision, this.#decoders);
    this.#published = undefined;
    this.#begun = undefined;
    this.#transcoded = undefined;
    this.#source = null;
    this.info = {};
  }

  status(nowMs: number): PlayerStatus {
    const { revision, receivedMs, summary } = this.frame;
    const isEmpty = this.#source === null;
    const ageMs = Math.max(0, nowMs - receivedMs);
    return {
      id: this.id,
      state: isEmpty ? "empty" : ageMs > STALE_AFTER_MS ? "stale" : "live",
      source: this.#source,
      revision,
      ageSeconds: isEmpty ? null : ageMs / 1000,
      updatesPerSecond: Math.round(this.#rate.eventsPerSecond(nowMs) * 10) / 10,
      bytesPerSecond: Math.round(this.#rate.bytesPerSecond(nowMs)),
      format: isEmpty ? null : summary.format,
      frameBytes: isEmpty ? 0 : summary.bytes,
      bones: summary.bones,
      blendShapes: summary.blendShapes,
      framesRejected: this.#framesRejected,
      lastRejected: this.#rejectedStatus(nowMs),
      info: this.info,
    };
  }

  #rejectedStatus(nowMs: number): RejectedStatus | null {
    if (this.#lastRejected === undefined) return null;
    const { code, message, rejectedMs } = this.#lastRejected;
    return { code, message, ageSeconds: Math.max(0, nowMs - rejectedMs) / 1000 };
  }

  #streamedFrame(): StoredFrame {
    const stream = this.#published;
    if (stream === undefined) throw new Error("a player without a stream has a frame");
    return StoredFrame.ofStream({
      stream,
      payloadBytes: this.#payloadBytes,
      decoders: this.#decoders,
      revision: this.#revision,
      receivedMs: this.#receivedMs,
      captureTimeUs: this.#captureTimeUs,
    });
  }
}

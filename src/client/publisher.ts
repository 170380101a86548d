// Publishing: poses to frame messages, at the rate that the server and the line can take.
import {
  BinaryEncoder,
  completeFrame,
  createPose,
  decodeJson,
  EncodeError,
  frameOf,
  isSameSkeleton,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type { FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
import {
  FRAME_HEADER_BYTES,
  PUBLISH_LIMIT,
  StreamPublication,
  TokenBucket,
  writeFrameHeader,
} from "../protocol/index.ts";
import type { FrameHeader } from "../protocol/index.ts";
import type { ClockSync } from "./clock-sync.ts";
import { RateGate } from "./rate-gate.ts";

/** What became of this side's frames. */
export interface PublishStats {
  sentFrames: number;
  /** Skipped, for the server asks for fewer (`rate`), or takes no more [S28]. */
  skippedByRate: number;
  /** Skipped, for the socket still held more than one [S19]. */
  skippedByBackpressure: number;
  /** Skipped, for there was no connection. */
  skippedOffline: number;
}

/** What publishing needs of a connection. */
export interface PublishLink {
  readonly state: { readonly name: string };
  readonly bufferedBytes: number;
  readonly clock: ClockSync;
  /** False if there is no connection. The bytes may change after the call. */
  sendBytes(data: Uint8Array<ArrayBuffer>): boolean;
}

/** The messages of one skeleton: written over by each frame. */
interface BinaryMessage {
  readonly encoder: BinaryEncoder;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly payload: Uint8Array<ArrayBuffer>;
}

// The payload must begin at a multiple of 4 bytes, and the header has 6: so the message begins at 2.
const MESSAGE_OFFSET = 2;

// Half of what the server takes at once: a line that comes to life again delivers more at once than was sent.
const SEND_LIMIT = { ...PUBLISH_LIMIT, burst: PUBLISH_LIMIT.burst / 2 };

const textEncoder = new TextEncoder();

export class Publisher {
  readonly stats: PublishStats = {
    sentFrames: 0,
    skippedByRate: 0,
    skippedByBackpressure: 0,
    skippedOffline: 0,
  };
  readonly #format: StreamFormat;
  readonly #link: PublishLink;
  readonly #now: () => number;
  readonly #gate = new RateGate();
  readonly #limit: TokenBucket;
  readonly #binaryMessages = new WeakMap<Skeleton, BinaryMessage>();
  // What `publish` made of its frames last.
  #framePose: { readonly skeleton: Skeleton; readonly pose: Pose } | undefined;
  // Stream only: what the server knows of the stream so far.
  #publication: StreamPublication | undefined;
  #messageBytes = 0;
  #number = 0;
  readonly #header: FrameHeader = { layer: 0, isKey: true, number: 0, captureTimeUs: null };

  constructor(options: { format: StreamFormat; link: PublishLink; now: () => number }) {
    this.#format = options.format;
    this.#link = options.link;
    this.#now = options.now;
    this.#limit = new TokenBucket(SEND_LIMIT, options.now());
  }

  /** Frames a second that the server takes; 0: no limit. */
  set rateHz(rateHz: number) {
    this.#gate.rateHz = rateHz;
  }

  /** A new connection knows nothing of what was sent before. */
  restart(): void {
    this.#publication = undefined;
  }

  /** @throws {EncodeError} in binary and stream, {DecodeError} in JSON, naming the place that the server would refuse. */
  publish(frame: FrameDocument, captureTimeMs: number): boolean {
    if (!this.#admits()) return false;
    if (this.#format === "json") return this.#sendJson(frame, captureTimeMs);
    const complete = completeFrame(frame);
    const skeleton = skeletonOf(complete);
    if (this.#framePose === undefined || !isSameSkeleton(this.#framePose.skeleton, skeleton)) {
      this.#framePose = { skeleton, pose: createPose(skeleton) };
    }
    poseOf(complete, this.#framePose.pose);
    return this.#sendPose(this.#framePose.skeleton, this.#framePose.pose, captureTimeMs);
  }

  /** As `publish`; but for JSON it allocates nothing while the skeleton is the same object. */
  publishPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    if (!this.#admits()) return false;
    return this.#format === "json"
      ? this.#sendJson(frameOf(skeleton, pose), captureTimeMs)
      : this.#sendPose(skeleton, pose, captureTimeMs);
  }

  /** Whether a frame would be sent now; counts it if not. */
  #admits(): boolean {
    const nowMs = this.#now();
    if (this.#link.state.name !== "joined") this.stats.skippedOffline++;
    // [S19] An older pose is worthless: skipped before it costs anything.
    else if (this.#link.bufferedBytes > this.#messageBytes) this.stats.skippedByBackpressure++;
    else if (!this.#gate.admits(nowMs) || !this.#limit.take(nowMs)) {
      this.stats.skippedByRate++;
    } else return true;
    return false;
  }

  #sendPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    return this.#format === "stream"
      ? this.#sendStream(skeleton, pose, captureTimeMs)
      : this.#sendBinary(skeleton, pose, captureTimeMs);
  }

  #sendStream(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    const captureTimeUs = this.#captureTimeUs(captureTimeMs);
    let message = this.#goOn(skeleton, pose, captureTimeUs);
    if (message === undefined) {
      const publication = new StreamPublication(skeleton, pose);
      message = publication.encode(pose, captureTimeUs);
      if (!this.#link.sendBytes(publication.skeletonMessage)) return this.#countOffline();
      this.#publication = publication;
    }
    if (this.#link.sendBytes(message)) return this.#countSent(message);
    // The frames to come would refer to this one.
    this.restart();
    return this.#countOffline();
  }

  /** The next frame of the stream; undefined where one has to begin. */
  #goOn(skeleton: Skeleton, pose: Pose, captureTimeUs: number | null) {
    if (this.#publication?.skeleton !== skeleton) return undefined;
    try {
      return this.#publication.encode(pose, captureTimeUs);
    } catch (error) {
      // Too far from the rest for the encoding, a kilometre at 1 mm: a stream with this pose as its rest.
      if (error instanceof EncodeError && error.code === "out_of_range") return undefined;
      throw error;
    }
  }

  #sendBinary(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    const { encoder, message, payload } = this.#binaryMessage(skeleton);
    encoder.encode(pose, payload);
    return this.#send(message, captureTimeMs);
  }

  #binaryMessage(skeleton: Skeleton): BinaryMessage {
    const known = this.#binaryMessages.get(skeleton);
    if (known !== undefined) return known;
    const encoder = new BinaryEncoder(skeleton);
    const payloadOffset = MESSAGE_OFFSET + FRAME_HEADER_BYTES;
    const buffer = new ArrayBuffer(payloadOffset + encoder.byteLength);
    const made = {
      encoder,
      message: new Uint8Array(buffer, MESSAGE_OFFSET),
      payload: new Uint8Array(buffer, payloadOffset),
    };
    this.#binaryMessages.set(skeleton, made);
    return made;
  }

  #sendJson(frame: FrameDocument, captureTimeMs: number): boolean {
    const payload = textEncoder.encode(JSON.stringify(frame));
    // A frame that the server refuses ends the session for good [S4]: a NaN, say, which JSON writes null.
    decodeJson(payload);
    const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
    message.set(payload, FRAME_HEADER_BYTES);
    return this.#send(message, captureTimeMs);
  }

  #send(message: Uint8Array<ArrayBuffer>, captureTimeMs: number): boolean {
    this.#header.captureTimeUs = this.#captureTimeUs(captureTimeMs);
    this.#header.number = this.#number;
    writeFrameHeader(message, 0, this.#header);
    if (!this.#link.sendBytes(message)) return this.#countOffline();
    this.#number = (this.#number + 1) & 0xff;
    return this.#countSent(message);
  }

  /** Without the server's time it is the time of arrival that counts [S12]. */
  #captureTimeUs(captureTimeMs: number): number | null {
    const { clock } = this.#link;
    if (!clock.isSynced) return null;
    return Math.round(clock.serverTimeMs(captureTimeMs) * 1000) % 2 ** 32;
  }

  #countSent(message: Uint8Array): true {
    this.#messageBytes = message.length;
    this.stats.sentFrames++;
    return true;
  }

  #countOffline(): false {
    this.stats.skippedOffline++;
    return false;
  }
}

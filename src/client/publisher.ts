// Publishing: poses to frame messages, at the rate that the server and the line can take.
import {
  BinaryEncoder,
  completeFrame,
  createPose,
  decodeJson,
  DecodeError,
  encodeJson,
  EncodeError,
  frameOf,
  isSameSkeleton,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type { FrameDocument, Pose, Skeleton, SkeletonPose, StreamFormat } from "../codec/index.ts";
import { checkPoseSize } from "../codec/frame.ts";
import {
  createFrameHeader,
  FRAME_HEADER_BYTES,
  PUBLISH_LIMIT,
  StreamPublication,
  TokenBucket,
  writeFrameHeader,
} from "../protocol/index.ts";
import { captureTimeFault } from "./capture-time.ts";
import type { ClockSync } from "./clock-sync.ts";
import { RoomError } from "./errors.ts";
import { LastFrame } from "./last-frame.ts";
import { RateGate } from "./rate-gate.ts";
import type { ClientRuntime } from "./runtime.ts";

/** What became of this side's frames. */
export interface PublishStats {
  sentFrames: number;
  /** Skipped because the server asks for fewer (`rate`), or accepts no more [S28]. */
  skippedByRate: number;
  /** Skipped because more than one frame still waits in the socket [S19]. */
  skippedByBackpressure: number;
  /** Skipped because there was no connection. */
  skippedOffline: number;
  /** Skipped because a frame with a later capture time was published before. */
  skippedAsOlder: number;
}

/** Why a frame is skipped. */
type SkipCause = Exclude<keyof PublishStats, "sentFrames">;

/** What publishing needs of a connection. */
export interface PublishLink {
  readonly state: { readonly name: string };
  readonly bufferedBytes: number;
  readonly clock: ClockSync;
  /** False if there is no connection. The bytes may change after the call. */
  sendBytes(data: Uint8Array<ArrayBuffer>): boolean;
}

/** The message of one skeleton's frames. Each frame overwrites the last one. */
interface BinaryMessage {
  readonly skeleton: Skeleton;
  readonly encoder: BinaryEncoder;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly payload: Uint8Array<ArrayBuffer>;
}

// The payload must begin at a multiple of 4 bytes and the header has 6, so the message begins at 2.
const MESSAGE_OFFSET = 2;

// Half of the burst that the server accepts: a connection that was held up delivers several seconds at once.
const SEND_LIMIT = { ...PUBLISH_LIMIT, burst: PUBLISH_LIMIT.burst / 2 };

export class Publisher {
  readonly stats: PublishStats = {
    sentFrames: 0,
    skippedByRate: 0,
    skippedByBackpressure: 0,
    skippedOffline: 0,
    skippedAsOlder: 0,
  };
  readonly #format: StreamFormat;
  readonly #link: PublishLink;
  readonly #now: () => number;
  readonly #gate = new RateGate();
  readonly #limit: TokenBucket;
  readonly #onError: (error: RoomError) => void;
  readonly #last: LastFrame;
  #isTimeFaultTold = false;
  #binaryMessage: BinaryMessage | undefined;
  // The last frame given to `publish`, as a pose.
  #framePose: SkeletonPose | undefined;
  // Stream format only.
  readonly #publication: StreamPublication;
  #messageBytes = 0;
  #number = 0;
  // Its teleport count is set before a frame is sent.
  readonly #header = createFrameHeader();
  // Teleport counts of the last frame that was sent, and of the last one that was published, which may be sent later.
  #sentTeleports = 0;
  #teleports = 0;
  // Whether the next frame that is published is a jump.
  #isTeleport = false;

  constructor(options: {
    format: StreamFormat;
    link: PublishLink;
    runtime: Pick<ClientRuntime, "now" | "setTimeout" | "clearTimeout">;
    onError: (error: RoomError) => void;
    errorMetres?: number | undefined;
  }) {
    this.#publication = new StreamPublication({ errorMetres: options.errorMetres });
    const { now } = options.runtime;
    this.#format = options.format;
    this.#link = options.link;
    this.#now = now;
    this.#limit = new TokenBucket(SEND_LIMIT, now());
    this.#onError = options.onError;
    this.#last = new LastFrame(options.runtime, (frame) => this.#sendLast(frame));
  }

  /** Frames a second that the server takes; 0: no limit. */
  set rateHz(rateHz: number) {
    this.#gate.rateHz = rateHz;
  }

  /** A new connection knows nothing that was sent before. */
  restart(): void {
    this.#publication.restart();
    // The server may be another one. Whoever publishes now anyway is not repeated.
    this.#last.sendAgain();
  }

  /** Sends nothing later. */
  stop(): void {
    this.#last.stop();
  }

  /** The next frame that is published does not continue the motion before it. */
  teleport(): void {
    this.#isTeleport = true;
  }

  /**
   * Sends a frame, or skips it. The last one that was skipped is sent as soon as possible, unless another follows.
   * @throws {EncodeError} (json: {DecodeError}) naming the place that the server would refuse.
   */
  publish(frame: FrameDocument, captureTimeMs: number): boolean {
    const timeMs = this.#checkedTimeMs(captureTimeMs);
    const skipped = this.#skipCause(timeMs);
    this.#header.teleports = this.#nextTeleports();
    if (skipped !== null) {
      if (skipped !== "skippedAsOlder") this.#keepDocument(frame, timeMs, false);
      this.stats[skipped]++;
      return false;
    }
    const isSent = this.#sendFrame(frame, timeMs);
    this.#keepDocument(frame, timeMs, isSent);
    return isSent;
  }

  /**
   * As `publish`. Except in JSON it allocates next to nothing while skeletons have the same content. The same
   * object is not looked at twice, so a skeleton that was changed in place counts as the same.
   * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton.
   */
  publishPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    checkPoseSize(pose, skeleton);
    const timeMs = this.#checkedTimeMs(captureTimeMs);
    const skipped = this.#skipCause(timeMs);
    this.#header.teleports = this.#nextTeleports();
    if (skipped !== null) {
      if (skipped !== "skippedAsOlder") this.#keepPose(skeleton, pose, timeMs, false);
      this.stats[skipped]++;
      return false;
    }
    const isSent = this.#sendPose(skeleton, pose, timeMs);
    this.#keepPose(skeleton, pose, timeMs, isSent);
    return isSent;
  }

  /** The time as it is, or the present if it is no time of this clock. */
  #checkedTimeMs(captureTimeMs: number): number {
    const nowMs = this.#now();
    const fault = captureTimeFault(captureTimeMs, nowMs);
    if (fault === null) return captureTimeMs;
    // Told once, not 90 times a second.
    if (!this.#isTimeFaultTold) this.#onError(new RoomError("bad_capture_time", fault));
    this.#isTimeFaultTold = true;
    return nowMs;
  }

  /** Why a frame would not be sent now; null: it would be, and counts as sent. */
  #skipCause(captureTimeMs: number): SkipCause | null {
    if (captureTimeMs < this.#last.captureTimeMs) return "skippedAsOlder";
    const nowMs = this.#now();
    if (this.#link.state.name !== "joined") return "skippedOffline";
    // [S19] An older pose is worthless: skipped before it costs anything.
    if (this.#link.bufferedBytes > this.#messageBytes) return "skippedByBackpressure";
    return this.#gate.admits(nowMs) && this.#limit.take(nowMs) ? null : "skippedByRate";
  }

  /** Sends the last frame after all. @returns false if it cannot be sent yet. */
  #sendLast({ document, pose, captureTimeMs }: LastFrame): boolean {
    // A new connection calls `restart`.
    if (this.#link.state.name !== "joined") return true;
    if (this.#skipCause(captureTimeMs) !== null) return false;
    this.#header.teleports = this.#teleports;
    try {
      if (document !== undefined) this.#sendFrame(document, captureTimeMs);
      else if (pose !== undefined) this.#sendPose(pose.skeleton, pose.pose, captureTimeMs);
    } catch (error) {
      // The frame cannot be sent, now or later. Nobody waits for an answer.
      if (!(error instanceof EncodeError || error instanceof DecodeError)) throw error;
    }
    return true;
  }

  #sendFrame(frame: FrameDocument, captureTimeMs: number): boolean {
    if (this.#format === "json") return this.#sendJson(frame, captureTimeMs);
    const complete = completeFrame(frame);
    const skeleton = skeletonOf(complete);
    if (this.#framePose === undefined || !isSameSkeleton(this.#framePose.skeleton, skeleton)) {
      this.#framePose = { skeleton, pose: createPose(skeleton) };
    }
    poseOf(complete, this.#framePose.pose);
    return this.#sendPose(this.#framePose.skeleton, this.#framePose.pose, captureTimeMs);
  }

  #sendPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    switch (this.#format) {
      case "stream":
        return this.#sendStream(skeleton, pose, captureTimeMs);
      case "binary":
        return this.#sendBinary(skeleton, pose, captureTimeMs);
      case "json":
        return this.#sendJson(frameOf(skeleton, pose), captureTimeMs);
    }
  }

  #sendStream(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    const captureTimeUs = this.#captureTimeUs(captureTimeMs);
    const { teleports } = this.#header;
    const message = this.#publication.encode(skeleton, pose, { captureTimeUs, teleports });
    const { opening } = this.#publication;
    if (opening === undefined || this.#link.sendBytes(opening)) {
      if (this.#link.sendBytes(message)) return this.#countSent(message);
    }
    // Later frames would refer to this one.
    this.#publication.restart();
    return this.#countOffline();
  }

  #sendBinary(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    const { encoder, message, payload } = this.#binaryMessageOf(skeleton);
    encoder.encode(pose, payload);
    return this.#send(message, captureTimeMs);
  }

  #binaryMessageOf(skeleton: Skeleton): BinaryMessage {
    const known = this.#binaryMessage;
    if (known !== undefined && isSameSkeleton(known.skeleton, skeleton)) return known;
    const encoder = new BinaryEncoder(skeleton);
    const payloadOffset = MESSAGE_OFFSET + FRAME_HEADER_BYTES;
    const buffer = new ArrayBuffer(payloadOffset + encoder.byteLength);
    return (this.#binaryMessage = {
      skeleton,
      encoder,
      message: new Uint8Array(buffer, MESSAGE_OFFSET),
      payload: new Uint8Array(buffer, payloadOffset),
    });
  }

  #sendJson(frame: FrameDocument, captureTimeMs: number): boolean {
    const payload = encodeJson(frame);
    // A frame that the server refuses ends the session [S4]; so would a NaN, which JSON writes as null.
    decodeJson(payload);
    const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
    message.set(payload, FRAME_HEADER_BYTES);
    return this.#send(message, captureTimeMs);
  }

  #send(message: Uint8Array<ArrayBuffer>, captureTimeMs: number): boolean {
    this.#header.captureTimeUs = this.#captureTimeUs(captureTimeMs);
    this.#header.number = this.#number;
    writeFrameHeader(this.#header, message, 0);
    if (!this.#link.sendBytes(message)) return this.#countOffline();
    this.#number = (this.#number + 1) & 0xff;
    return this.#countSent(message);
  }

  /** Null until the server's clock is known; the time of arrival then counts [S12]. */
  #captureTimeUs(captureTimeMs: number): number | null {
    const { clock } = this.#link;
    if (!clock.isSynced) return null;
    return Math.round(clock.serverTimeMs(captureTimeMs) * 1000) % 2 ** 32;
  }

  /**
   * Of the frame that is published now. Jumps of which no frame was sent are one: four of them would look like none.
   */
  #nextTeleports(): number {
    return this.#isTeleport ? (this.#sentTeleports + 1) & 3 : this.#teleports;
  }

  #keepDocument(frame: FrameDocument, captureTimeMs: number, isSent: boolean): void {
    this.#last.keepDocument(frame, captureTimeMs, isSent);
    this.#keepTeleports();
  }

  #keepPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number, isSent: boolean): void {
    this.#last.keepPose(skeleton, pose, captureTimeMs, isSent);
    this.#keepTeleports();
  }

  /** The last frame counts the jump before it, sent or not. */
  #keepTeleports(): void {
    this.#teleports = this.#header.teleports;
    this.#isTeleport = false;
  }

  #countSent(message: Uint8Array): true {
    this.#sentTeleports = this.#header.teleports;
    this.#messageBytes = message.length;
    this.stats.sentFrames++;
    return true;
  }

  #countOffline(): false {
    this.stats.skippedOffline++;
    return false;
  }
}

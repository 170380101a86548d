// Publishing: poses to frame messages, at the rate that the server and the line can take.
import {
  BinaryEncoder,
  completeFrame,
  createPose,
  decodeJson,
  frameOf,
  isSameSkeleton,
  poseOf,
  skeletonOf,
} from "../codec/index.ts";
import type { FrameDocument, Pose, Skeleton, SkeletonPose, StreamFormat } from "../codec/index.ts";
import { checkPoseSize } from "../codec/frame.ts";
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
  /** Skipped because the server asks for fewer (`rate`), or accepts no more [S28]. */
  skippedByRate: number;
  /** Skipped because more than one frame still waits in the socket [S19]. */
  skippedByBackpressure: number;
  /** Skipped because there was no connection. */
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
  #binaryMessage: BinaryMessage | undefined;
  // The last frame given to `publish`, as a pose.
  #framePose: SkeletonPose | undefined;
  // Stream format only.
  readonly #publication = new StreamPublication();
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

  /** A new connection knows nothing that was sent before. */
  restart(): void {
    this.#publication.restart();
  }

  /**
   * Sends a frame, or skips it.
   * @throws {EncodeError} (json: {DecodeError}) naming the place that the server would refuse.
   */
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

  /**
   * As `publish`. Except in JSON it allocates nothing while skeletons have the same content. The same
   * object is not looked at twice, so a skeleton that was changed in place counts as the same.
   * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton.
   */
  publishPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number): boolean {
    checkPoseSize(pose, skeleton);
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
    const message = this.#publication.encode(skeleton, pose, captureTimeUs);
    const { opening } = this.#publication;
    if (opening === undefined || this.#link.sendBytes(opening)) {
      if (this.#link.sendBytes(message)) return this.#countSent(message);
    }
    // Later frames would refer to this one.
    this.restart();
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
    const payload = textEncoder.encode(JSON.stringify(frame));
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

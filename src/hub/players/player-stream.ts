// A player's frames in the stream encoding, as others get them: forwarded by their headers alone, and
// decoded only where somebody needs a pose, or a newcomer a keyframe.
import { DecodeError, EncodeError } from "../../codec/index.ts";
import type { FrameLimits, Pose, Skeleton } from "../../codec/index.ts";
import {
  decodeSkeleton,
  layerOf,
  LAYERS_MAX,
  payloadBytesMax,
  restPoseOf,
  RootReader,
  StreamDecoder,
} from "../../codec/stream/index.ts";
import type { Keyframe, StreamSkeleton } from "../../codec/stream/index.ts";
import { CloseCode, FRAME_HEADER_BYTES, ProtocolError } from "../../protocol/index.ts";
import type { BatchFrame, BatchWriter, FrameMark } from "../../protocol/index.ts";
import { skeletonIdOfPayload } from "./skeleton-hash.ts";

/** When a frame came, when it was captured, and which of its player's it is. */
export interface FrameArrival {
  readonly revision: number;
  readonly receivedMs: number;
  /** On this server's clock. */
  readonly captureTimeUs: number;
}

/** A frame, kept as the whole message: views of so little memory would cost more than it does. */
export interface EncodedFrame extends BatchFrame, FrameArrival {
  readonly layer: number;
  readonly message: Uint8Array<ArrayBuffer>;
}

/** A frame as names and numbers. */
export interface DecodedFrame {
  readonly skeleton: Skeleton;
  readonly pose: Pose;
}

/** A stream's frame, decoded. Its pose is in memory that the stream's next frame uses again. */
export interface DecodedStreamFrame extends DecodedFrame, FrameArrival {
  readonly payloadBytes: number;
  readonly teleports: number;
}

/** Those who are sent a batch. */
export interface SkeletonHolders {
  /**
   * An entry names this skeleton: they hold it from now on.
   * @returns whether all of them held it before, so that the entry needs no payload.
   */
  name(skeletonId: bigint): boolean;
}

/** Told of a frame whose payload does not decode: where, and when it came. */
export type OnGarbled = (message: string, receivedMs: number) => void;

// A skeleton's entry without its payload, and a frame's: a step and three varints of usual length.
const SKELETON_ENTRY_BYTES = 12;
const FRAME_ENTRY_BYTES = 10;

// An idle avatar sends no keyframes, so its chain of layer-0 frames would grow: at this length it is
// decoded, which takes less than a millisecond, and begins again.
const UNDECODED_FRAMES_MAX = 64;

// More than any publisher sends between two ticks; one that does is shown by its newest state.
const NEW_FRAMES_MAX = 64;

export interface PlayerStreamOptions {
  readonly onGarbled?: OnGarbled;
  /**
   * Whether revisions grow as the numbers of frames do, so that receivers know them. Those of posted frames do not:
   * only one frame of a tick is encoded.
   */
  readonly isCountedByNumbers: boolean;
}

export class PlayerStream {
  /** The skeleton's content id. */
  readonly skeletonId: bigint;
  readonly #isCountedByNumbers: boolean;
  readonly #stream: StreamSkeleton;
  readonly #skeletonBytes: Uint8Array<ArrayBuffer>;
  readonly #payloadBytesMax: number;
  readonly #decoder: StreamDecoder;
  readonly #rootReader: RootReader;
  #isRootKnown = false;
  readonly #onGarbled: OnGarbled;
  // The pose of the newest frame that was decoded with one, and that frame.
  readonly #pose: Pose;
  #posed: EncodedFrame | undefined;
  // What the decoder has not seen yet; the newest layer-0 frame, and those after it that may decode.
  readonly #undecoded: EncodedFrame[] = [];
  #layer0: EncodedFrame | undefined;
  #newestNumber = 0;
  readonly #group: EncodedFrame[] = [];
  // The newest layer-0 frame that was decoded, and the same as a keyframe, once somebody has joined.
  #decodedLayer0: EncodedFrame | undefined;
  #keyframe: Keyframe | null = null;
  // The payload of a layer-0 frame was garbage: nothing after it decodes until the next keyframe.
  #isBroken = false;
  // What the room has not been sent yet.
  #isSkeletonNew = true;
  readonly #new: EncodedFrame[] = [];
  #isStateNew = false;
  // The newest frame was left out of somebody's batch, for its layer. It had not come yet when `settle` was
  // last called. It is being sent to everybody.
  #isNewestLeftOut = false;
  #isNewestFresh = false;
  #isSettling = false;

  /** @throws {DecodeError} where the bytes are no skeleton. */
  constructor(
    skeletonBytes: Uint8Array<ArrayBuffer>,
    limits: FrameLimits,
    { onGarbled = () => {}, isCountedByNumbers }: PlayerStreamOptions,
  ) {
    this.#onGarbled = onGarbled;
    this.#isCountedByNumbers = isCountedByNumbers;
    this.skeletonId = skeletonIdOfPayload(skeletonBytes);
    this.#stream = decodeSkeleton(skeletonBytes, limits);
    this.#skeletonBytes = skeletonBytes;
    this.#payloadBytesMax = payloadBytesMax(this.#stream);
    this.#decoder = new StreamDecoder(this.#stream);
    this.#rootReader = new RootReader(this.#stream);
    this.#pose = restPoseOf(this.#stream);
  }

  get skeleton(): Skeleton {
    return this.#stream.skeleton;
  }

  /**
   * The root of the newest layer-0 frame, which is read without decoding the rest: position xyz, rotation xyzw, scale
   * xyz. Null: it is garbage.
   */
  get root(): Float32Array | null {
    return this.#isRootKnown ? this.#rootReader.root : null;
  }

  /** The frames that the room has not been sent yet, in their order. */
  get newFrames(): readonly EncodedFrame[] {
    return this.#new;
  }

  /** Whether whoever was sent frames of the player before needs all that a newcomer needs. */
  get isRestarted(): boolean {
    return this.#isStateNew || this.#isSkeletonNew;
  }

  /** The frames after the newest of layer 0, as far as they are known to decode. */
  get group(): readonly EncodedFrame[] {
    return this.#group;
  }

  /** Whether somebody's batches may lack the newest frame, for its layer. */
  get isNewestLeftOut(): boolean {
    return this.#isNewestLeftOut;
  }

  /** How much higher the revision of a frame with this number is than that of the frame before: 1 for the first. */
  revisionStep(number: number): number {
    return this.#layer0 === undefined ? 1 : (number - this.#newestNumber) & 0xff || 256;
  }

  /**
   * Takes the next frame: its message, whose memory is kept and whose payload is not read, and what its
   * header says.
   * @throws {ProtocolError} for a header, a length or a reference that no encoder writes.
   */
  accept(
    message: Uint8Array<ArrayBuffer>,
    { isKey, number, teleports }: Readonly<FrameMark>,
    { revision, receivedMs, captureTimeUs }: FrameArrival,
  ): void {
    const layer = layerOf(number);
    const frame: EncodedFrame = {
      revision,
      receivedMs,
      captureTimeUs,
      layer,
      isKey,
      number,
      teleports,
      message,
    };
    this.#check(frame);
    if (isKey) {
      // A keyframe needs nothing before it, and only a newer keyframe replaces it.
      this.#undecoded.length = 0;
      this.#new.length = 0;
      this.#isBroken = false;
    }
    this.#newestNumber = number;
    if (layer === 0) {
      this.#layer0 = frame;
      this.#group.length = 0;
      this.#isRootKnown = this.#rootReader.read(frame, message.subarray(FRAME_HEADER_BYTES));
    } else {
      this.#group.push(frame);
    }
    this.#isNewestLeftOut = false;
    this.#isNewestFresh = true;
    this.#undecoded.push(frame);
    if (this.#undecoded.length > UNDECODED_FRAMES_MAX) this.#decode();
    this.#new.push(frame);
    if (this.#new.length <= NEW_FRAMES_MAX) return;
    this.resend();
  }

  /** The room knows nothing of what it was sent: it is sent all that a newcomer needs. */
  resend(): void {
    this.#new.length = 0;
    this.#isStateNew = true;
    // State has all layers.
    this.#isNewestLeftOut = false;
  }

  /**
   * If no frame has come since the last call, the frames after the newest layer-0 frame go to those too
   * whose batches they were left out of: or they would continue to show an older pose.
   * @returns false if nobody lacks the newest.
   */
  settle(): boolean {
    const isPaused = !this.#isNewestFresh;
    this.#isNewestFresh = false;
    if (!isPaused || !this.#isNewestLeftOut) return false;
    this.#isNewestLeftOut = false;
    this.#isSettling = true;
    this.#new.push(...this.#group);
    return true;
  }

  /** The newest frame that decodes; undefined: none does. */
  newest(): DecodedStreamFrame | undefined {
    this.#decode();
    const posed = this.#posed;
    if (posed === undefined) return undefined;
    const { revision, receivedMs, captureTimeUs, teleports, message } = posed;
    return {
      skeleton: this.#stream.skeleton,
      pose: this.#pose,
      revision,
      receivedMs,
      captureTimeUs,
      teleports,
      payloadBytes: message.length - FRAME_HEADER_BYTES,
    };
  }

  /**
   * Adds the frames of the lowest `layers` layers that the room has not been sent yet, to a batch for `holders`.
   * @returns how many of higher layers were left out.
   * @throws {EncodeError} as `addState`.
   */
  addNew(
    writer: BatchWriter,
    playerIndex: number,
    layers: number,
    holders: SkeletonHolders,
  ): number {
    if (this.#isStateNew) {
      this.addState(writer, playerIndex, holders);
      return 0;
    }
    const [first] = this.#new;
    if (first === undefined) return 0;
    if (this.#isSkeletonNew) this.#addSkeleton(writer, playerIndex, holders);
    const sent = this.#isSettling ? LAYERS_MAX : layers;
    let leftOut = 0;
    for (const frame of this.#new) {
      if (frame.layer < sent) this.#forward(writer, playerIndex, frame);
      else leftOut++;
    }
    if (this.#new.at(-1)!.layer >= sent) this.#isNewestLeftOut = true;
    return leftOut;
  }

  /**
   * Adds all that a newcomer needs to show the newest frame that decodes and decode what follows: the
   * skeleton, the newest layer-0 frame as a keyframe, and the frames after it.
   * @throws {EncodeError} where none of the publisher's frames decodes.
   */
  addState(writer: BatchWriter, playerIndex: number, holders: SkeletonHolders): void {
    const { payload } = this.#layer0Keyframe();
    const layer0 = this.#decodedLayer0!;
    this.#addSkeleton(writer, playerIndex, holders);
    writer.addFrame(playerIndex, { ...layer0, isKey: true }, layer0.revision, payload);
    if (this.#isBroken) return;
    for (const frame of this.#group) this.#forward(writer, playerIndex, frame);
  }

  /**
   * Bytes that `addState` adds for a receiver who holds the skeleton or does not.
   * @throws {EncodeError} as `addState`.
   */
  stateBytes(isSkeletonHeld: boolean): number {
    let bytes = SKELETON_ENTRY_BYTES + (isSkeletonHeld ? 0 : this.#skeletonBytes.length);
    bytes += FRAME_ENTRY_BYTES + this.#layer0Keyframe().payload.length;
    if (this.#isBroken) return bytes;
    for (const { message } of this.#group) bytes += FRAME_ENTRY_BYTES + message.length;
    return bytes;
  }

  /** The revision that a frame's entry says; null: receivers know it from the frame's number. */
  revisionToTell({ isKey, revision }: EncodedFrame): number | null {
    return isKey || !this.#isCountedByNumbers ? revision : null;
  }

  /** Some receivers have not been sent the frames after the newest of layer 0. */
  leaveOut(): void {
    this.#isNewestLeftOut = this.#group.length > 0;
  }

  #forward(writer: BatchWriter, playerIndex: number, frame: EncodedFrame): void {
    const revision = this.revisionToTell(frame);
    writer.addFrame(playerIndex, frame, revision, frame.message, FRAME_HEADER_BYTES);
  }

  #layer0Keyframe(): Keyframe {
    this.#decode();
    const keyframe = (this.#keyframe ??= this.#decoder.encodeKeyframe());
    if (keyframe === null || this.#decodedLayer0 === undefined) {
      throw new EncodeError("unavailable", "$", "its frames do not decode");
    }
    return keyframe;
  }

  /** The room has been sent what was new. */
  markSent(): void {
    if (this.#new.length > 0 || this.#isStateNew) this.#isSkeletonNew = false;
    this.#new.length = 0;
    this.#isStateNew = false;
    this.#isSettling = false;
  }

  #addSkeleton(writer: BatchWriter, playerIndex: number, holders: SkeletonHolders): void {
    const isHeld = holders.name(this.skeletonId);
    writer.addSkeleton(playerIndex, this.skeletonId, isHeld ? null : this.#skeletonBytes);
  }

  #check({ layer, isKey, number, message }: EncodedFrame): void {
    const payloadBytes = message.length - FRAME_HEADER_BYTES;
    if (payloadBytes > this.#payloadBytesMax) {
      throw bad(`a payload of ${payloadBytes} bytes: expected ${this.#payloadBytesMax} or fewer`);
    }
    if (isKey) {
      if (layer !== 0)
        throw bad(`byte 1: a keyframe has number ${number}: expected a multiple of 4`);
      return;
    }
    const layer0 = this.#layer0;
    if (layer0 === undefined) throw bad("byte 0: expected a keyframe");
    // Places in the group: of layer 0 it is 0, and the next group's layer 0 would be 4.
    const place = (number - layer0.number) & 0xff;
    const newestPlace = (this.#newestNumber - layer0.number) & 0xff;
    const follows = layer === 0 ? place === 4 : place > newestPlace && place < 4;
    if (!follows) throw bad(`byte 1: frame ${number} does not follow ${this.#newestNumber}`);
    // [E2] The last of a group refers to the one before it, which is of layer 1; the others to layer 0.
    if (place === 3 && newestPlace !== 2) {
      throw bad(`byte 1: frame ${number} refers to the one before it, which was not sent`);
    }
  }

  #decode(): void {
    const frames = this.#undecoded;
    // Only the newest pose can be asked for: those of earlier groups are not written.
    const groupAt = frames.findLastIndex(({ layer }) => layer === 0);
    for (const [index, frame] of frames.entries()) {
      if (!this.#isBroken) this.#decodeFrame(frame, index >= groupAt ? this.#pose : null);
    }
    frames.length = 0;
    // The newest group begins with garbage: the group before it is the newest that decodes.
    const layer0 = this.#decodedLayer0;
    if (layer0 === undefined || layer0.revision <= (this.#posed?.revision ?? 0)) return;
    this.#decoder.readLayer0(this.#pose);
    this.#posed = layer0;
  }

  #decodeFrame(frame: EncodedFrame, out: Pose | null): void {
    const { layer, number, message, receivedMs } = frame;
    try {
      const payload = message.subarray(FRAME_HEADER_BYTES);
      if (this.#decoder.decode(frame, payload, out) === "decoded") {
        if (out !== null) this.#posed = frame;
        if (layer !== 0) return;
        this.#decodedLayer0 = frame;
        this.#keyframe = null;
        return;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#onGarbled(`frame ${number} of layer ${layer}: ${error.message}`, receivedMs);
    }
    // Newcomers are not sent what does not decode. Above layer 0 little or nothing refers to it.
    if (layer === 0) this.#isBroken = true;
    else if (this.#group.includes(frame)) this.#group.splice(this.#group.indexOf(frame), 1);
  }
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

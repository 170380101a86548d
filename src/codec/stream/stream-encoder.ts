// Poses in, frames out. Holds what a receiver holds, so what it refers to is what they have decoded.
import type { Pose } from "../frame.ts";
import { KeyframeWriter, payloadBytesMax } from "./keyframe.ts";
import { streamModels } from "./models.ts";
import type { Models } from "./models.ts";
import { quantizePose } from "./quantize.ts";
import { RangeEncoder } from "./range-encoder.ts";
import { LAYER_OF_PHASE, References } from "./references.ts";
import type { StreamFrameHeader } from "./references.ts";
import { codeDelta } from "./state-coder.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { equalStates } from "./stream-state.ts";

/** What `StreamEncoder.encode` made. The encoder uses the object and its memory again. */
export interface EncodedStreamFrame extends StreamFrameHeader {
  /** Low 32 bits of microseconds; null: not known. */
  captureTimeUs: number | null;
  payload: Uint8Array<ArrayBuffer>;
}

/** How a stream is encoded. */
export interface StreamEncoderOptions {
  /** Of capture time between keyframes while the avatar moves, microseconds; 2 s unless set, and more breaks [E29]. */
  readonly keyIntervalUs?: number;
  readonly models?: Models;
}

/** What is to be known of a frame besides its pose. */
export interface EncodeOptions {
  /** When the pose was captured, in microseconds, whole or its low 32 bits. */
  readonly captureTimeUs: number | null;
  /** Make it a keyframe. */
  readonly forceKey?: boolean;
}

const KEY_INTERVAL_US = 2_000_000;
/** Where capture times are not known: two seconds at 30 Hz. */
const KEY_INTERVAL_FRAMES = 60;

/** Encodes the poses of one avatar. */
export class StreamEncoder {
  readonly skeleton: StreamSkeleton;
  readonly #references: References;
  readonly #coder: RangeEncoder;
  readonly #keyframes: KeyframeWriter;
  readonly #keyIntervalUs: number;
  readonly #frame: EncodedStreamFrame = {
    layer: 0,
    isKey: false,
    number: 0,
    captureTimeUs: null,
    payload: new Uint8Array(0),
  };
  // The number of the newest frame; the first is 0.
  #number = -1;
  #keyTimeUs: number | null = null;
  #framesSinceKey = 0;
  // A keyframe of what has not changed since the last one would tell nothing new.
  #hasMoved = false;

  constructor(skeleton: StreamSkeleton, options: StreamEncoderOptions = {}) {
    const models = options.models ?? streamModels();
    this.skeleton = skeleton;
    this.#references = new References(skeleton);
    this.#coder = new RangeEncoder(models, payloadBytesMax(skeleton));
    this.#keyframes = new KeyframeWriter(skeleton, models);
    this.#keyIntervalUs = options.keyIntervalUs ?? KEY_INTERVAL_US;
  }

  /**
   * Encodes the next frame. What it returns is valid until the next call.
   * @throws {EncodeError} for a number that is not finite or beyond the skeleton's range; the stream
   * goes on with the next pose as if this one had not been.
   */
  encode(pose: Pose, options: EncodeOptions): EncodedStreamFrame {
    const references = this.#references;
    const state = quantizePose(this.skeleton, pose, references.next);
    const number = (this.#number + 1) & 0xff;
    const resolved = references.resolve(number);
    const time = options.captureTimeUs === null ? null : (options.captureTimeUs % 2 ** 32) >>> 0;
    const isStill = resolved !== null && equalStates(state, resolved.reference);
    if (!isStill) this.#hasMoved = true;
    const frame = this.#frame;
    frame.captureTimeUs = time;
    if (resolved === null || options.forceKey === true || this.#isKeyDue(time)) {
      frame.isKey = true;
      // A group begins at a multiple of 4: a receiver that misses this frame sees that it did.
      frame.number = (number + 3) & 0xfc;
      frame.payload = this.#keyframes.write(state, null);
      this.#keyTimeUs = time;
      this.#framesSinceKey = 0;
      this.#hasMoved = false;
    } else {
      frame.isKey = false;
      frame.number = number;
      this.#coder.start();
      const { mode, reference, before } = resolved;
      codeDelta(this.#coder, this.skeleton, mode, state, reference, before, isStill);
      frame.payload = this.#coder.finish();
      this.#framesSinceKey++;
    }
    frame.layer = LAYER_OF_PHASE[frame.number & 3];
    this.#number = frame.number;
    references.keep(frame);
    return frame;
  }

  #isKeyDue(timeUs: number | null): boolean {
    if (!this.#hasMoved) return false;
    if (timeUs === null || this.#keyTimeUs === null) {
      return this.#framesSinceKey + 1 >= KEY_INTERVAL_FRAMES;
    }
    return (timeUs - this.#keyTimeUs) >>> 0 >= this.#keyIntervalUs;
  }
}

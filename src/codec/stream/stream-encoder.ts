// Poses in, frames out. Keeps the decoded states, as receivers do, so that frames refer to the same numbers.
import { checkPoseSize } from "../frame.ts";
import type { Pose } from "../frame.ts";
import { KeyframeWriter, payloadBytesMax } from "./keyframe.ts";
import { streamModels } from "./models.ts";
import type { Models } from "./models.ts";
import { PoseQuantizer } from "./pose-quantizer.ts";
import { RangeEncoder } from "./range-encoder.ts";
import { References } from "./references.ts";
import type { StreamFrameHeader } from "./references.ts";
import { codeDelta } from "./state-coder.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { equalStates } from "./stream-state.ts";

/** A frame of `StreamEncoder.encode`. The next call uses the object and its memory again. */
export interface EncodedStreamFrame extends StreamFrameHeader {
  /** Low 32 bits of microseconds; null: not known. */
  captureTimeUs: number | null;
  payload: Uint8Array<ArrayBuffer>;
}

/** How a stream is encoded. */
export interface StreamEncoderOptions {
  /** Microseconds of capture time between keyframes while the avatar moves. Default: 2 s, the most that [E29] allows. */
  readonly keyIntervalUs?: number;
  readonly models?: Models;
}

/** How a frame is encoded. */
export interface EncodeOptions {
  /** When the pose was captured, in microseconds, whole or its low 32 bits. */
  readonly captureTimeUs: number | null;
  /** Make it a keyframe. */
  readonly forceKey?: boolean;
}

const KEY_INTERVAL_US = 2_000_000;
/** If capture times are not known: two seconds at 30 Hz. */
const KEY_INTERVAL_FRAMES = 60;

/** Encodes the poses of one avatar. */
export class StreamEncoder {
  readonly skeleton: StreamSkeleton;
  readonly #references: References;
  readonly #quantizer: PoseQuantizer;
  readonly #coder: RangeEncoder;
  readonly #keyframes: KeyframeWriter;
  readonly #keyIntervalUs: number;
  readonly #frame: EncodedStreamFrame = {
    isKey: false,
    number: 0,
    captureTimeUs: null,
    payload: new Uint8Array(0),
  };
  // The number of the newest frame; the first is 0.
  #number = -1;
  #keyTimeUs: number | null = null;
  #framesSinceKey = 0;
  // Since the last keyframe. Without motion, another keyframe would tell nothing new.
  #hasMoved = false;

  constructor(skeleton: StreamSkeleton, options: StreamEncoderOptions = {}) {
    const models = options.models ?? streamModels();
    this.skeleton = skeleton;
    this.#references = new References(skeleton);
    this.#quantizer = new PoseQuantizer(skeleton);
    this.#coder = new RangeEncoder(models, payloadBytesMax(skeleton));
    this.#keyframes = new KeyframeWriter(skeleton, models);
    this.#keyIntervalUs = options.keyIntervalUs ?? KEY_INTERVAL_US;
  }

  /**
   * Encodes the next frame. What it returns is valid until the next call.
   * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton; {EncodeError}
   * for a number that is not finite or beyond the skeleton's range. The stream continues with the next pose, as if
   * this one had not been there.
   */
  encode(pose: Pose, options: EncodeOptions): EncodedStreamFrame {
    checkPoseSize(pose, this.skeleton.skeleton);
    const references = this.#references;
    const number = (this.#number + 1) & 0xff;
    const resolved = references.resolve(number);
    const state = this.#quantizer.quantize(pose, resolved, references.next);
    const time = options.captureTimeUs === null ? null : (options.captureTimeUs % 2 ** 32) >>> 0;
    const isStill = resolved !== null && equalStates(state, resolved.reference);
    if (!isStill) this.#hasMoved = true;
    const frame = this.#frame;
    frame.captureTimeUs = time;
    if (resolved === null || options.forceKey === true || this.#isKeyDue(time)) {
      frame.isKey = true;
      // A group begins at a multiple of 4, so that a receiver that misses this frame notices it.
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

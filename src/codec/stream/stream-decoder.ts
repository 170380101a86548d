// Frames in, poses out. A frame whose reference is missing is no error; a broken frame is one.
import { DecodeError } from "../errors.ts";
import type { Pose } from "../frame.ts";
import { KeyframeWriter, readKeyframe } from "./keyframe.ts";
import { streamModels } from "./models.ts";
import type { Models } from "./models.ts";
import { dequantizePose } from "./dequantize.ts";
import { RangeDecoder } from "./range-decoder.ts";
import { layerOf, References } from "./references.ts";
import type { StreamFrameHeader } from "./references.ts";
import { codeDelta } from "./state-coder.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { createState } from "./stream-state.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * `unknown_reference`: the frame refers to a frame that this decoder does not have. After one on layer 0
 * only a keyframe decodes. After one on layer 1 or 2 the next group decodes.
 */
export type DecodeResult = "decoded" | "unknown_reference";

/** A keyframe of a layer-0 frame, with all that a newcomer's decoder needs for the frames after it. */
export interface Keyframe {
  readonly number: number;
  /** In memory that the next call uses again. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Decodes the frames of one avatar. */
export class StreamDecoder {
  readonly skeleton: StreamSkeleton;
  readonly #references: References;
  readonly #coder: RangeDecoder;
  readonly #models: Models;
  readonly #before: StreamState;
  #keyframes: KeyframeWriter | null = null;

  constructor(skeleton: StreamSkeleton, models: Models = streamModels()) {
    this.skeleton = skeleton;
    this.#references = new References(skeleton);
    this.#coder = new RangeDecoder(models);
    this.#models = models;
    this.#before = createState(skeleton.transformCount, skeleton.restState.weights.length);
  }

  /**
   * Reads one frame and writes its pose into `out`, without time stamps. With null, a caller that only
   * needs the references saves the time.
   * @throws {DecodeError} for a header or a payload that no encoder writes. The decoder is as before.
   */
  decode(header: Readonly<StreamFrameHeader>, payload: Uint8Array, out: Pose | null): DecodeResult {
    checkHeader(header);
    const references = this.#references;
    const state = references.next;
    if (header.isKey) {
      this.#coder.start(payload);
      const hasBefore = readKeyframe(this.#coder, this.skeleton, state, this.#before);
      references.keep(header);
      if (hasBefore) references.setBefore(this.#before);
    } else {
      const resolved = references.resolve(header.number);
      if (resolved === null) {
        // Numbers repeat after 256 frames: later frames must not refer to a frame from before the gap.
        if (layerOf(header.number) === 0) references.clear();
        return "unknown_reference";
      }
      const { mode, reference, before } = resolved;
      this.#coder.start(payload);
      codeDelta(this.#coder, this.skeleton, mode, state, reference, before, false);
      this.#coder.finish();
      references.keep(header);
    }
    if (out !== null) dequantizePose(this.skeleton, state, out);
    return "decoded";
  }

  /** The last layer-0 frame in whole steps, null before the first. Valid until the next `decode`. */
  get layer0State(): StreamState | null {
    return this.#references.layer0;
  }

  /** The layer-0 frame before it, null if it is not known. Valid until the next `decode`. */
  get layer0Before(): StreamState | null {
    return this.#references.layer0Before;
  }

  /** Writes the pose of the last layer-0 frame; returns false before the first. */
  readLayer0(out: Pose): boolean {
    const state = this.#references.layer0;
    if (state !== null) dequantizePose(this.skeleton, state, out);
    return state !== null;
  }

  /** The last layer-0 frame as a keyframe after which the publisher's next frames decode exactly. */
  encodeKeyframe(): Keyframe | null {
    const { layer0, layer0Before, layer0Number } = this.#references;
    if (layer0 === null || layer0Number === null) return null;
    this.#keyframes ??= new KeyframeWriter(this.skeleton, this.#models);
    return { number: layer0Number, payload: this.#keyframes.write(layer0, layer0Before) };
  }

  /** Forgets all frames: the next one must be a keyframe. */
  reset(): void {
    this.#references.clear();
  }
}

function checkHeader({ isKey, number }: Readonly<StreamFrameHeader>): void {
  const layer = layerOf(number);
  if (!isKey || layer === 0) return;
  const detail = `a keyframe has number ${number}, which is of layer ${layer}`;
  throw new DecodeError("bad_header", { byteOffset: 0 }, detail);
}

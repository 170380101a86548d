// Reads where an avatar is: the root of its layer-0 frames, without the bones. The root comes first in every state
// ([E26]) and is predicted from earlier roots alone, so a few symbols tell it, however large the body is.
import { DecodeError } from "../errors.ts";
import { TRANSFORM_FLOATS } from "../frame.ts";
import { dequantizePose } from "./dequantize.ts";
import { readKeyframe } from "./keyframe.ts";
import { FlagTable, streamModels } from "./models.ts";
import { RangeDecoder } from "./range-decoder.ts";
import { References } from "./references.ts";
import type { StreamFrameHeader } from "./references.ts";
import { codeDelta, codeKey } from "./state-coder.ts";
import { assembleStreamSkeleton, restPoseOf } from "./stream-skeleton.ts";
import type { StreamSkeleton } from "./stream-skeleton.ts";
import { createState } from "./stream-state.ts";

// A payload is read from its first symbol each time, so that all readers share one decoder.
let sharedDecoder: RangeDecoder | undefined;

export class RootReader {
  /** The root of the last frame that was read: position xyz, rotation xyzw, scale xyz; at first that of the rest. */
  readonly root: Float32Array<ArrayBuffer>;
  readonly #skeleton: StreamSkeleton;
  // The skeleton without bones and blend shapes: what is coded of the root is all that it codes.
  readonly #rootSkeleton: StreamSkeleton;
  readonly #references: References;
  readonly #pose: ReturnType<typeof restPoseOf>;
  readonly #coder: RangeDecoder;

  constructor(skeleton: StreamSkeleton) {
    this.#skeleton = skeleton;
    this.#rootSkeleton = rootOf(skeleton);
    this.#references = new References(this.#rootSkeleton);
    this.#pose = restPoseOf(this.#rootSkeleton);
    this.root = this.#pose.root;
    sharedDecoder ??= new RangeDecoder(streamModels());
    this.#coder = sharedDecoder;
  }

  /**
   * Reads the root of a layer-0 frame into `root`. Every layer-0 frame from a keyframe on has to be read.
   * @returns false if nothing is known of it: its reference is missing, or what was read is garbage. The next
   * keyframe is read. Garbage after the root is not noticed.
   */
  read(header: Readonly<StreamFrameHeader>, payload: Uint8Array): boolean {
    const references = this.#references;
    try {
      if (!this.#decode(header, payload)) {
        references.clear();
        return false;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      references.clear();
      return false;
    }
    dequantizePose(this.#rootSkeleton, references.layer0!, this.#pose);
    return true;
  }

  #decode(header: Readonly<StreamFrameHeader>, payload: Uint8Array): boolean {
    const references = this.#references;
    if (header.isKey) {
      this.#decodeKeyframe(header, payload);
      return true;
    }
    const resolved = references.resolve(header.number);
    if (resolved === null) return false;
    const { mode, reference, before } = resolved;
    this.#coder.start(payload);
    codeDelta(this.#coder, this.#rootSkeleton, mode, references.next, reference, before, false);
    references.keep(header);
    return true;
  }

  #decodeKeyframe(header: Readonly<StreamFrameHeader>, payload: Uint8Array): void {
    const references = this.#references;
    this.#coder.start(payload);
    if (this.#coder.symbol(FlagTable.HasBefore, 0) === 0) {
      codeKey(this.#coder, this.#rootSkeleton, references.next);
      references.keep(header);
      return;
    }
    // The frame before is coded after the whole state. No publisher sends such a keyframe ([E25]): only servers do.
    const { transformCount, restState } = this.#skeleton;
    const state = createState(transformCount, restState.weights.length);
    const before = createState(transformCount, restState.weights.length);
    this.#coder.start(payload);
    readKeyframe(this.#coder, this.#skeleton, state, before);
    copyRoot(state, references.next);
    references.keep(header);
    references.setBefore(copyRoot(before, createState(1, 0)));
  }
}

function copyRoot(from: ReturnType<typeof createState>, out: ReturnType<typeof createState>) {
  out.rotations.set(from.rotations.subarray(0, 3));
  out.positions.set(from.positions.subarray(0, 3));
  out.scales.set(from.scales.subarray(0, 3));
  return out;
}

function rootOf(skeleton: StreamSkeleton): StreamSkeleton {
  const { rest, weightScale, rotationSteps, positionSteps, scaleSteps } = skeleton;
  return assembleStreamSkeleton(
    { boneNames: [], blendShapeNames: [] },
    rest.slice(0, TRANSFORM_FLOATS),
    weightScale,
    {
      rotationSteps: rotationSteps.slice(0, 1),
      positionSteps: positionSteps.slice(0, 1),
      scaleSteps: scaleSteps.slice(0, 1),
    },
  );
}

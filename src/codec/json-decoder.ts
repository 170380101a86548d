// Checks the JSON frames of one player. While they differ in nothing but numbers, a frame costs one
// pass over its bytes.
import { numberOffset, outlineOf } from "./json-outline.ts";
import type { FrameOutline } from "./json-outline.ts";
import { withLikelyCause } from "./json-fault.ts";
import { decodeJson } from "./json.ts";
import type { FrameDocument } from "./json.ts";
import { JsonShape } from "./json-shape.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

// Making a shape costs as much as parsing, so a shape that never fits is made less and less often.
const ATTEMPT_INTERVAL_MAX = 64;
// A body of 81 bones and 52 blend shapes has 16 KB, and 1,024 of each have some 250 KB. A larger text is mostly something
// else, and may be one long string: comparing it saves nothing.
const SHAPE_BYTES_MAX = 512 * 1024;

/** Checks the frames of one player. */
export class JsonDecoder {
  readonly #limits: FrameLimits;
  #shape: JsonShape | undefined;
  #outline: FrameOutline | undefined;
  #timestamp: number | null = null;
  #misses = 0;
  #attemptInterval = 1;

  constructor(limits: FrameLimits = DEFAULT_FRAME_LIMITS) {
    this.#limits = limits;
  }

  /** The `timestamp` of the frame that was checked last; null if it has none. */
  get timestamp(): number | null {
    return this.#timestamp;
  }

  /**
   * Checks one frame as `decodeJson` does. Where it is not JSON, the error has the likely cause.
   * @throws {DecodeError} naming the byte or the JSON path.
   */
  check(bytes: Uint8Array): FrameOutline {
    if (this.#outline !== undefined && this.#shape?.matches(bytes) === true) {
      this.#misses = 0;
      this.#attemptInterval = 1;
      this.#timestamp = this.#shape.watchedNumber(bytes);
      return this.#outline;
    }
    const frame = this.#decode(bytes);
    const outline = outlineOf(frame, bytes);
    this.#timestamp = frame.timestamp ?? null;
    // Of all that keeps a frame out of a format, only this depends on a number.
    if (outline.misfit?.code === "beyond_f32") return outline;
    if (bytes.length <= SHAPE_BYTES_MAX && ++this.#misses >= this.#attemptInterval) {
      this.#shape = new JsonShape(bytes, numberOffset(bytes, "timestamp"));
      this.#outline = outline;
      this.#misses = 0;
      this.#attemptInterval = Math.min(2 * this.#attemptInterval, ATTEMPT_INTERVAL_MAX);
    }
    return outline;
  }

  #decode(bytes: Uint8Array): FrameDocument {
    try {
      return decodeJson(bytes, this.#limits);
    } catch (error) {
      throw withLikelyCause(error, bytes);
    }
  }
}

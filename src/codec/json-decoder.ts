// Checks the JSON frames of one player. While they differ in nothing but numbers, a frame costs one
// pass over its bytes.
import { outlineOf } from "./json-outline.ts";
import type { FrameOutline } from "./json-outline.ts";
import { decodeJson } from "./json.ts";
import { JsonShape } from "./json-shape.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

// Making a shape costs as much as parsing, so a shape that never fits is made less and less often.
const ATTEMPT_INTERVAL_MAX = 64;

/** Checks the frames of one player. */
export class JsonDecoder {
  readonly #limits: FrameLimits;
  #shape: JsonShape | undefined;
  #outline: FrameOutline | undefined;
  #misses = 0;
  #attemptInterval = 1;

  constructor(limits: FrameLimits = DEFAULT_FRAME_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Checks one frame as `decodeJson` does.
   * @throws {DecodeError} naming the byte or the JSON path.
   */
  check(bytes: Uint8Array): FrameOutline {
    if (this.#outline !== undefined && this.#shape?.matches(bytes) === true) {
      this.#misses = 0;
      this.#attemptInterval = 1;
      return this.#outline;
    }
    const outline = outlineOf(decodeJson(bytes, this.#limits), bytes);
    if (++this.#misses >= this.#attemptInterval) {
      this.#shape = new JsonShape(bytes);
      this.#outline = outline;
      this.#misses = 0;
      this.#attemptInterval = Math.min(2 * this.#attemptInterval, ATTEMPT_INTERVAL_MAX);
    }
    return outline;
  }
}

// Checks the JSON frames of one player. While they differ in nothing but numbers, a frame costs one
// pass over its bytes.
import { decodeJson } from "./json.ts";
import type { FrameDocument } from "./json.ts";
import { topLevelMembers } from "./json-scan.ts";
import { JsonShape } from "./json-shape.ts";
import { DEFAULT_FRAME_LIMITS } from "./limits.ts";
import type { FrameLimits } from "./limits.ts";

/** What is the same in all documents of one shape. */
export interface FrameOutline {
  readonly boneCount: number;
  readonly blendShapeCount: number;
  /** No member at all. */
  readonly isEmpty: boolean;
  /** Where `server_timestamp` stands at the top level: as the last member and once, or otherwise. */
  readonly serverTimestamp: "absent" | "last" | "elsewhere";
}

// A shape costs as much as parsing, so where it never fits twice it is made ever more seldom.
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

/** What of a document does not depend on its numbers. */
export function outlineOf(document: FrameDocument, bytes: Uint8Array): FrameOutline {
  return {
    boneCount: document.bones?.length ?? 0,
    blendShapeCount: document.blendShapes?.length ?? 0,
    isEmpty: Object.keys(document).length === 0,
    serverTimestamp: Object.hasOwn(document, "server_timestamp")
      ? placeOfServerTimestamp(bytes)
      : "absent",
  };
}

function placeOfServerTimestamp(bytes: Uint8Array): "last" | "elsewhere" {
  const members = topLevelMembers(new TextDecoder().decode(bytes));
  const isLast = members.findIndex(({ key }) => key === "server_timestamp") === members.length - 1;
  return isLast ? "last" : "elsewhere";
}

// Plays a clip in a loop at its own rate. Pure: time is passed in, and each frame that is due is returned.
import type { AvatarFrame } from "../codec/index.ts";
import type { Clip } from "./clip.ts";

/** Plays a clip in an endless loop. */
export class Replay {
  readonly #clip: Clip;
  readonly #startMs: number;
  readonly #firstSeconds: number;
  readonly #durationMs: number;
  #lastIndex = -1;

  /** Starts at the first frame at `startMs`. The clip needs two frames or more. */
  constructor(clip: Clip, startMs: number) {
    const first = clip[0].timestamp;
    const last = clip[clip.length - 1].timestamp;
    this.#clip = clip;
    this.#startMs = startMs;
    this.#firstSeconds = first;
    // The last frame is shown for as long as the others on average.
    this.#durationMs = ((last - first) * 1000 * clip.length) / (clip.length - 1);
  }

  /** The frame that is due at `nowMs`, stamped with that time; undefined if it was returned already. */
  frameAt(nowMs: number): AvatarFrame | undefined {
    const seconds = ((nowMs - this.#startMs) % this.#durationMs) / 1000 + this.#firstSeconds;
    const index = this.#indexAt(seconds);
    if (index === this.#lastIndex) return undefined;
    this.#lastIndex = index;
    return { ...this.#clip[index], timestamp: nowMs / 1000 };
  }

  /** The last frame whose time stamp is not after `seconds`, by binary search. */
  #indexAt(seconds: number): number {
    let low = 0;
    let high = this.#clip.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#clip[middle].timestamp <= seconds) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

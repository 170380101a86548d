// A player of the simulated crowd: where it walks, and the frames that it publishes.
import { layerOf } from "../../src/codec/stream/index.ts";
import type { Random } from "../random.ts";

/** A published frame. Numbers count on, they do not wrap. */
export interface CrowdFrame {
  readonly number: number;
  readonly layer: number;
  /** Whether the frame needs no other. */
  readonly isKey: boolean;
  readonly bytes: number;
  readonly publishedMs: number;
  /** When the frame of layer 0 was published that it refers to, itself if it is one. */
  readonly groupMs: number;
}

const KEYFRAME_AFTER_MS = 2000;

export class CrowdPlayer {
  readonly index: number;
  x: number;
  y = 0;
  z: number;
  /** Frames a second; 0: it has stopped. */
  hz = 20;
  /** How large its frames are: 0 at rest, 1 in motion. */
  liveliness = 1;
  /** New since the last tick. */
  readonly fresh: CrowdFrame[] = [];
  /** A new stream has begun since the last tick. */
  isRestarted = true;
  /** The newest frame of layer 0, and those after it. */
  group: CrowdFrame[] = [];
  skeletonBytes: number;
  readonly #random: Random;
  #target: readonly [number, number];
  #dueMs: number;
  #number = -1;
  #keyMs = -Infinity;
  #isSettled = true;

  constructor(index: number, random: Random, nowMs: number) {
    this.index = index;
    this.#random = random;
    [this.x, this.z] = [random.between(-40, 40), random.between(-40, 40)];
    this.#target = [this.x, this.z];
    this.#dueMs = nowMs + random.between(0, 50);
    this.skeletonBytes = skeletonBytes(random);
  }

  get newest(): CrowdFrame | undefined {
    return this.group.at(-1);
  }

  goTo(x: number, z: number): void {
    this.#target = [x, z];
  }

  jumpTo(x: number, z: number): void {
    [this.x, this.z] = [x, z];
    this.#target = [x, z];
  }

  /** The next frame is of another skeleton. */
  restart(): void {
    this.isRestarted = true;
    this.skeletonBytes = skeletonBytes(this.#random);
    this.#keyMs = -Infinity;
  }

  /** Walks and publishes until `nowMs`. */
  advance(nowMs: number, elapsedMs: number): void {
    const [x, z] = [this.#target[0] - this.x, this.#target[1] - this.z];
    const far = Math.hypot(x, z);
    // 1.5 m/s.
    const step = Math.min(1, (0.0015 * elapsedMs) / Math.max(far, 1e-9));
    this.x += x * step;
    this.z += z * step;
    if (this.hz === 0) {
      this.#dueMs = nowMs;
      return;
    }
    for (; this.#dueMs <= nowMs; this.#dueMs += 1000 / this.hz) this.#publish(this.#dueMs);
  }

  /** Once a pause has begun, the frames after the newest of layer 0; else none. */
  settle(): readonly CrowdFrame[] {
    const isPaused = this.#isSettled;
    this.#isSettled = true;
    return isPaused || this.fresh.length > 0 ? [] : this.group.slice(1);
  }

  #publish(publishedMs: number): void {
    this.#isSettled = false;
    const isKey = publishedMs - this.#keyMs >= KEYFRAME_AFTER_MS;
    this.#number++;
    if (isKey) {
      this.#keyMs = publishedMs;
      this.#number = 4 * Math.ceil(this.#number / 4);
    }
    const layer = layerOf(this.#number);
    const payload = isKey ? 150 : [75, 45, 59][layer];
    const bytes = 8 + Math.ceil(payload * this.liveliness * this.#random.between(0.6, 1.4));
    if (layer === 0) this.group = [];
    const groupMs = this.group[0]?.publishedMs ?? publishedMs;
    const frame = { number: this.#number, layer, isKey, bytes, publishedMs, groupMs };
    this.group.push(frame);
    this.fresh.push(frame);
  }
}

/** Mostly some kilobytes, rarely as large as a message may be. */
function skeletonBytes(random: Random): number {
  return random.chance(0.01) ? random.below(180_000) : Math.floor(random.between(500, 7000));
}

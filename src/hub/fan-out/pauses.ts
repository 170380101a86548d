// Which players of a crowd have paused while some of its receivers were not sent their newest frame.

/** Without a frame for this long a player has paused. */
const PAUSED_AFTER_MS = 100;

export class Pauses {
  readonly #newestMs: Float64Array;
  readonly #isLeftOut: Uint8Array;

  /** For player indices below `indexCount`. */
  constructor(indexCount: number) {
    this.#newestMs = new Float64Array(indexCount);
    this.#isLeftOut = new Uint8Array(indexCount);
  }

  /** A player has a new frame. `isLeftOut`: not everybody who has the player in sight is sent it. */
  note(index: number, isLeftOut: boolean, nowMs: number): void {
    this.#newestMs[index] = nowMs;
    this.#isLeftOut[index] = isLeftOut ? 1 : 0;
  }

  /** Whether the player has paused, and its newest frame is owed to some. True once a pause. */
  take(index: number, nowMs: number): boolean {
    if (this.#isLeftOut[index] !== 1 || nowMs - this.#newestMs[index] < PAUSED_AFTER_MS)
      return false;
    this.#isLeftOut[index] = 0;
    return true;
  }

  forget(index: number): void {
    this.#isLeftOut[index] = 0;
  }
}

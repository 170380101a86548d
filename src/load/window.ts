// The measured time: frames that are sent in it count, whenever they arrive.

export class Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #phasesUs: Float64Array;
  readonly #epochLow32: number;

  /**
   * `phasesMs`, indexed by place (see `placeOf`), is when a player's first frame is due after the epoch. A
   * player's own window starts half an interval before such a time, so that its edges lie between frames:
   * the player sends exactly hz x seconds frames in it.
   */
  constructor(options: {
    epochMs: number;
    startMs: number;
    endMs: number;
    phasesMs: readonly number[];
    intervalMs: number;
  }) {
    const { epochMs, startMs, endMs, phasesMs, intervalMs } = options;
    this.startMs = startMs;
    this.endMs = endMs;
    this.#epochLow32 = low32Us(epochMs);
    this.#startUs = (startMs - epochMs) * 1000;
    this.#endUs = (endMs - epochMs) * 1000;
    this.#phasesUs = Float64Array.from(phasesMs, (phase) => (phase - intervalMs / 2) * 1000);
  }

  /** Microseconds from the epoch to a time within half an hour of it, given by its low 32 bits. */
  sinceEpochUs(low32: number): number {
    return (low32 - this.#epochLow32) | 0;
  }

  contains(place: number, sentUs: number): boolean {
    return sentUs >= this.#startUs + this.#phasesUs[place] && !this.isPast(place, sentUs);
  }

  isPast(place: number, sentUs: number): boolean {
    return sentUs >= this.#endUs + this.#phasesUs[place];
  }
}

/** A seat's number among all seats of a load. */
export function placeOf(
  { room, player }: { readonly room: number; readonly player: number },
  { players }: { readonly players: number },
): number {
  return room * players + player;
}

/** As a frame's header carries it. */
export function low32Us(ms: number): number {
  return Math.floor(ms * 1000) % 2 ** 32;
}

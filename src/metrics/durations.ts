// How long something takes, as a histogram with fixed bounds: nothing is allocated for an observation.

// From what nobody notices to a server that is stuck. A tick at 30 Hz has 33 ms, a frame at 60 Hz 17 ms.
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export class Durations {
  static readonly boundsSeconds: readonly number[] = BOUNDS_SECONDS;
  // The last one is of all durations over the highest bound.
  readonly #counts = new Float64Array(BOUNDS_SECONDS.length + 1);
  #sumSeconds = 0;
  #newestSeconds = 0;

  observe(seconds: number): void {
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    this.#counts[bucket < 0 ? BOUNDS_SECONDS.length : bucket]++;
    this.#sumSeconds += seconds;
    this.#newestSeconds = seconds;
  }

  get sumSeconds(): number {
    return this.#sumSeconds;
  }

  /** The newest observation; 0 before the first. */
  get newestSeconds(): number {
    return this.#newestSeconds;
  }

  /** Observations up to each bound, and then all of them. */
  cumulativeCounts(): number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => (sum += count));
  }
}

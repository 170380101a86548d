// The server's clock, as told by pings and pongs.
//
// Cristian's algorithm (F. Cristian, "Probabilistic clock synchronization", 1989): the server read its
// clock at some moment between a ping and its pong, so the true offset lies within half a round trip of
// the middle. The sample with the shortest round trip of the last half minute is the narrowest such
// interval and wins, as in NTP's clock filter (RFC 5905, section 10). If the interval of a sample does not
// overlap the winner's, one of the clocks was set: then the estimate starts again.

/** One ping and its pong. Times in milliseconds of the local clock. */
export interface ClockSample {
  readonly sentMs: number;
  readonly receivedMs: number;
  /** The server's clock when it answered, microseconds since 1970. */
  readonly serverTimeUs: number;
}

interface Measured {
  readonly receivedMs: number;
  readonly rttMs: number;
  readonly offsetMs: number;
}

/** A ping every 2 s: half a minute of pings. */
const SAMPLES_MAX = 16;
// The first answer may have waited for a busy start. Of three, one was quick.
const SYNCED_SAMPLES_MIN = 3;
// How far apart two true intervals may be: 30 s of drift at 100 ppm is 3 ms, and a server's clock that counts
// whole milliseconds is off by up to one.
const DISAGREEMENT_MAX_MS = 5;
// A new estimate is approached at 5 %: 20 ms take 0.4 s. Motion that is played by this clock is not visibly
// faster or slower, and time never runs backwards.
const SLEW = 0.05;
// From this on a jump disturbs less than a long approach.
const STEP_MS = 250;

/** Estimates the server's clock from pongs. Time is passed in. */
export class ClockSync {
  #samples: Measured[] = [];
  #hasBeenSynced = false;
  // The offset is `#fromMs` at local time `#atMs`, and moves towards `#toMs` from then.
  #fromMs = 0;
  #toMs = 0;
  #atMs = 0;

  /** Notes one pong. A pong from before its ping is ignored. */
  addSample({ sentMs, receivedMs, serverTimeUs }: ClockSample): void {
    const rttMs = receivedMs - sentMs;
    const offsetMs = serverTimeUs / 1000 - (sentMs + receivedMs) / 2;
    if (!(rttMs >= 0) || !Number.isFinite(offsetMs)) return;
    const sample = { receivedMs, rttMs, offsetMs };
    const best = this.#best();
    if (best !== undefined && !agree(best, sample)) this.#samples = [];
    if (this.#samples.length === SAMPLES_MAX) this.#samples.shift();
    this.#samples.push(sample);
    this.#approach((this.#best() ?? sample).offsetMs, receivedMs);
    this.#hasBeenSynced ||= this.isSynced;
  }

  /** Whether enough samples agree to stamp times with. */
  get isSynced(): boolean {
    return this.#samples.length >= SYNCED_SAMPLES_MIN;
  }

  /** The shortest round trip of the samples, milliseconds; null before the first pong. */
  get rttMs(): number | null {
    return this.#best()?.rttMs ?? null;
  }

  /** What to add to the local clock at `nowMs`, in milliseconds, to get the server's; 0 before the first pong. */
  offsetMs(nowMs: number): number {
    const reachMs = SLEW * Math.max(0, nowMs - this.#atMs);
    const way = this.#toMs - this.#fromMs;
    return this.#fromMs + Math.min(Math.max(way, -reachMs), reachMs);
  }

  /** The server's clock at local time `nowMs`: milliseconds since 1970. */
  serverTimeMs(nowMs: number): number {
    return nowMs + this.offsetMs(nowMs);
  }

  #approach(offsetMs: number, nowMs: number): void {
    const currentMs = this.offsetMs(nowMs);
    // Nothing uses the clock before it is synced.
    const steps = !this.#hasBeenSynced || Math.abs(offsetMs - currentMs) > STEP_MS;
    this.#fromMs = steps ? offsetMs : currentMs;
    this.#toMs = offsetMs;
    this.#atMs = nowMs;
  }

  #best(): Measured | undefined {
    let best: Measured | undefined;
    for (const sample of this.#samples) {
      // Of equal ones the newer, which has drifted less.
      if (best === undefined || sample.rttMs <= best.rttMs) best = sample;
    }
    return best;
  }
}

function agree(a: Measured, b: Measured): boolean {
  const apartMs = Math.abs(a.offsetMs - b.offsetMs);
  return apartMs <= (a.rttMs + b.rttMs) / 2 + DISAGREEMENT_MAX_MS;
}

// Place track: where a player was lately, by messages of everybody's place, and where it is shown. Time is passed in.
//
//   track.push({ serverMs, arrivalMs, x, y, z, heading });
//   track.sample(nowMs, out);        // interpolated, a little in the past, nothing allocated
//
// As with poses, what counts is how long a place must last: from its own time to the arrival of the next. The longest
// of the last few is how late places are shown. So it is right for 5 places a second and for one in two seconds.
import { mix } from "./interpolate.ts";

/** Where a player is: what is known of those too who are out of sight. */
export interface Place {
  /** Metres, in the coordinate system that `sample` converts to. Of the root: mostly the floor below the player. */
  readonly position: Float32Array<ArrayBuffer>;
  /** How far the root is turned about the vertical axis, from -pi to pi. 0: as it was published without rotation. */
  headingRadians: number;
}

export interface TimedPlace {
  /** The server's clock, milliseconds. */
  readonly serverMs: number;
  /** The local clock, milliseconds. */
  readonly arrivalMs: number;
  /** Metres, as published. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Radians about the vertical axis. */
  readonly heading: number;
}

// Three steps: enough to see a slow one, and at 2 places a second forgotten after two seconds.
const PLACES_MAX = 4;
const FLOATS = 6;
// A longer step is a pause or a lost line, which no delay could cover.
const STEP_MAX_MS = 5000;
// Earlier than the newest place by more: the server's clock was set, or it is another server.
const STEP_BACK_MS = 1000;
// Nobody walks, runs or rides that fast: the player was moved, and is shown where it was until it is elsewhere.
const SPEED_MAX_METRES_PER_MS = 0.03;
// A change of the delay is shown as slower or faster motion, as of poses.
const SLOWER = 0.5;
const FASTER = 0.25;

export class PlaceTrack {
  // In order of time, each: server time, arrival, x, y, z, heading. The first `#count` are held.
  readonly #places = new Float64Array(PLACES_MAX * FLOATS);
  #count = 0;
  // Local time minus the server's time that is shown then; null until there are two places.
  #lagMs: number | null = null;
  #sampledMs = 0;

  /** Notes a place. One that is not newer than the last one is ignored. */
  push({ serverMs, arrivalMs, x, y, z, heading }: TimedPlace): void {
    if (this.#count > 0) {
      const newestMs = this.#places[this.#at(this.#count - 1)];
      if (serverMs < newestMs - STEP_BACK_MS || serverMs > newestMs + STEP_MAX_MS) this.reset();
      else if (serverMs <= newestMs) return;
    }
    const places = this.#places;
    if (this.#count === PLACES_MAX) {
      places.copyWithin(0, FLOATS);
      this.#count--;
    }
    const at = this.#at(this.#count++);
    places[at] = serverMs;
    places[at + 1] = arrivalMs;
    places[at + 2] = x;
    places[at + 3] = y;
    places[at + 4] = z;
    places[at + 5] = heading;
  }

  /** Forgets everything: the player is on another server, or was not told of for long. */
  reset(): void {
    this.#count = 0;
    this.#lagMs = null;
  }

  /** Writes the place to show at local time `nowMs`. False if none is known: `out` is then unchanged. */
  sample(nowMs: number, out: Place): boolean {
    if (this.#count === 0) return false;
    const places = this.#places;
    const shownMs = this.#advance(nowMs);
    let index = this.#count - 1;
    while (index > 0 && places[this.#at(index)] > shownMs) index--;
    const older = this.#at(index);
    const newer = index === this.#count - 1 ? older : older + FLOATS;
    const stepMs = places[newer] - places[older];
    // Before the first place and after the newest one the player is there.
    let t = stepMs > 0 ? Math.min(Math.max((shownMs - places[older]) / stepMs, 0), 1) : 0;
    if (this.#isJump(older, newer)) t = Math.floor(t);
    for (let axis = 0; axis < 3; axis++) {
      out.position[axis] = mix(places[older + 2 + axis], places[newer + 2 + axis], t);
    }
    out.headingRadians = mixAngles(places[older + 5], places[newer + 5], t);
    return true;
  }

  #at(index: number): number {
    return index * FLOATS;
  }

  #isJump(older: number, newer: number): boolean {
    const places = this.#places;
    const distance = Math.hypot(
      places[newer + 2] - places[older + 2],
      places[newer + 3] - places[older + 3],
      places[newer + 4] - places[older + 4],
    );
    return distance > SPEED_MAX_METRES_PER_MS * (places[newer] - places[older]);
  }

  /** The server's time to show at `nowMs`. */
  #advance(nowMs: number): number {
    const wantedMs = this.#wantedLagMs();
    if (wantedMs === null) return Infinity;
    const elapsedMs = Math.max(0, nowMs - this.#sampledMs);
    this.#sampledMs = Math.max(this.#sampledMs, nowMs);
    if (this.#lagMs === null) this.#lagMs = wantedMs;
    const wayMs = wantedMs - this.#lagMs;
    const stepMs = wayMs > 0 ? SLOWER * elapsedMs : FASTER * elapsedMs;
    this.#lagMs += Math.min(Math.max(wayMs, -stepMs), stepMs);
    // Time waits at the newest place: motion continues from there, and does not jump to where it would be.
    const shownMs = Math.min(nowMs - this.#lagMs, this.#places[this.#at(this.#count - 1)]);
    this.#lagMs = nowMs - shownMs;
    return shownMs;
  }

  /** The longest that a place had to last; null with fewer than two. */
  #wantedLagMs(): number | null {
    if (this.#count < 2) return null;
    let longest = -Infinity;
    for (let index = 1; index < this.#count; index++) {
      const at = this.#at(index);
      longest = Math.max(longest, this.#places[at + 1] - this.#places[at - FLOATS]);
    }
    return longest;
  }
}

/** A place at the origin, for `PlaceTrack.sample`. */
export function createPlace(): Place {
  return { position: new Float32Array(3), headingRadians: 0 };
}

/** The angle at `t` from one to the other, along the shorter arc, from -pi to pi. */
function mixAngles(a: number, b: number, t: number): number {
  return wrap(a + wrap(b - a) * t);
}

const wrap = (angle: number) => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));

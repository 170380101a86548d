// Whether a time that an application passes is one of `performance.now`. Others are easily passed instead, and
// would show the player in the wrong place or the wrong time.

/** A pose that is older than this when it is published was not captured then. */
const AGE_MAX_MS = 2000;
/** Displays predict poses for the picture after next: 33 ms at 60 Hz. */
const AHEAD_MAX_MS = 500;
// A page that is younger than AGE_MAX_MS has no time that would be too old. Two mistakes are recognised all the same.
const YOUNG_MS = 100;
const SECONDS_TOLERANCE = 0.05;

/** What is wrong with a capture time, as a sentence for whoever passed it; null if nothing is. */
export function captureTimeFault(captureTimeMs: number, nowMs: number): string | null {
  const isNear =
    captureTimeMs >= nowMs - AGE_MAX_MS &&
    captureTimeMs <= nowMs + AHEAD_MAX_MS &&
    !(nowMs > YOUNG_MS && (captureTimeMs === 0 || isSeconds(captureTimeMs, nowMs)));
  if (isNear) return null;
  return (
    `the capture time is ${captureTimeMs}${likeness(captureTimeMs, nowMs)}; expected milliseconds of ` +
    `performance.now(), which is ${Math.round(nowMs)}: the time of the call is taken instead`
  );
}

function likeness(captureTimeMs: number, nowMs: number): string {
  if (captureTimeMs > 1e11) return ", as of Date.now()";
  if (captureTimeMs > 1e9) return ", as of seconds since 1970";
  return isSeconds(captureTimeMs, nowMs) ? ", as of seconds" : "";
}

function isSeconds(captureTimeMs: number, nowMs: number): boolean {
  return Math.abs(captureTimeMs * 1000 - nowMs) < SECONDS_TOLERANCE * nowMs;
}

// Capture times are sent as the low 32 bits of microseconds on the server's clock. They wrap every 71.6 minutes, so
// the time at which they came tells which turn is meant.

const WRAP_US = 2 ** 32;
// Frames are old more often than they are ahead: an avatar at rest sends none, and a clock is rarely wrong by minutes.
const AHEAD_TURN_US = 60e6;
/** A clock that is synchronised is not off by more. A capture time that is further ahead is wrong. */
const AHEAD_MAX_US = 1e6;

/**
 * The full time, in microseconds, of a frame that came at `arrivalUs` with these low 32 bits of its capture time:
 * up to 70 minutes before. One that is more than a second ahead is wrong, and `arrivalUs` is returned.
 */
export function captureTimeOf(low32: number, arrivalUs: number): number {
  const ageUs = modulo(arrivalUs + AHEAD_TURN_US - low32, WRAP_US) - AHEAD_TURN_US;
  return ageUs < -AHEAD_MAX_US ? arrivalUs : Math.round(arrivalUs - ageUs);
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}

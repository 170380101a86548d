// Capture times are the low 32 bits of microseconds on the server's clock. They wrap every 71.6 minutes, so
// a full time nearby tells which turn is meant.

const WRAP_US = 2 ** 32;

/** The full time, in microseconds, that has these low 32 bits and is nearest to `nearUs`. */
export function nearestTimeUs(low32: number, nearUs: number): number {
  const turn = Math.round((nearUs - low32) / WRAP_US);
  return low32 + turn * WRAP_US;
}

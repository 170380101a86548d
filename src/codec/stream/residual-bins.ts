// Signed numbers as symbols. Each small number has its own symbol. Larger ones share a bin of half an
// octave, and raw bits tell their place in it. Rule E18.

/** Each zigzag code below this has its own bin. */
export const LARGE_BIN = 16;
/** Enough for codes below 2^22: a position at one end of its range, predicted beyond the other end. */
export const BIN_COUNT = 52;

/** 0 -1 1 -2 2 … as 0 1 2 3 4 … */
export function zigzag(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export function unzigzag(code: number): number {
  return (code >>> 1) ^ -(code & 1);
}

/** The bin of a code of 16 or more, by its highest bit and the bit after it. */
export function binOf(code: number): number {
  const octave = 31 - Math.clz32(code);
  return LARGE_BIN + 2 * (octave - 4) + ((code >>> (octave - 1)) & 1);
}

/** Raw bits that follow a bin of 16 or more. */
export function binBits(bin: number): number {
  return 3 + ((bin - LARGE_BIN) >>> 1);
}

/** The smallest code of a bin of 16 or more. */
export function binStart(bin: number): number {
  return (2 + (bin & 1)) << binBits(bin);
}

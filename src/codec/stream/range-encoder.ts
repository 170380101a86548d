// Range encoder with carry. A sequence of symbols is a sub-interval of [0, 1). Its bytes are the shortest
// number in that interval, as digits of base 256. Rules E20 to E23.
//
// It uses 30 bits, so that every sum and product below is an int32, which engines compute fastest.
import { binBits, binOf, LARGE_BIN, zigzag } from "./residual-bins.ts";
import { FREQUENCY_BITS, SYMBOLS_MAX } from "./models.ts";
import type { Models } from "./models.ts";

/** The interval's unit is 2^-30 of the interval that the bytes before it left. */
export const INTERVAL_BITS = 30;
/** Below this range the next byte is known, and the interval is stretched by 256. */
export const INTERVAL_MIN = 2 ** 22;
/** Raw bits in one step: with more, the interval would be too coarse. */
export const RAW_BITS_MAX = 12;

const WHOLE = 2 ** INTERVAL_BITS;

/** Writes the symbols of frames into one buffer. */
export class RangeEncoder {
  /** An encoder has read nothing. */
  readonly byteOffset = 0;
  readonly #cumulative: Uint16Array;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #low = 0;
  #range = WHOLE;

  /** `byteLengthMax` bounds what one `finish` returns. */
  constructor(models: Models, byteLengthMax: number) {
    this.#cumulative = models.cumulative;
    this.#bytes = new Uint8Array(byteLengthMax);
  }

  /** Begins a payload. */
  start(): void {
    this.#length = 0;
    this.#low = 0;
    this.#range = WHOLE;
  }

  /** Writes `symbol` by the frequencies of `table`. */
  symbol(table: number, symbol: number): number {
    const at = table * (SYMBOLS_MAX + 1) + symbol;
    const below = this.#cumulative[at];
    const unit = this.#range >>> FREQUENCY_BITS;
    this.#low = (this.#low + Math.imul(unit, below)) | 0;
    this.#range = Math.imul(unit, this.#cumulative[at + 1] - below);
    if (this.#range < INTERVAL_MIN) this.#shift();
    return symbol;
  }

  /** Writes a signed number: its bin by the frequencies of `table`, its place in the bin raw. */
  residual(table: number, value: number): number {
    const code = zigzag(value);
    if (code < LARGE_BIN) {
      this.symbol(table, code);
    } else {
      const bin = binOf(code);
      const count = binBits(bin);
      this.symbol(table, bin);
      this.bits(count, code & ((1 << count) - 1));
    }
    return value;
  }

  /** Writes `count` bits as they are, up to 24. */
  bits(count: number, value: number): number {
    if (count > RAW_BITS_MAX) {
      this.#raw(count - RAW_BITS_MAX, value >>> RAW_BITS_MAX);
      this.#raw(RAW_BITS_MAX, value & ((1 << RAW_BITS_MAX) - 1));
    } else {
      this.#raw(count, value);
    }
    return value;
  }

  /** The bytes, in memory that the next `start` uses again. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#low = shortestWithin(this.#low, this.#range);
    while (this.#low !== 0) this.#writeByte();
    // A reader takes missing bytes for zeros.
    while (this.#length > 0 && this.#bytes[this.#length - 1] === 0) this.#length--;
    return this.#bytes.subarray(0, this.#length);
  }

  #raw(count: number, value: number): void {
    const unit = this.#range >>> count;
    this.#low += unit * value;
    this.#range = unit;
    if (unit < INTERVAL_MIN) this.#shift();
  }

  #shift(): void {
    do {
      this.#writeByte();
      this.#range <<= 8;
    } while (this.#range < INTERVAL_MIN);
  }

  #writeByte(): void {
    const bytes = this.#bytes;
    if (this.#low >= WHOLE) {
      this.#low -= WHOLE;
      // The interval lies within [0, 1), so a carry always finds a digit to stop at.
      let at = this.#length - 1;
      while (bytes[at] === 0xff) bytes[at--] = 0;
      bytes[at]++;
    }
    bytes[this.#length++] = this.#low >>> (INTERVAL_BITS - 8);
    this.#low = (this.#low & (INTERVAL_MIN - 1)) << 8;
  }
}

/**
 * Of the numbers in [low, low + range) the one with the most zero bytes at its end: zero (or the carry)
 * if it is there, else one with a single byte, which exists because the range is never below 2^22.
 */
export function shortestWithin(low: number, range: number): number {
  const none = Math.ceil(low / WHOLE) * WHOLE;
  if (none < low + range) return none;
  return Math.ceil(low / INTERVAL_MIN) * INTERVAL_MIN;
}

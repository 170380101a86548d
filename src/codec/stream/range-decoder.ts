// Range decoder: the mirror of range-encoder.ts. It never reads past its input: missing bytes are zeros.
// `finish` refuses bytes that the encoder would not have written.
import { DecodeError } from "../errors.ts";
import { binBits, binStart, LARGE_BIN, unzigzag } from "./residual-bins.ts";
import { FREQUENCY_BITS, LOOKUP_SHIFT, LOOKUP_SIZE, SYMBOLS_MAX } from "./models.ts";
import type { Models } from "./models.ts";
import { INTERVAL_BITS, INTERVAL_MIN, RAW_BITS_MAX, shortestWithin } from "./range-encoder.ts";

const WHOLE = 2 ** INTERVAL_BITS;
const NO_BYTES = new Uint8Array(0);

/** Reads the symbols of payloads. */
export class RangeDecoder {
  readonly #cumulative: Uint16Array;
  readonly #lookup: Uint8Array;
  #bytes: Uint8Array = NO_BYTES;
  // The byte whose lowest 2 bits are not read yet: 30 is not a multiple of 8.
  #at = 0;
  #range = WHOLE;
  // How far the number is above the interval's low end; and that end, for `finish`.
  #above = 0;
  #low = 0;

  constructor(models: Models) {
    this.#cumulative = models.cumulative;
    this.#lookup = models.lookup;
  }

  start(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 3;
    this.#range = WHOLE;
    this.#low = 0;
    this.#above =
      (this.#byteAt(0) << 22) |
      (this.#byteAt(1) << 14) |
      (this.#byteAt(2) << 6) |
      (this.#byteAt(3) >>> 2);
  }

  /** The offset of the next byte, for errors. */
  get byteOffset(): number {
    return Math.min(this.#at, this.#bytes.length);
  }

  /** Reads a symbol of `table`. The second argument is only for the encoder. */
  symbol(table: number, _symbol: number): number {
    const cumulative = this.#cumulative;
    const unit = this.#range >>> FREQUENCY_BITS;
    const first = table * (SYMBOLS_MAX + 1);
    // Mostly the first symbol, for which nothing has to be divided or searched.
    const likely = Math.imul(unit, cumulative[first + 1]);
    if (this.#above < likely) {
      this.#range = likely;
      if (likely < INTERVAL_MIN) this.#shift();
      return 0;
    }
    // A small part of the interval, beyond the last symbol, belongs to no symbol.
    let target = (this.#above / unit) | 0;
    if (target >= 1 << FREQUENCY_BITS) target = (1 << FREQUENCY_BITS) - 1;
    let at = first + this.#lookup[table * LOOKUP_SIZE + (target >>> LOOKUP_SHIFT)];
    while (cumulative[at + 1] <= target) at++;
    const below = cumulative[at];
    const start = Math.imul(unit, below);
    this.#low = (this.#low + start) | 0;
    this.#above = (this.#above - start) | 0;
    this.#range = Math.imul(unit, cumulative[at + 1] - below);
    if (this.#above >= this.#range) this.#throwSliver();
    if (this.#range < INTERVAL_MIN) this.#shift();
    return at - first;
  }

  /** Reads a signed number. */
  residual(table: number, _value: number): number {
    const bin = this.symbol(table, 0);
    if (bin < LARGE_BIN) return unzigzag(bin);
    return unzigzag(binStart(bin) + this.bits(binBits(bin), 0));
  }

  /** Reads `count` bits, up to 24. */
  bits(count: number, _value: number): number {
    if (count <= RAW_BITS_MAX) return this.#raw(count);
    const high = this.#raw(count - RAW_BITS_MAX);
    return (high << RAW_BITS_MAX) | this.#raw(RAW_BITS_MAX);
  }

  /** @throws {DecodeError} unless the bytes are exactly those that the encoder writes. */
  finish(): void {
    const bytes = this.#bytes;
    const end = bytes.length;
    this.#bytes = NO_BYTES;
    if (end > 0 && bytes[end - 1] === 0) {
      throw new DecodeError("not_canonical", { byteOffset: end - 1 }, "a payload ends with zero");
    }
    if (end > this.#at + 1) {
      const byteOffset = this.#at + 1;
      throw new DecodeError(
        "trailing_bytes",
        { byteOffset },
        `${end} bytes, of which all are read`,
      );
    }
    const low = this.#low & (WHOLE - 1);
    const isShortest = low + this.#above === shortestWithin(low, this.#range);
    const rest = end > this.#at ? bytes[this.#at] & 3 : 0;
    if (!isShortest || rest !== 0) {
      throw new DecodeError(
        "not_canonical",
        { byteOffset: end },
        "not the payload's shortest form",
      );
    }
  }

  #raw(count: number): number {
    const unit = this.#range >>> count;
    const value = (this.#above / unit) | 0;
    if (value >= 1 << count) this.#throwSliver();
    this.#low += unit * value;
    this.#above -= unit * value;
    this.#range = unit;
    if (unit < INTERVAL_MIN) this.#shift();
    return value;
  }

  #shift(): void {
    do {
      const high = this.#byteAt(this.#at) & 3;
      this.#at++;
      this.#above = (this.#above << 8) | (high << 6) | (this.#byteAt(this.#at) >>> 2);
      this.#low = (this.#low & (INTERVAL_MIN - 1)) << 8;
      this.#range <<= 8;
    } while (this.#range < INTERVAL_MIN);
  }

  #byteAt(at: number): number {
    return at < this.#bytes.length ? this.#bytes[at] : 0;
  }

  #throwSliver(): never {
    const { byteOffset } = this;
    throw new DecodeError("not_canonical", { byteOffset }, "no symbol is written like this");
  }
}

// The numbers, times and sizes of an audience's newest batches, by which its receivers' lag is measured.

/** Batches whose time and size are remembered. A receiver that is further behind is slow in any case. */
// Must be a power of two.
export const BATCHES_REMEMBERED = 256;

export class BatchHistory {
  #newest: number;
  readonly #sentMs = new Float64Array(BATCHES_REMEMBERED);
  // By number of layers: bytes of all batches, and of all up to each remembered one.
  readonly #bytesTotal: number[];
  readonly #bytesUpTo: readonly Float64Array[];

  /** Batches are numbered from the one after `newest` on; a number is unsigned and wraps at 2^32. */
  constructor({ layerCount, newest }: { layerCount: number; newest: number }) {
    this.#newest = newest;
    this.#bytesTotal = Array.from({ length: layerCount + 1 }, () => 0);
    this.#bytesUpTo = this.#bytesTotal.map(() => new Float64Array(BATCHES_REMEMBERED));
  }

  /** The newest batch's number. */
  get newest(): number {
    return this.#newest;
  }

  /** The next batch's number. */
  get next(): number {
    return (this.#newest + 1) >>> 0;
  }

  /** A new batch, of the sizes that `addBytes` tells, is sent now. */
  add(nowMs: number): void {
    this.#newest = this.next;
    const at = this.#newest % BATCHES_REMEMBERED;
    this.#sentMs[at] = nowMs;
    for (const [layers, bytes] of this.#bytesTotal.entries()) this.#bytesUpTo[layers][at] = bytes;
  }

  /** Adds to the newest batch, as it is with this number of layers. */
  addBytes(layers: number, bytes: number): void {
    this.#bytesTotal[layers] += bytes;
    this.#bytesUpTo[layers][this.#newest % BATCHES_REMEMBERED] = this.#bytesTotal[layers];
  }

  /** How many batches came after this one. */
  batchesAfter(sequence: number): number {
    return distance(this.#newest, sequence);
  }

  /** Bytes of all batches after this one, with this number of layers. It has to be a remembered one. */
  bytesAfter(sequence: number, layers: number): number {
    return this.#bytesTotal[layers] - this.#bytesUpTo[layers][sequence % BATCHES_REMEMBERED];
  }

  /** When a batch was sent; 0 for one that was never sent. It has to be a remembered one. */
  sentMs(sequence: number): number {
    return this.#sentMs[sequence % BATCHES_REMEMBERED];
  }

  remembers(sequence: number): boolean {
    const age = this.batchesAfter(sequence);
    return this.sentMs(sequence) > 0 && age >= 0 && age < BATCHES_REMEMBERED;
  }
}

/** How far `a` is after `b`, in numbers that wrap at 2^32; negative if it is before. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

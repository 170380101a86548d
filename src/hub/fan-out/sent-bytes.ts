// The sizes of the batches that one receiver alone was sent, by which its lag is measured.
import { BATCHES_REMEMBERED } from "./batch-history.ts";

export class SentBytes {
  #total = 0;
  /** Bytes of all batches up to each remembered one. */
  readonly #upTo = new Float64Array(BATCHES_REMEMBERED);

  /** The batch with this number was sent. */
  add(sequence: number, bytes: number): void {
    this.#total += bytes;
    this.#upTo[sequence % BATCHES_REMEMBERED] = this.#total;
  }

  /** Bytes of all batches after this one. */
  after(sequence: number): number {
    return this.#total - this.#upTo[sequence % BATCHES_REMEMBERED];
  }

  /** What was sent before this batch, and with it, is another's concern: it counts from here on. */
  begin(sequence: number): void {
    // Batches before it were sent on another way: they count as nothing.
    this.#upTo.fill(this.#total);
    this.add(sequence, 0);
  }
}

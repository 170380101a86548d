// A histogram of times: constant memory however long a run is, and those of several processes add up.

const BUCKETS_PER_MS = 10;
// 10 s. Longer times count as 10 s.
const BUCKET_COUNT = 10_000 * BUCKETS_PER_MS;

/** Pairs of bucket and count, to send between processes. */
export type HistogramCounts = readonly (readonly [bucket: number, count: number])[];

export class Histogram {
  readonly #counts = new Uint32Array(BUCKET_COUNT);
  #total = 0;

  add(ms: number): void {
    const bucket = Math.floor(ms * BUCKETS_PER_MS);
    this.#counts[bucket < 0 ? 0 : bucket < BUCKET_COUNT ? bucket : BUCKET_COUNT - 1]++;
    this.#total++;
  }

  addCounts(counts: HistogramCounts): void {
    for (const [bucket, count] of counts) {
      this.#counts[bucket] += count;
      this.#total += count;
    }
  }

  counts(): HistogramCounts {
    return Array.from(this.#counts.entries()).filter(([, count]) => count > 0);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** Milliseconds that `share` (0..1) of the times do not exceed, to 0.1; null without any times. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    let rest = Math.max(1, Math.ceil(share * this.#total));
    const bucket = this.#counts.findIndex((count) => (rest -= count) <= 0);
    return (bucket + 1) / BUCKETS_PER_MS;
  }
}

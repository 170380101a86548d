// Counter rates: growth per second of counters that only grow, from one reading to the next.

type Counters = Readonly<Record<string, number>>;

interface Look {
  readonly source: string;
  readonly counters: Counters;
  readonly atSeconds: number;
}

export class CounterRates {
  #last: Look | null = null;
  #rates: Counters | null = null;

  /**
   * Each counter's growth per second since the last reading; null at the first reading of a `source`. A server
   * that was restarted and another room are other sources.
   */
  next(source: string, counters: Counters, atSeconds: number): Counters | null {
    const last = this.#last?.source === source ? this.#last : null;
    const elapsed = last === null ? 0 : atSeconds - last.atSeconds;
    // The same reading again: its rates still hold.
    if (last !== null && elapsed === 0) return this.#rates;
    this.#last = { source, counters, atSeconds };
    this.#rates = last !== null && elapsed > 0 ? growth(last.counters, counters, elapsed) : null;
    return this.#rates;
  }
}

function growth(before: Counters, counters: Counters, elapsed: number): Counters {
  const rates = Object.entries(counters).map(([name, count]) => {
    // A counter that fell was reset.
    return [name, Math.max(0, count - (before[name] ?? 0)) / elapsed] as const;
  });
  return Object.fromEntries(rates);
}

// Counter rates: what counters that only grow do a second, from one look at them to the next.

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
   * Each counter's growth a second since the last look. `source` names what is counted: at the first look at
   * another one (a server that was restarted, another room) nothing is known: null.
   */
  next(source: string, counters: Counters, atSeconds: number): Counters | null {
    const last = this.#last?.source === source ? this.#last : null;
    const elapsed = last === null ? 0 : atSeconds - last.atSeconds;
    // Seen already: what was found then still holds.
    if (last !== null && elapsed === 0) return this.#rates;
    this.#last = { source, counters, atSeconds };
    this.#rates = last !== null && elapsed > 0 ? growth(last.counters, counters, elapsed) : null;
    return this.#rates;
  }
}

function growth(before: Counters, counters: Counters, elapsed: number): Counters {
  const rates = Object.entries(counters).map(([name, count]) => {
    // Less than before: whoever was counted has gone, and came anew.
    return [name, Math.max(0, count - (before[name] ?? 0)) / elapsed] as const;
  });
  return Object.fromEntries(rates);
}

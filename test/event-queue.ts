// A clock that only tests move, and events that happen at its times.

/** An ordinary time, with a fraction of a millisecond as a server's clock has. */
export const START_MS = 1_700_000_000_000.25;

interface Event {
  readonly timeMs: number;
  /** Breaks ties: what was planned first happens first. */
  readonly order: number;
  readonly action: () => void;
}

export class EventQueue {
  #nowMs = START_MS;
  #planned = 0;
  // A binary heap: each event is no later than its two children at 2 i + 1 and 2 i + 2.
  readonly #events: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): void {
    this.#push({ timeMs: this.#nowMs + delayMs, order: this.#planned++, action });
  }

  /** Lets time pass: everything that is due by then happens, each at its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#events.length > 0 && this.#events[0].timeMs <= endMs) {
      const { timeMs, action } = this.#pop();
      this.#nowMs = Math.max(this.#nowMs, timeMs);
      action();
    }
    this.#nowMs = endMs;
  }

  #push(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent])) break;
      events[at] = events[parent];
      at = parent;
    }
    events[at] = event;
  }

  #pop(): Event {
    const events = this.#events;
    const first = events[0];
    const last = events.pop()!;
    if (events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1], events[child])) child++;
      if (!isBefore(events[child], last)) break;
      events[at] = events[child];
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.timeMs === b.timeMs ? a.order < b.order : a.timeMs < b.timeMs;
}

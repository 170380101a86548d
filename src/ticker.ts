// Calls each room's tick when it is due. A room with something to send has one timer, others have none.
import type { Room } from "./hub/room.ts";

/** What is told of every tick, in milliseconds: how late it came, and how long it took. */
export type OnTick = (latenessMs: number, durationMs: number) => void;

export class Ticker {
  readonly #now: () => number;
  readonly #onTick: OnTick;
  readonly #timers = new Map<Room, Timer>();

  constructor(now: () => number, onTick: OnTick = () => {}) {
    this.#now = now;
    this.#onTick = onTick;
  }

  schedule(room: Room, delayMs: number): void {
    const dueMs = this.#now() + Math.max(0, delayMs);
    // At the next turn of the event loop: everything that has arrived is sent together.
    if (delayMs <= 0) setImmediate(() => this.#tick(room, dueMs));
    else
      this.#timers.set(
        room,
        setTimeout(() => this.#tick(room, dueMs), delayMs),
      );
  }

  /** Cancels all timers. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tick(room: Room, dueMs: number): void {
    this.#timers.delete(room);
    const startMs = this.#now();
    room.tick(startMs);
    this.#onTick(Math.max(0, startMs - dueMs), this.#now() - startMs);
  }
}

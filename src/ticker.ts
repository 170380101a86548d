// Calls each room's tick when it is due. A room with something to send has one timer, others have none.
import type { Room } from "./hub/room.ts";

export class Ticker {
  readonly #now: () => number;
  readonly #timers = new Map<Room, Timer>();

  constructor(now: () => number) {
    this.#now = now;
  }

  schedule(room: Room, delayMs: number): void {
    // At the next turn of the event loop: everything that has arrived is sent together.
    if (delayMs <= 0) setImmediate(() => room.tick(this.#now()));
    else
      this.#timers.set(
        room,
        setTimeout(() => this.#tick(room), delayMs),
      );
  }

  /** Cancels all timers. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tick(room: Room): void {
    this.#timers.delete(room);
    room.tick(this.#now());
  }
}

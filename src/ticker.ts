// Calls each room's tick when it is due. One timer a waiting room, none for a room with nothing to send.
import type { Room } from "./hub/room.ts";

export class Ticker {
  readonly #now: () => number;
  readonly #timers = new Map<Room, Timer>();

  constructor(now: () => number) {
    this.#now = now;
  }

  schedule(room: Room, delayMs: number): void {
    // At once means when the event loop turns: everything that has arrived goes out together.
    if (delayMs <= 0) setImmediate(() => room.tick(this.#now()));
    else
      this.#timers.set(
        room,
        setTimeout(() => this.#tick(room), delayMs),
      );
  }

  /** Ends all that waits. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tick(room: Room): void {
    this.#timers.delete(room);
    room.tick(this.#now());
  }
}

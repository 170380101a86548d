// Broadcasts to connections of this process, e.g. a recorder's.
import type { Broadcaster } from "./broadcaster.ts";
import type { Message } from "./connection.ts";

/** Takes a broadcast message. It may keep the message, but not write to it. */
export type Deliver = (message: Message) => void;

export class InProcessBroadcaster implements Broadcaster {
  readonly #topics = new Map<string, Set<Deliver>>();

  broadcast(topic: string, data: Message): void {
    const receivers = this.#topics.get(topic);
    if (receivers === undefined) return;
    // One copy for all: the hub writes its next batch into the same memory.
    const message = typeof data === "string" ? data : data.slice();
    for (const deliver of receivers) deliver(message);
  }

  subscribe(topic: string, deliver: Deliver): void {
    const receivers = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, receivers.add(deliver));
  }

  unsubscribe(topic: string, deliver: Deliver): void {
    const receivers = this.#topics.get(topic);
    if (receivers?.delete(deliver) === true && receivers.size === 0) this.#topics.delete(topic);
  }
}

// Broadcasting: one message to every connection on a topic. A transport that can do it natively (Bun's
// WebSockets) does so without a call per connection.
import type { Message } from "./connection.ts";

export interface Broadcaster {
  /**
   * Sends to each of this broadcaster's connections that is subscribed to the topic, in order with what
   * `Connection.send` sends it. The bytes may change after the call.
   */
  broadcast(topic: string, data: Message): void;
}

/** Several broadcasters as one: a room's connections may come over different transports. */
export class BroadcasterGroup implements Broadcaster {
  readonly #broadcasters: readonly Broadcaster[];

  constructor(broadcasters: readonly Broadcaster[]) {
    this.#broadcasters = broadcasters;
  }

  broadcast(topic: string, data: Message): void {
    for (const broadcaster of this.#broadcasters) broadcaster.broadcast(topic, data);
  }
}

// Broadcasts by Bun's own topics: one call a broadcast, whatever the number of receivers.
import type { Broadcaster } from "../hub/connections/broadcaster.ts";
import type { Message } from "../hub/connections/connection.ts";
import type { BunServer } from "./bun-types.ts";

/** What is needed of Bun's server. */
export type TopicServer = Pick<BunServer, "publish">;

export class BunBroadcaster implements Broadcaster {
  /** Keeps our topics apart from others of the same server. */
  readonly namespace: string;
  /** Has to be set before the first WebSocket opens: until then nobody can be on a topic. */
  server: TopicServer | undefined;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  broadcast(topic: string, data: Message): void {
    this.server?.publish(this.namespace + topic, data);
  }
}

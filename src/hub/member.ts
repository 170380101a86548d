// A member: one connection in a room, with what it publishes, what it receives, and when it last spoke.
import { TokenBucket } from "../protocol/index.ts";
import type { ServerMessage } from "../protocol/index.ts";
import type { Connection } from "./connections/connection.ts";
import type { Receiver } from "./fan-out/receiver.ts";
import type { Player } from "./players/player.ts";
import { Publisher } from "./players/publisher.ts";

/** Gestures and chat, not state: 10 a second is already more than a hand can do. */
const MESSAGES_LIMIT = { perSecond: 10, burst: 20 };

export class Member {
  readonly connection: Connection;
  readonly receiver: Receiver;
  /** Null for a spectator. */
  readonly publisher: Publisher | null;
  /** Limits its application messages, infos, views and requests for full state. */
  readonly messages: TokenBucket;
  lastHeardMs: number;

  /** `player` is null for a spectator. */
  constructor(receiver: Receiver, player: Player | null, nowMs: number) {
    const { connection } = receiver;
    this.connection = connection;
    this.receiver = receiver;
    this.publisher = player === null ? null : new Publisher(player, connection.format, nowMs);
    this.messages = new TokenBucket(MESSAGES_LIMIT, nowMs);
    this.lastHeardMs = nowMs;
  }

  /** Whom it plays; null for a spectator. */
  get player(): Player | null {
    return this.publisher?.player ?? null;
  }

  /** Says that a message of the member was refused. */
  refuse(code: string, message: string): void {
    this.send({ type: "error", code, message });
  }

  send(message: ServerMessage): void {
    this.connection.send(JSON.stringify(message));
  }
}

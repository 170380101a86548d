// One connection in a room: whom it plays, what it has acknowledged, and when it last said anything.
import { PUBLISH_LIMIT, TokenBucket } from "../../protocol/index.ts";
import type { Connection } from "../connections/connection.ts";
import type { Player } from "../players/player.ts";

/** 10 s: three lost pings. Long enough for a phone to change cells, short enough for no ghosts. */
export const SILENCE_MAX_MS = 10_000;

/** Gestures and chat, not state: 10 a second is already more than a hand can do. */
const MESSAGES_LIMIT = { perSecond: 10, burst: 20 };

/** Whether batches reach it, and if not, which one it must acknowledge first. */
export type Flow =
  | { readonly state: "live" }
  | { readonly state: "behind"; readonly sentSequence: number };

export class Subscriber {
  readonly connection: Connection;
  /** Undefined for a spectator. */
  readonly player: Player | undefined;
  readonly messages: TokenBucket;
  /** Its frames and skeletons. */
  readonly published: TokenBucket;
  /** Stream format: a skeleton came over this connection, so frames may. */
  hasSkeleton = false;
  lastHeardMs: number;
  /** Behind until it has been given full state. */
  flow: Flow = { state: "behind", sentSequence: 0 };
  /** Temporal layers that it asks for, and those that it is sent; formats without layers have one. */
  layersWanted: number;
  layers = 1;
  layersChangedMs = 0;
  /** The newest batch that it has acknowledged, or been given full state of. */
  ackedSequence = 0;
  /** Since when something is unacknowledged and no acknowledgement came; null: nothing is. */
  waitingSinceMs: number | null = null;
  /** The quickest acknowledgement so far: its round trip. It may be late by that without being slow. */
  quickestAckMs = Infinity;

  constructor(
    connection: Connection,
    options: { readonly player?: Player; readonly layers?: number | undefined },
    nowMs: number,
  ) {
    this.connection = connection;
    this.player = options.player;
    this.layersWanted = options.layers ?? Infinity;
    this.lastHeardMs = nowMs;
    this.messages = new TokenBucket(MESSAGES_LIMIT, nowMs);
    this.published = new TokenBucket(PUBLISH_LIMIT, nowMs);
  }
}

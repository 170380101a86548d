// The skeletons that this process or page has received, decoded once, for all its rooms of a server and over all its
// connections: the server need not send them again [S38].
import { DecodeError } from "../codec/index.ts";
import { decodeSkeleton } from "../codec/stream/index.ts";
import type { StreamSkeleton } from "../codec/stream/index.ts";
import { HeldSkeletons, skeletonIdText } from "../protocol/index.ts";
import type { WebSocketConstructor } from "./runtime.ts";

/** A skeleton, or why its bytes are none that this side reads. */
export type ReceivedSkeleton = StreamSkeleton | DecodeError;

export class SkeletonStore {
  readonly #held = new HeldSkeletons<ReceivedSkeleton>();

  /** What is held, for `join` and `keyframe`: the oldest first. */
  get ids(): string[] {
    return this.#held.ids.map(skeletonIdText);
  }

  /**
   * Takes a skeleton entry of a batch. An empty payload means that this side holds the skeleton.
   * @returns undefined if it does not.
   */
  receive(id: bigint, payload: Uint8Array): ReceivedSkeleton | undefined {
    const skeleton = this.#held.get(id) ?? (payload.length > 0 ? decode(payload) : undefined);
    if (skeleton !== undefined) this.#held.touch(id, skeleton);
    return skeleton;
  }
}

function decode(payload: Uint8Array): ReceivedSkeleton {
  try {
    return decodeSkeleton(payload);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Servers whose skeletons are kept: a page seldom has rooms of two. */
const SERVERS_MAX = 8;

// By the class of sockets, because another class may reach other servers by the same addresses; then by origin. One
// server's skeletons are not another's: it could lie about their ids, and learn where this side has been.
const stores = new WeakMap<WebSocketConstructor, Map<string, SkeletonStore>>();

/** The store of a server. `url`: of a stream of it. */
export function skeletonStoreOf(url: string, webSocket: WebSocketConstructor): SkeletonStore {
  const { origin } = new URL(url);
  const byOrigin = stores.get(webSocket) ?? new Map<string, SkeletonStore>();
  stores.set(webSocket, byOrigin);
  const store = byOrigin.get(origin) ?? new SkeletonStore();
  // The server that was used last is the last to be forgotten.
  byOrigin.delete(origin);
  byOrigin.set(origin, store);
  for (const oldest of byOrigin.keys()) {
    if (byOrigin.size <= SERVERS_MAX) break;
    byOrigin.delete(oldest);
  }
  return store;
}

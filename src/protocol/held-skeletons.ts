// The skeletons that a receiver of the stream format holds, by content id: the last 512, in the order in which entries
// of batches named them [S37]. The receiver keeps them, and the server knows by the same rule what it need not send
// again.
//
//   const held = new HeldSkeletons<StreamSkeleton>();
//   held.touch(id, decodeSkeleton(payload)); // at each skeleton entry that has a payload
//   held.get(id);                            // for one that has none

/** Twice the 256 players whom a receiver of a crowd has in sight at most. */
export const HELD_SKELETONS_MAX = 512;

export class HeldSkeletons<T> {
  // The oldest first: a receiver in a crowd is asked for its skeletons all the time.
  readonly #values = new Map<bigint, T>();

  get size(): number {
    return this.#values.size;
  }

  /** All ids, the oldest first. */
  get ids(): bigint[] {
    return [...this.#values.keys()];
  }

  /** What is held by this id; undefined: nothing. */
  get(id: bigint): T | undefined {
    return this.#values.get(id);
  }

  has(id: bigint): boolean {
    return this.#values.has(id);
  }

  /** An entry has named the skeleton: it is the newest now. What is the oldest beyond 512 is forgotten. */
  touch(id: bigint, value: T): void {
    this.#values.delete(id);
    this.#values.set(id, value);
    if (this.size <= HELD_SKELETONS_MAX) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }
}

// The skeletons that a receiver of the stream format holds, by content id: the last 512, in the order in which entries
// of batches named them [S37]. The receiver keeps them, and the server knows by the same rule what it need not send
// again.
//
//   const held = new HeldSkeletons<StreamSkeleton>();
//   held.touch(id, decodeSkeleton(payload)); // at each skeleton entry that has a payload
//   held.get(id);                            // for one that has none

/** Full rooms have 500 players. */
export const HELD_SKELETONS_MAX = 512;

export class HeldSkeletons<T> {
  // The oldest first. Beyond the values there are zeros.
  #ids = new BigUint64Array(8);
  readonly #values: T[] = [];

  get size(): number {
    return this.#values.length;
  }

  /** All ids, the oldest first. */
  get ids(): bigint[] {
    return Array.from(this.#ids.subarray(0, this.size));
  }

  /** What is held by this id; undefined: nothing. */
  get(id: bigint): T | undefined {
    const at = this.#indexOf(id);
    return at < 0 ? undefined : this.#values[at];
  }

  has(id: bigint): boolean {
    return this.#indexOf(id) >= 0;
  }

  /** An entry has named the skeleton: it is the newest now. What is the oldest beyond 512 is forgotten. */
  touch(id: bigint, value: T): void {
    const at = this.#indexOf(id);
    if (at >= 0) this.#removeAt(at);
    else if (this.size === HELD_SKELETONS_MAX) this.#removeAt(0);
    if (this.size === this.#ids.length) {
      const grown = new BigUint64Array(2 * this.size);
      grown.set(this.#ids);
      this.#ids = grown;
    }
    this.#ids[this.size] = id;
    this.#values.push(value);
  }

  #indexOf(id: bigint): number {
    const at = this.#ids.indexOf(id);
    return at < this.size ? at : -1;
  }

  #removeAt(at: number): void {
    this.#ids.copyWithin(at, at + 1, this.size);
    this.#values.splice(at, 1);
    this.#ids[this.size] = 0n;
  }
}

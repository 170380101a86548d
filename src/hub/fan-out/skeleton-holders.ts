// Which skeletons the receivers of a batch hold: its entries leave out what all of them have.
import { HeldSkeletons, skeletonIdOf } from "../../protocol/index.ts";
import type { SkeletonHolders } from "../players/player-stream.ts";

/** One receiver, by what it was sent and what it said. What it says falsely is missing to itself only. */
export class SkeletonHolder implements SkeletonHolders {
  #held = new HeldSkeletons<true>();

  /** What the receiver says that it holds replaces what was known. `ids`: the oldest first, of a message that was checked. */
  replace(ids: readonly string[]): void {
    this.#held = new HeldSkeletons();
    for (const id of ids) this.#held.touch(skeletonIdOf(id), true);
  }

  holds(id: bigint): boolean {
    return this.#held.has(id);
  }

  name(id: bigint): boolean {
    const isHeld = this.#held.has(id);
    this.#held.touch(id, true);
    return isHeld;
  }
}

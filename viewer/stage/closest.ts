// Closest: who of a crowd is drawn in full: those closest to what the camera looks at. The choice is kept for a while, and
// whoever is drawn keeps its body until others are clearly closer, so that nobody flickers.
import type { Vector3 } from "three";

interface Candidate {
  readonly id: string;
  readonly root: ArrayLike<number>;
}

const CHOOSE_EVERY_MS = 500;
// Whoever is drawn counts as this much closer.
const KEEP_SHARE = 0.8;

export class Closest {
  readonly #countMax: number;
  #chosen: ReadonlySet<string> = new Set();
  #chosenMs = -Infinity;
  #seenCount = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Ids of those to draw at `timeMs`. `followed` is always among them. */
  choose(
    candidates: Iterable<Candidate>,
    count: number,
    { target, followed, timeMs }: { target: Vector3; followed: string | null; timeMs: number },
  ): ReadonlySet<string> {
    const isDue = timeMs - this.#chosenMs > CHOOSE_EVERY_MS || count !== this.#seenCount;
    const lacksFollowed = followed !== null && !this.#chosen.has(followed);
    if (!isDue && !lacksFollowed) return this.#chosen;
    this.#chosenMs = timeMs;
    this.#seenCount = count;
    const ranked = Array.from(candidates, ({ id, root }) => {
      const distance = Math.hypot(root[0] - target.x, root[2] - target.z);
      const rank = id === followed ? -1 : distance * (this.#chosen.has(id) ? KEEP_SHARE : 1);
      // A place that is no number comes last.
      return { id, rank: rank < Infinity ? rank : Infinity };
    });
    ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank));
    this.#chosen = new Set(ranked.slice(0, this.#countMax).map(({ id }) => id));
    return this.#chosen;
  }
}

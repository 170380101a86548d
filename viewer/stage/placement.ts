// Placement: where figures stand. Where they are, unless they stand inside each other, as bodies do that
// were tracked in different places, each around its own origin: then in a row.
import type { Vector3 } from "three";

interface Placed {
  /** Where it would stand by itself. */
  readonly ownMiddle: Vector3;
  /** Which way it is turned by itself. */
  readonly forward: ArrayLike<number>;
  /** Shows it elsewhere: turned about its middle, which then stands at x and z. */
  place(at: { x: number; z: number; turn: number } | null): void;
}

const SPACING_M = 1.35;
const ROW_LENGTH = 7;
// Two people who stand closer than this are one inside the other.
const OVERLAP_M = 0.45;
// The first poses have come and been shown.
const SETTLE_MS = 400;

export class Placement {
  // Places in the row, by player; undefined: nobody chose, and nothing asked for it yet.
  readonly #slots = new Map<string, number>();
  readonly #known = new Set<string>();
  #isApart = false;
  #isChosen = false;
  #checkAtMs = 0;

  choose(isApart: boolean): void {
    this.#isChosen = true;
    this.#isApart = isApart;
    this.#slots.clear();
  }

  forget(id: string): void {
    this.#slots.delete(id);
    this.#known.delete(id);
  }

  /** Moves the figures; what it chose by itself, or null. */
  update(figures: ReadonlyMap<string, Placed>, timeMs: number): boolean | null {
    for (const id of figures.keys()) {
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      this.#checkAtMs = timeMs + SETTLE_MS;
    }
    let chosen: boolean | null = null;
    if (!this.#isChosen && !this.#isApart && this.#checkAtMs > 0 && timeMs >= this.#checkAtMs) {
      this.#checkAtMs = 0;
      if (overlap([...figures.values()])) chosen = this.#isApart = true;
    }
    for (const [id, figure] of figures) {
      if (!this.#isApart) {
        figure.place(null);
        continue;
      }
      if (this.#slots.has(id)) continue;
      const slot = this.#freeSlot();
      this.#slots.set(id, slot);
      const column = slot % ROW_LENGTH;
      // 0, 1, -1, 2, -2: nobody has to move when another one comes.
      const x = (column % 2 === 1 ? (column + 1) / 2 : -column / 2) * SPACING_M;
      const z = -Math.floor(slot / ROW_LENGTH) * SPACING_M;
      // Everybody is turned to the front, and goes on turning from there.
      figure.place({ x, z, turn: -Math.atan2(figure.forward[0], figure.forward[2]) });
    }
    return chosen;
  }

  #freeSlot(): number {
    const taken = new Set(this.#slots.values());
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }
}

function overlap(placed: readonly Placed[]): boolean {
  return placed.some(({ ownMiddle: a }, index) =>
    placed
      .slice(index + 1)
      .some(({ ownMiddle: b }) => Math.hypot(a.x - b.x, a.z - b.z) < OVERLAP_M),
  );
}

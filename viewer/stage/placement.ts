// Placement: where figures are shown. Usually that is where they are. Bodies that were tracked in different places,
// each around its own origin, would be inside each other: they are shown side by side.
import type { Vector3 } from "three";

interface Placed {
  /** Where it is by itself. */
  readonly ownMiddle: Vector3;
  /** Which way it faces by itself. */
  readonly forward: ArrayLike<number>;
  /** Shows it elsewhere: its middle at x and z, turned about its middle; null: where it is. */
  place(at: { x: number; z: number; turn: number } | null): void;
}

const SPACING_M = 1.35;
const ROW_LENGTH = 7;
// Closer than this, two bodies are inside each other.
const OVERLAP_M = 0.45;
// 100 figures are 4,950 pairs: nothing four times a second, and too much for every frame.
const LOOK_EVERY_MS = 250;
// Longer than people need to pass each other.
const OVERLAP_FOR_MS = 1000;

export class Placement {
  // Places in the row, by player.
  readonly #slots = new Map<string, number>();
  #isApart = false;
  // Somebody has used the button: the page decides no more.
  #isChosen = false;
  #lookedMs = -Infinity;
  #overlapSinceMs: number | null = null;

  /** Shows everybody side by side, or where they are, until told otherwise. */
  choose(isApart: boolean): void {
    this.#isChosen = true;
    this.#isApart = isApart;
    this.#slots.clear();
  }

  forget(id: string): void {
    this.#slots.delete(id);
  }

  /**
   * Moves the figures. Returns true if it has just put them side by side by itself, false if it has just put
   * them back, and null otherwise. In a crowd people walk into each other: it stays as it is.
   */
  update(figures: ReadonlyMap<string, Placed>, timeMs: number, isCrowd = false): boolean | null {
    const change = this.#isChosen || isCrowd ? null : this.#decide(figures, timeMs);
    if (change !== null) {
      this.#isApart = change;
      this.#slots.clear();
    }
    for (const [id, figure] of figures) {
      if (this.#isApart) this.#placeInRow(id, figure);
      else figure.place(null);
    }
    return change;
  }

  #decide(figures: ReadonlyMap<string, Placed>, timeMs: number): boolean | null {
    // Whoever is alone needs no row.
    if (this.#isApart) return figures.size < 2 ? false : null;
    if (timeMs - this.#lookedMs < LOOK_EVERY_MS) return null;
    this.#lookedMs = timeMs;
    if (!hasOverlap([...figures.values()])) {
      this.#overlapSinceMs = null;
      return null;
    }
    this.#overlapSinceMs ??= timeMs;
    if (timeMs - this.#overlapSinceMs < OVERLAP_FOR_MS) return null;
    this.#overlapSinceMs = null;
    return true;
  }

  #placeInRow(id: string, figure: Placed): void {
    if (this.#slots.has(id)) return;
    const slot = this.#freeSlot();
    this.#slots.set(id, slot);
    const column = slot % ROW_LENGTH;
    // 0, 1, -1, 2, -2: nobody has to move when another one comes.
    const x = (column % 2 === 1 ? (column + 1) / 2 : -column / 2) * SPACING_M;
    const z = -Math.floor(slot / ROW_LENGTH) * SPACING_M;
    // Everybody starts facing the front.
    figure.place({ x, z, turn: -Math.atan2(figure.forward[0], figure.forward[2]) });
  }

  #freeSlot(): number {
    const taken = new Set(this.#slots.values());
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }
}

function hasOverlap(placed: readonly Placed[]): boolean {
  return placed.some(({ ownMiddle: a }, index) =>
    placed
      .slice(index + 1)
      .some(({ ownMiddle: b }) => Math.hypot(a.x - b.x, a.z - b.z) < OVERLAP_M),
  );
}

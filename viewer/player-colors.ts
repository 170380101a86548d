// Player colours: each player's own, the same in 3D, charts and lists.

// Told apart by people of all colour vision where it can be, and seen on light and on dark.
const PALETTE = [
  "#5b6ee8",
  "#e8743b",
  "#1f9e89",
  "#d6498f",
  "#b8942a",
  "#3aa0d8",
  "#8f5bd0",
  "#5f9e3a",
  "#d9534f",
  "#6d7a90",
];

// Beyond the palette hues follow the golden angle: the next is far from all before.
const GOLDEN_ANGLE = 137.508;

export class PlayerColors {
  readonly #indices = new Map<string, number>();

  of(id: string): string {
    let index = this.#indices.get(id);
    if (index === undefined) {
      const taken = new Set(this.#indices.values());
      index = 0;
      while (taken.has(index)) index++;
      this.#indices.set(id, index);
    }
    if (index < PALETTE.length) return PALETTE[index];
    return `hsl(${Math.round(index * GOLDEN_ANGLE) % 360}, 55%, 52%)`;
  }

  /** Only these are there: the others' colours are free. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#indices.keys()) if (!ids.has(id)) this.#indices.delete(id);
  }
}

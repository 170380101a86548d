// Player colours: one for each player, the same in 3D, charts and lists.

// Chosen to differ for people with colour blindness too, and to be visible on light and dark.
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

// After the palette, hues follow the golden angle, which keeps each far from all earlier ones.
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

  /** Frees the colours of all players except these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#indices.keys()) if (!ids.has(id)) this.#indices.delete(id);
  }
}

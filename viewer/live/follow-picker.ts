// Follow picker: the players that the camera can follow, by name.
import { playerName } from "../player-name.ts";

interface Named {
  readonly id: string;
  readonly info: { readonly displayName?: unknown };
}

export class FollowPicker {
  readonly #select: HTMLSelectElement;
  #shown = "";

  constructor(select: HTMLSelectElement, choose: (id: string | null) => void) {
    this.#select = select;
    select.addEventListener("change", () => choose(select.value || null));
  }

  update(players: readonly Named[]): void {
    const options = players.map((player) => {
      const name = playerName(player);
      // Two players may have the same name, so the id comes with it.
      return [player.id, name === player.id ? name : `${player.id}: ${name}`] as const;
    });
    const shown = JSON.stringify(options);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#select.replaceChildren(
      new Option("Nobody", ""),
      ...options.map(([id, name]) => new Option(name, id)),
    );
  }

  set followed(id: string | null) {
    if (this.#select.value !== (id ?? "")) this.#select.value = id ?? "";
  }
}

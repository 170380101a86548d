// Slot list: a card for every player, kept in step with the players that there are.
import type { ServerStatus } from "./server-status.ts";
import { SlotCard } from "./slot-card.ts";

export class SlotList {
  readonly #list: HTMLElement;
  readonly #template: HTMLTemplateElement;
  readonly #cards = new Map<string, SlotCard>();

  constructor(list: HTMLElement, template: HTMLTemplateElement) {
    this.#list = list;
    this.#template = template;
  }

  /** Shows the players; what has changed, as sentences. */
  update({ players, addresses }: ServerStatus): string[] {
    const ids = new Set(players.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    // New players come last in the server's list, as they do here.
    return players.flatMap((player) => this.#card(player.id).update(player, addresses) ?? []);
  }

  markUnknown(): void {
    for (const card of this.#cards.values()) card.markUnknown();
  }

  #card(id: string): SlotCard {
    let card = this.#cards.get(id);
    if (card === undefined) {
      card = new SlotCard(this.#template, id);
      this.#cards.set(id, card);
      this.#list.append(card.element);
    }
    return card;
  }
}

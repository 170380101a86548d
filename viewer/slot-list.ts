// Slot list: a card for each player of the room.
import type { PlayerStatus, ServerStatus } from "./server-status.ts";
import { SlotCard } from "./slot-card.ts";
import type { LiveSlot, SlotActions } from "./slot-card.ts";

/** Shown for a room without players: its card says how to write to the room. */
const ANY_SLOT: PlayerStatus = {
  id: "player1",
  state: "empty",
  source: null,
  revision: 0,
  ageSeconds: null,
  updatesPerSecond: 0,
  bytesPerSecond: 0,
  format: null,
  frameBytes: 0,
  bones: 0,
  blendShapes: 0,
  visibleTo: ["json", "binary", "stream"],
  unavailable: null,
  framesRejected: 0,
  lastRejected: null,
  captureTimes: null,
  info: {},
};

export class SlotList {
  readonly #list: HTMLElement;
  readonly #template: HTMLTemplateElement;
  readonly #cards = new Map<string, SlotCard>();
  readonly #room: () => string;
  #actions: SlotActions | null = null;
  #hasShown = false;

  /** `room` says whose players are shown. */
  constructor(list: HTMLElement, template: HTMLTemplateElement, room: () => string) {
    this.#room = room;
    this.#list = list;
    this.#template = template;
  }

  /** Shows the players. Returns what has changed, as sentences. */
  update(status: ServerStatus): string[] {
    const present = status.room?.players ?? [];
    const players = present.length === 0 ? [ANY_SLOT] : present;
    const changes: string[] = [];
    const ids = new Set(players.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
      if (!card.isEmpty) changes.push(`${id}: left.`);
    }
    // New players are last in the server's list, and here.
    for (const player of players) {
      const change = this.#card(player.id).update(player, status);
      if (change !== null) changes.push(change);
    }
    const isFirst = !this.#hasShown;
    this.#hasShown = true;
    return isFirst ? [] : changes;
  }

  markUnknown(): void {
    for (const card of this.#cards.values()) card.markUnknown();
  }

  /** Another room was chosen: its players are others, even if their ids are the same. */
  clear(): void {
    for (const card of this.#cards.values()) card.element.remove();
    this.#cards.clear();
    this.#hasShown = false;
  }

  /** What the cards' buttons do. Set when there is a stage. */
  set actions(actions: SlotActions) {
    this.#actions = actions;
    for (const card of this.#cards.values()) card.hasActions = true;
  }

  /** The player that is followed; null: nobody. */
  set followed(id: string | null) {
    for (const [each, card] of this.#cards) card.isFollowed = each === id;
  }

  showLive(id: string, live: LiveSlot): void {
    this.#cards.get(id)?.showLive(live);
  }

  #card(id: string): SlotCard {
    let card = this.#cards.get(id);
    if (card === undefined) {
      card = new SlotCard(this.#template, this.#room(), id, {
        follow: (player) => this.#actions?.follow(player),
        wear: (player, file) => this.#actions?.wear(player, file),
        matchRest: (player) => this.#actions?.matchRest(player),
        takeOff: (player) => this.#actions?.takeOff(player),
      });
      card.hasActions = this.#actions !== null;
      this.#cards.set(id, card);
      this.#list.append(card.element);
    }
    return card;
  }
}

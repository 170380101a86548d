// Room picker: a list of the server's rooms to choose from.
import type { RoomChoice } from "../room-choice.ts";
import { fetchRooms } from "../server-status.ts";

const ROOMS_MS = 3000;

export class RoomPicker {
  readonly #select: HTMLSelectElement;
  readonly #choice: RoomChoice;
  #shown = "";

  constructor(select: HTMLSelectElement, choice: RoomChoice) {
    this.#select = select;
    this.#choice = choice;
    select.addEventListener("change", () => choice.choose(select.value));
    choice.onChange(() => this.#update());
  }

  /** Asks for the rooms, again and again while the page is visible. */
  start(): void {
    setInterval(() => {
      if (!document.hidden) this.#update();
    }, ROOMS_MS);
    this.#update();
  }

  #update(): void {
    void fetchRooms().then(
      (rooms) => this.#show(rooms.map(({ id }) => id)),
      // The masthead already says that the server does not answer.
      () => {},
    );
  }

  #show(known: readonly string[]): void {
    const { room } = this.#choice;
    const ids = known.includes(room) ? known : [...known, room];
    const shown = JSON.stringify([ids, room]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const options = ids.map((id) => new Option(id, id, false, id === room));
    this.#select.replaceChildren(...options);
    this.#select.value = room;
  }
}

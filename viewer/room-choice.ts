// Room choice: which room the page shows. The page's address names it, so that a link can be shared.

export const DEFAULT_ROOM = "default";
const ROOM_ID = /^[A-Za-z0-9_-]{1,64}$/;

export class RoomChoice {
  #room: string;
  readonly #listeners: ((room: string) => void)[] = [];

  constructor() {
    this.#room = roomOf(location.search);
    window.addEventListener("popstate", () => this.#change(roomOf(location.search)));
  }

  get room(): string {
    return this.#room;
  }

  /** The page's address with this room, from its path on. */
  get link(): string {
    return linkTo(this.#room);
  }

  onChange(listener: (room: string) => void): void {
    this.#listeners.push(listener);
  }

  choose(room: string): void {
    if (room === this.#room) return;
    history.pushState(null, "", linkTo(room));
    this.#change(room);
  }

  #change(room: string): void {
    this.#room = room;
    for (const listener of this.#listeners) listener(room);
  }
}

function roomOf(search: string): string {
  const room = new URLSearchParams(search).get("room") ?? "";
  return ROOM_ID.test(room) ? room : DEFAULT_ROOM;
}

function linkTo(room: string): string {
  const url = new URL(location.href);
  url.searchParams.set("room", room);
  return url.pathname + url.search;
}

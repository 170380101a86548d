// Slot addresses: the URL to write a slot from here, and the one to type into a headset.
import { DEFAULT_ROOM } from "./room-choice.ts";
import type { ServerAddress } from "./server-status.ts";

export interface SlotAddress {
  /** From the machine that shows the page. */
  readonly here: string;
  /** From other machines; null where the server listens on its own machine only. */
  readonly elsewhere: string | null;
}

/** `page` is the page's own URL; `addresses` are the server's. */
export function slotAddress(
  { room, id }: { room: string; id: string },
  { page, addresses }: { page: URL | Location; addresses: readonly ServerAddress[] },
): SlotAddress {
  const path = slotPath(room, id);
  const origin = originElsewhere(page, addresses);
  return { here: page.origin + path, elsewhere: origin === null ? null : origin + path };
}

/** Where other machines find what this page is from; null: nowhere. */
export function originElsewhere(
  page: URL | Location,
  addresses: readonly ServerAddress[],
): string | null {
  // An origin that is no loopback has just proved that it can be reached, through a proxy even.
  return isLoopback(page.hostname) ? networkUrl(addresses) : page.origin;
}

/** The path of a slot; two of room `default` have short ones. */
export function slotPath(room: string, id: string): string {
  const isShort = room === DEFAULT_ROOM && (id === "player1" || id === "player2");
  return isShort ? `/${id}` : `/rooms/${room}/players/${id}`;
}

/** The server names first what a headset most likely reaches. */
function networkUrl(addresses: readonly ServerAddress[]): string | null {
  return addresses.find(({ name }) => name === "Network")?.url ?? null;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

// Slot addresses: the URL that writes to a slot from this machine, and the one to type into a headset.
import { DEFAULT_ROOM } from "./room-choice.ts";
import type { ServerAddress } from "./server-status.ts";

export interface SlotAddress {
  /** From the machine that shows the page. */
  readonly here: string;
  /** From other machines; null if the server listens on its own machine only. */
  readonly elsewhere: string | null;
}

/** `page` is the page's own URL; `addresses` are the server's. */
export function slotAddress(
  { room, id }: { room: string; id: string },
  { page, addresses }: { page: URL | Location; addresses: readonly ServerAddress[] },
): SlotAddress {
  const path = slotPath(room, id);
  const server = serverElsewhere(page, addresses);
  const elsewhere = server === null ? null : `${server}/${path}`;
  return { here: `${serverOf(page)}/${path}`, elsewhere };
}

/** The address of the server that a page came from, without a slash at its end: it may be under a path. */
export function serverOf({ href }: URL | Location): string {
  return new URL(".", href).href.slice(0, -1);
}

/** The address that other machines use for this server; null if they cannot reach it. */
export function serverElsewhere(
  page: URL | Location,
  addresses: readonly ServerAddress[],
): string | null {
  // This page came from this address, so if it is not loopback it works, even behind a proxy.
  return isLoopback(page.hostname) ? networkUrl(addresses) : serverOf(page);
}

/** The path of a slot, relative to the server's. Two slots of room `default` have short ones. */
export function slotPath(room: string, id: string): string {
  const isShort = room === DEFAULT_ROOM && (id === "player1" || id === "player2");
  return isShort ? id : `rooms/${room}/players/${id}`;
}

/** The address that a headset most likely reaches: the server lists it first. */
function networkUrl(addresses: readonly ServerAddress[]): string | null {
  return addresses.find(({ name }) => name === "Network")?.url ?? null;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

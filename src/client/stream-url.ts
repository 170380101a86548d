// The address of a room's stream, from the address that an application has.
//
//   ws://host:8080/rooms/lobby/stream    unchanged
//   http://host:8080/rooms/lobby         the stream of that room
//   https://host/sync  + room "lobby"    wss://host/sync/rooms/lobby/stream
//   /                  in a browser      room default of the page's own server

const DEFAULT_ROOM = "default";

const SCHEMES: { readonly [scheme in string]?: string } = {
  "ws:": "ws:",
  "wss:": "wss:",
  "http:": "ws:",
  "https:": "wss:",
};

const ROOM_PATH = /^(.*)\/rooms\/([^/]+)(?:\/stream)?$/;

/**
 * The WebSocket address of a room. A query is kept, a fragment dropped.
 * @throws {TypeError} for an address of another kind, or one that names another room than `room`.
 */
export function streamUrl(address: string, room?: string): string {
  // The page's address in a browser; undefined in Bun and Node.
  const base = (globalThis as { location?: { href: string } }).location?.href;
  const url = new URL(address, base);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) {
    throw new TypeError(`${address}: expected ws, wss, http or https`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  const [, before = path, named = room ?? DEFAULT_ROOM] = ROOM_PATH.exec(path) ?? [];
  if (room !== undefined && named !== room) {
    throw new TypeError(`${address}: names room ${named}, not ${room}`);
  }
  return `${scheme}//${url.host}${before}/rooms/${named}/stream${url.search}`;
}

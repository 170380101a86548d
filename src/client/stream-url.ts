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

const ROOM = /^[A-Za-z0-9_-]{1,64}$/;
const ROOM_PATH = /^(.*)\/rooms\/([^/]+)(?:\/stream)?$/;

/**
 * The WebSocket address of a room. A query is kept, a fragment dropped.
 * @throws {TypeError} for an address of another kind, one that names another room than `room`, or a room
 * that can have no such name.
 */
export function streamUrl(address: string, room?: string): string {
  // The page's address in a browser; undefined in Bun and Node.
  const base = (globalThis as { location?: { href: string } }).location?.href;
  if (!URL.canParse(address, base)) {
    throw new TypeError(`${address}: expected an address such as http://localhost:8080`);
  }
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
  // A server answers another name with 404. A browser does not tell that from a server that is away, and so the
  // client would try for ever.
  if (!ROOM.test(named)) {
    throw new TypeError(`room ${named}: expected 1 to 64 of A-Z a-z 0-9 _ -`);
  }
  return `${scheme}//${url.host}${before}/rooms/${named}/stream${url.search}`;
}

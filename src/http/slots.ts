// Slots over HTTP: read, write and reset one avatar's latest frame.
import { DecodeError, EncodeError, MEDIA_TYPES } from "../codec/index.ts";
import type { Format } from "../codec/index.ts";
import { isPercentEncoded, PERCENT_ENCODED } from "../codec/json-fault.ts";
import type { Published } from "../hub/room.ts";
import type { StoredFrame } from "../hub/players/stored-frame.ts";
import { checkId, DEFAULT_ROOM } from "../hub/hub.ts";
import type { Answer } from "./answer.ts";
import { jsonAnswer } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { HttpError, isRefusal } from "./errors.ts";
import { acceptedFormats, bodyFormat } from "./negotiate.ts";
import { readBody } from "./read-body.ts";
import type { Route, RoutedRequest } from "./router.ts";

/** Tells which slot a request names. */
export type SlotAddress = (request: RoutedRequest) => Slot;

interface Slot {
  readonly room: string;
  readonly player: string;
}

/** The slot that the path names. @throws {HubError} `bad_id`, before anything of the request is read. */
export const slotOfPath: SlotAddress = ({ params: { room, player } }) => {
  checkId("room", room);
  checkId("player", player);
  return { room, player };
};

/** A slot of the default room, under its short path. */
export const defaultSlot =
  (player: string): SlotAddress =>
  () => ({ room: DEFAULT_ROOM, player });

/** GET, POST and DELETE of one slot's frame. */
export function slotRoute(addressOf: SlotAddress): Route {
  return {
    GET: (request, context) => {
      const { room, player } = addressOf(request);
      const found = context.hub.player(room, player);
      if (found === undefined) throw unknownPlayer(room, player);
      const { format, answer } = frameAnswer(found.frame, request, context);
      // HEAD is answered like GET, but without the body.
      if (answer.body !== undefined && request.method === "GET") {
        context.hub.room(room)?.traffic.out[format].add(answer.body.length, context.now());
      }
      return answer;
    },
    POST: async (request, context) => {
      const address = addressOf(request);
      try {
        return await post(address, request, context);
      } catch (error) {
        // The person in the headset does not see the answer, but may see the page.
        if (isRefusal(error)) {
          const player = context.hub.player(address.room, address.player);
          player?.reject(error.code, error.message, context.now());
        }
        throw error;
      }
    },
    DELETE: (request, context) => {
      const { room, player } = addressOf(request);
      if (!context.hub.removePlayer(room, player, context.now())) throw unknownPlayer(room, player);
      return jsonAnswer({ status: "success", player });
    },
  };
}

export function unknownPlayer(room: string, player: string): HttpError {
  return new HttpError(404, "unknown_player", `room ${room} has no player ${player}`);
}

/** Changes nothing if it throws. @throws {HttpError}, {DecodeError}, {HubError} */
async function post({ room, player }: Slot, request: Request, context: HttpContext) {
  const format = bodyFormat(request.headers, context.defaultFormat);
  const bytes = await readBody(request, context.bodyBytesMax, context);
  const nowMs = context.now();
  try {
    const frame = { format, bytes, source: "http", nowMs } as const;
    return storedAnswer(context.hub.publish(room, player, frame), nowMs);
  } catch (error) {
    throw withHint(error, format, bytes);
  }
}

function frameAnswer(frame: StoredFrame, request: Request, context: HttpContext) {
  const formats = acceptedFormats(request.headers.get("accept"), context.defaultFormat);
  const { format, body } = firstEncoding(frame, formats);
  const etag = `"${context.bootId}.${frame.revision}.${format}"`;
  const headers = { ETag: etag, Vary: "Accept", "Cache-Control": "no-cache" };
  const isKnown = matches(request.headers.get("if-none-match"), etag);
  const answer: Answer = isKnown
    ? { status: 304, headers }
    : { headers: { ...headers, "Content-Type": MEDIA_TYPES[format] }, body };
  return { format, answer };
}

/** The best accepted format that can hold the frame. @throws {EncodeError} of the best format if none can. */
function firstEncoding(frame: StoredFrame, formats: readonly Format[]) {
  let firstError: unknown;
  for (const format of formats) {
    try {
      return { format, body: frame.encode(format) };
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      firstError ??= error;
    }
  }
  throw firstError;
}

function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((entry) => {
    const tag = entry.trim();
    return tag === "*" || (tag.startsWith("W/") ? tag.slice(2) : tag) === etag;
  });
}

// Ids hold no character that JSON escapes, so the commonest answer needs no JSON.stringify.
function storedAnswer({ player, isNewest }: Published, nowMs: number): Answer {
  const { id, frame } = player;
  const { revision, visibility } = frame;
  const note = player.takeNote();
  const overtaken = isNewest ? "" : ',"overtaken":true';
  const told = note === null ? "" : `,"note":${JSON.stringify(note)}`;
  // Of a frame that was overtaken nothing is shown anyway.
  const isHidden = isNewest && visibility.unavailable !== null;
  const shown = isHidden ? `,${JSON.stringify(visibility).slice(1, -1)}` : "";
  return {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
    body: `{"status":"success","player":"${id}","revision":${revision},"server_timestamp":${nowMs / 1000}${overtaken}${told}${shown}}`,
  };
}

// A binary frame may begin with the byte of "{" (the low byte of x). So only a body that does not decode is
// treated as JSON with the wrong header.
function withHint(error: unknown, format: Format, bytes: Uint8Array): unknown {
  if (!(error instanceof DecodeError)) return error;
  const start = latin1.decode(bytes.subarray(0, START_BYTES));
  const hint = hintOf(start, format);
  if (hint === null) return error;
  return new DecodeError(error.code, error.place, `${error.detail}; ${hint}`);
}

const START_BYTES = 64;
const latin1 = new TextDecoder("latin1");

function hintOf(start: string, format: Format): string | null {
  if (/^[A-Za-z_]+=/.test(start)) {
    return `this looks like the fields of a form: send the frame alone, with Content-Type: ${MEDIA_TYPES.json}`;
  }
  // Of JSON, the decoder itself has told the likely cause.
  if (format === "json") return null;
  if (isPercentEncoded(start)) return PERCENT_ENCODED;
  if (!start.startsWith("{")) return null;
  return `this looks like JSON: send it with Content-Type: ${MEDIA_TYPES.json}`;
}

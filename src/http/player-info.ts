// A player's info over HTTP.
import { withLikelyCause } from "../codec/json-fault.ts";
import type { PlayerInfo } from "../protocol/index.ts";
import { decodePlayerInfo, PLAYER_INFO_BYTES_MAX } from "../protocol/index.ts";
import { jsonAnswer } from "./answer.ts";
import { HttpError } from "./errors.ts";
import { bodyFormat } from "./negotiate.ts";
import { readBody } from "./read-body.ts";
import type { Route } from "./router.ts";
import { slotOfPath, unknownPlayer } from "./slots.ts";

function infoOf(bytes: Uint8Array): PlayerInfo {
  try {
    return decodePlayerInfo(bytes);
  } catch (error) {
    throw withLikelyCause(error, bytes);
  }
}

export const playerInfoRoute: Route = {
  GET: (request, { hub }) => {
    const { room, player } = slotOfPath(request);
    const found = hub.player(room, player);
    if (found === undefined) throw unknownPlayer(room, player);
    return jsonAnswer(found.info);
  },
  PUT: async (request, context) => {
    const { hub, now } = context;
    const { room, player } = slotOfPath(request);
    if (bodyFormat(request.headers, "json") !== "json") {
      const message = "a player's info is JSON: expected Content-Type application/json";
      throw new HttpError(415, "unsupported_media_type", message);
    }
    const bytes = await readBody(request, PLAYER_INFO_BYTES_MAX, context);
    hub.setInfo(room, player, infoOf(bytes), now());
    return jsonAnswer({ status: "success", player });
  },
};

// The server's state, for people, scripts and load balancers.
import { DEFAULT_ROOM } from "../hub/hub.ts";
import { STALE_AFTER_MS } from "../hub/players/player.ts";
import { jsonAnswer } from "./answer.ts";
import type { ServerStatus } from "../protocol/index.ts";
import type { Route } from "./router.ts";
import { queryOf } from "./target.ts";

export const statusRoute: Route = {
  GET: (request, context) => {
    const { hub, now, startedMs, version, bootId, defaultFormat } = context;
    const nowMs = now();
    const room = new URLSearchParams(queryOf(request.url)).get("room");
    const { bonesMax, blendShapesMax, roomsMax, playersMax } = hub.options;
    const status: ServerStatus = {
      status: "running",
      server: "avatar-sync",
      version,
      bootId,
      format: defaultFormat,
      uptimeSeconds: Math.round((nowMs - startedMs) / 1000),
      server_timestamp: nowMs / 1000,
      addresses: context.addresses(),
      requestsUnderWay: context.requestsUnderWay(),
      streamConnections: context.streamConnections().count,
      rooms: hub.roomCount,
      players: hub.room(DEFAULT_ROOM)?.status(nowMs).players ?? [],
      // Included so that a page that asks twice a second needs no second request.
      ...(room !== null && { room: hub.room(room)?.status(nowMs) ?? null }),
      ...hub.status(nowMs),
      limits: {
        bodyBytesMax: context.bodyBytesMax,
        requestsMax: context.requestsMax,
        bonesMax,
        blendShapesMax,
        connectionsMax: context.streamConnections().max,
        roomsMax,
        playersMax,
        staleAfterSeconds: STALE_AFTER_MS / 1000,
      },
    };
    return jsonAnswer(status);
  },
};

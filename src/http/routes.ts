// Every path that this server answers to over HTTP.
import { DEFAULT_ROOM_PLAYERS } from "../hub/hub.ts";
import { healthRoute, readyRoute } from "./health.ts";
import { metricsRoute } from "./metrics.ts";
import { openApiRoute } from "./openapi.ts";
import { pageRoute } from "./page.ts";
import { playerInfoRoute } from "./player-info.ts";
import { roomRoute, roomsRoute } from "./rooms.ts";
import type { Route, RouteTable } from "./router.ts";
import { defaultSlot, slotOfPath, slotRoute } from "./slots.ts";
import { streamRoute } from "./stream.ts";
import { statusRoute } from "./status.ts";

export const ROUTES: RouteTable = {
  "/": pageRoute,
  "/page/*": pageRoute,
  "/client.js": pageRoute,
  "/three.js": pageRoute,
  "/status": statusRoute,
  ...Object.fromEntries(
    DEFAULT_ROOM_PLAYERS.map((player) => [`/${player}`, slotRoute(defaultSlot(player))]),
  ),
  "/rooms": roomsRoute,
  "/rooms/:room": roomRoute,
  "/rooms/:room/players/:player": slotRoute(slotOfPath),
  "/rooms/:room/players/:player/info": playerInfoRoute,
  "/rooms/:room/stream": streamRoute,
  "/healthz": healthRoute,
  "/readyz": readyRoute,
  "/metrics": metricsRoute,
  "/openapi.json": openApiRoute,
};

/** Whoever runs the server needs these most while it is busy. */
export const VITAL_ROUTES: ReadonlySet<Route> = new Set([healthRoute, readyRoute, metricsRoute]);

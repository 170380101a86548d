// The handshake of a streaming connection. What follows is in src/ws.
import { checkId } from "../hub/hub.ts";
import { formatOfSubprotocol, negotiateSubprotocol, SUBPROTOCOLS } from "../protocol/index.ts";
import { HttpError } from "./errors.ts";
import { overQuota } from "./over-quota.ts";
import type { Route } from "./router.ts";

export const streamRoute: Route = {
  GET: (request, context) => {
    const room = request.params["room"];
    checkId("room", room);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const message = "this is a WebSocket: expected Upgrade: websocket";
      throw new HttpError(426, "upgrade_required", message, { Upgrade: "websocket" });
    }
    const subprotocol = negotiateSubprotocol(request.headers.get("sec-websocket-protocol"));
    const format = subprotocol === undefined ? undefined : formatOfSubprotocol(subprotocol);
    if (subprotocol === undefined || format === undefined) {
      const message = `Sec-WebSocket-Protocol: expected one of ${SUBPROTOCOLS.join(", ")}`;
      throw new HttpError(400, "unknown_subprotocol", message);
    }
    const { count, max } = context.streamConnections();
    if (count >= max) {
      const message = `this server holds at most ${max} streaming connections`;
      throw new HttpError(503, "too_many_connections", message, { "Retry-After": "5" });
    }
    const quota = context.quotas.connectRefusal(context.useOf(request), context.now());
    if (quota !== null) throw overQuota(quota, context);
    if (context.upgrade(request, { room, format, subprotocol })) return undefined;
    throw new HttpError(400, "bad_handshake", "this is not a WebSocket handshake");
  },
};

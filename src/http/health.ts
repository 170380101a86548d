// For load balancers and supervisors: whether the server lives, and whether it should be sent more people.
import { jsonAnswer } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import type { Route } from "./router.ts";

// A second late: whoever joins now sees nothing move.
const EVENT_LOOP_LAG_MAX_SECONDS = 1;

/** A server that answers lives. */
export const healthRoute: Route = {
  GET: () => ({
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
    body: "ok\n",
  }),
};

/** Ready, or 503 with all reasons why not. */
export const readyRoute: Route = {
  GET: (_, context) => {
    const reasons = reasonsAgainst(context);
    return jsonAnswer({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  },
};

function reasonsAgainst(context: HttpContext): string[] {
  const { hub, metrics, requestsMax } = context;
  const { count, max } = context.streamConnections();
  const lag = metrics.eventLoopLag.newestSeconds;
  const reasons: string[] = [];
  if (context.isStopping()) reasons.push("the server is stopping");
  if (count >= max) reasons.push(`all ${max} streaming connections are taken`);
  if (hub.roomCount >= hub.options.roomsMax)
    reasons.push(`all ${hub.options.roomsMax} rooms are taken`);
  if (context.requestsUnderWay() >= requestsMax) {
    reasons.push(`${requestsMax} requests are under way`);
  }
  if (lag > EVENT_LOOP_LAG_MAX_SECONDS) {
    reasons.push(
      `the event loop was ${lag.toFixed(1)} s late; expected at most ${EVENT_LOOP_LAG_MAX_SECONDS} s`,
    );
  }
  return reasons;
}

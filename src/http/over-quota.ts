// The refusal of a request whose address holds or asks for too much.
import type { Quota } from "../access/quotas.ts";
import type { HttpContext } from "./context.ts";
import { HttpError } from "./errors.ts";

const WHAT: Readonly<Record<Quota, string>> = {
  connections: "streaming connections",
  joins: "new streaming connections a second",
  requests: "requests a second",
  bodies: "bodies under way",
  body_bytes: "bytes of bodies under way",
};

/** Counts the refusal, too. */
export function overQuota(quota: Quota, { metrics }: Pick<HttpContext, "metrics">): HttpError {
  metrics.quotaRefusals.add(quota);
  const message = `your address has as many ${WHAT[quota]} as this server allows: wait, then try again`;
  return new HttpError(429, "over_quota", message, { "Retry-After": "1" });
}

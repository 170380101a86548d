// The content id of a skeleton's payload: pages over plain http cannot compute it, so the server does.
import { createHash } from "node:crypto";

/** The first 8 bytes of SHA-256, as `protocol/skeleton-id.ts` has them. */
export function skeletonIdOfPayload(payload: Uint8Array): bigint {
  return createHash("sha256").update(payload).digest().readBigUInt64BE(0);
}

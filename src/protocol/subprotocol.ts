// Versions and formats by WebSocket subprotocol: `avatar-sync.v<version>.<format>`.
import { STREAM_FORMATS } from "../codec/format.ts";
import type { StreamFormat } from "../codec/index.ts";

/** The subprotocols of this version, one per format. */
export const SUBPROTOCOLS: readonly string[] = STREAM_FORMATS.map(
  (format) => `avatar-sync.v1.${format}`,
);

/** The format of one of `SUBPROTOCOLS`. */
export function formatOfSubprotocol(subprotocol: string): StreamFormat | undefined {
  const index = SUBPROTOCOLS.indexOf(subprotocol);
  return index < 0 ? undefined : STREAM_FORMATS[index];
}

/**
 * The first subprotocol of a client's `Sec-WebSocket-Protocol` that this version has. Undefined if there is
 * none: the handshake is then refused.
 */
export function negotiateSubprotocol(offered: string | null): string | undefined {
  return offered
    ?.split(",")
    .map((each) => each.trim())
    .find((each) => SUBPROTOCOLS.includes(each));
}

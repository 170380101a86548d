// A skeleton's content id: the first 8 bytes of SHA-256 of its message's payload, as an unsigned number, the first byte
// the highest. The server computes it, because a page over plain http has no crypto.subtle.

/** As control messages have it: 16 lowercase hex digits, in the order of the bytes. */
export function skeletonIdText(id: bigint): string {
  return id.toString(16).padStart(16, "0");
}

/** `text` has the form that `skeletonIdText` gives it. */
export function skeletonIdOf(text: string): bigint {
  return BigInt(`0x${text}`);
}

/** How `skeletonIdText` writes an id. */
export const SKELETON_ID_TEXT = /^[0-9a-f]{16}$/;

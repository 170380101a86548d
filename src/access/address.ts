// Whom a request counts for: an address of IPv4, or the /64 of IPv6 that one household or machine has.

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]+$/i;
const GROUPS_OF_64_BITS = 4;
const GROUPS = 8;

/** What a request without an address counts for: it came over a Unix socket. */
export const LOCAL_ADDRESS = "local";

/**
 * The address that a request came from.
 * @param socketAddress of the connection.
 * @param forwardedFor the header X-Forwarded-For, if a proxy before this server is trusted. Its last entry is the one that
 * this proxy has added; a client may have written the others.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | null,
): string {
  const forwarded = forwardedFor?.split(",").at(-1)?.trim() ?? "";
  if (isAddress(forwarded)) return forwarded;
  return socketAddress ?? LOCAL_ADDRESS;
}

const isAddress = (text: string) => IPV4.test(text) || (text.includes(":") && IPV6.test(text));

/** What quotas count by. */
export function quotaKey(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(":") ? `${prefixOf(address)}::/64` : address;
}

/** The first 64 bits of an IPv6 address, in four groups without leading zeros. */
function prefixOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("%")[0].split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups
    .slice(0, GROUPS_OF_64_BITS)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

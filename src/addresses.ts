// The addresses under which a bound host can really be reached: the original's network information.
import { networkInterfaces } from "node:os";
import type { NamedAddress } from "./http/context.ts";

/** An address of one of this machine's network interfaces. */
export interface InterfaceAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly internal: boolean;
}

/**
 * Local: from this machine. Network: from the LAN. External: the address that is bound. Local and
 * Network are left out where the bound address does not serve them.
 */
export function reachableAddresses(
  host: string,
  port: number,
  interfaces: readonly InterfaceAddress[] = interfaceAddresses(),
): NamedAddress[] {
  const url = (address: string) =>
    `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  // A socket on :: also takes IPv4.
  const isAny = host === "0.0.0.0" || host === "::";
  const isLocal = isAny || host === "localhost" || host === "::1" || host.startsWith("127.");
  const named: NamedAddress[] = [];
  if (isLocal) named.push({ name: "Local", url: url(isAny ? "127.0.0.1" : host) });
  for (const { address, family, internal } of interfaces) {
    // A link-local IPv6 address needs a zone to be of use, and no browser takes one.
    if (internal || address.startsWith("fe80:")) continue;
    if (address === host || host === "::" || (host === "0.0.0.0" && family === "IPv4")) {
      named.push({ name: "Network", url: url(address) });
    }
  }
  named.push({ name: "External", url: url(host) });
  return named;
}

function interfaceAddresses(): InterfaceAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
}

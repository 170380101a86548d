// The addresses under which a bound host can really be reached: the original's network information.
import { networkInterfaces } from "node:os";
import type { NamedAddress } from "./http/context.ts";

/** An address of one of this machine's network interfaces. */
export interface InterfaceAddress {
  /** As the system calls it: eth0, Wi-Fi, docker0. */
  readonly interfaceName: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly internal: boolean;
}

// Networks inside this machine, and tunnels: a headset in the same house is in none of them.
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vnet|lxc|lxd|podman|cni|flannel|cali|bridge|utun|tun|tap|wg|tailscale|zt|ppp)|virtual|vmware|hyper-v|vethernet|wsl|vpn|tailscale|zerotier/i;

/**
 * Local: from this machine. Network: from the LAN, what a headset most likely reaches first. External: the
 * address that is bound. Local and Network are left out where the bound address does not serve them.
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
  const likeliestFirst = interfaces.toSorted((a, b) => reachRank(a) - reachRank(b));
  for (const { address, family, internal } of likeliestFirst) {
    // A link-local IPv6 address needs a zone to be of use, and no browser takes one.
    if (internal || address.startsWith("fe80:")) continue;
    if (address === host || host === "::" || (host === "0.0.0.0" && family === "IPv4")) {
      named.push({ name: "Network", url: url(address) });
    }
  }
  named.push({ name: "External", url: url(host) });
  return named;
}

/** IPv4 is the shorter one to type. 169.254 is what a machine takes that was given no address. */
function reachRank({ interfaceName, address, family }: InterfaceAddress): number {
  if (address.startsWith("169.254.")) return 3;
  if (VIRTUAL.test(interfaceName)) return 2;
  return family === "IPv4" ? 0 : 1;
}

function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses = []]) =>
    addresses.map((each) => ({ interfaceName, ...each })),
  );
}

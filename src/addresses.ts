// The addresses at which a bound host can be reached: the original's network information.
import { networkInterfaces } from "node:os";
import type { ServerAddress } from "./protocol/index.ts";

/** An address of one of this machine's network interfaces. */
export interface InterfaceAddress {
  /** The system's name for it: eth0, Wi-Fi, docker0. */
  readonly interfaceName: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly internal: boolean;
}

// Networks inside this machine, and tunnels: a headset in the same house is in none of them.
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vnet|lxc|lxd|podman|cni|flannel|cali|bridge|utun|tun|tap|wg|tailscale|zt|ppp)|virtual|vmware|hyper-v|vethernet|wsl|vpn|tailscale|zerotier/i;

/**
 * Where a server can be reached. Local: from this machine. Network: from the LAN, the address that a headset
 * most likely reaches first. External: the bound address. Local and Network are left out if the bound address
 * does not serve them.
 */
export function reachableAddresses(
  host: string,
  port: number,
  interfaces: readonly InterfaceAddress[] = interfaceAddresses(),
): ServerAddress[] {
  const url = (address: string) =>
    `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  // A socket on :: also takes IPv4.
  const isAny = host === "0.0.0.0" || host === "::";
  const isLocal = isAny || host === "localhost" || host === "::1" || host.startsWith("127.");
  const named: ServerAddress[] = [];
  if (isLocal) named.push({ name: "Local", url: url(isAny ? "127.0.0.1" : host) });
  const likeliestFirst = interfaces.toSorted((a, b) => reachRank(a) - reachRank(b));
  for (const { address, family, internal } of likeliestFirst) {
    // A link-local IPv6 address works only with a zone, which browsers do not accept.
    if (internal || address.startsWith("fe80:")) continue;
    if (address === host || host === "::" || (host === "0.0.0.0" && family === "IPv4")) {
      named.push({ name: "Network", url: url(address) });
    }
  }
  named.push({ name: "External", url: url(host) });
  return named;
}

/** Lower is better. IPv4 is shorter to type. 169.254 means that the network gave the machine no address. */
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

import { expect, test } from "bun:test";
import { reachableAddresses } from "./addresses.ts";
import type { InterfaceAddress } from "./addresses.ts";

const at = (interfaceName: string, address: string): InterfaceAddress => ({
  interfaceName,
  address,
  family: address.includes(":") ? "IPv6" : "IPv4",
  internal: interfaceName === "lo",
});

const INTERFACES = [
  at("lo", "127.0.0.1"),
  at("lo", "::1"),
  at("eth0", "192.0.2.7"),
  at("eth0", "2001:db8::7"),
  at("eth0", "fe80::1"),
];
const shown = (host: string, interfaces = INTERFACES) =>
  reachableAddresses(host, 8080, interfaces).map(({ name, url }) => `${name} ${url}`);

test("0.0.0.0 serves this machine and every IPv4 network", () => {
  expect(shown("0.0.0.0")).toEqual([
    "Local http://127.0.0.1:8080",
    "Network http://192.0.2.7:8080",
    "External http://0.0.0.0:8080",
  ]);
});

test(":: serves IPv6 networks too", () => {
  expect(shown("::")).toEqual([
    "Local http://127.0.0.1:8080",
    "Network http://192.0.2.7:8080",
    "Network http://[2001:db8::7]:8080",
    "External http://[::]:8080",
  ]);
});

test("a loopback address serves no network", () => {
  expect(shown("127.0.0.1")).toEqual([
    "Local http://127.0.0.1:8080",
    "External http://127.0.0.1:8080",
  ]);
});

test("one network's address does not serve 127.0.0.1", () => {
  expect(shown("192.0.2.7")).toEqual([
    "Network http://192.0.2.7:8080",
    "External http://192.0.2.7:8080",
  ]);
});

test("what a headset most likely reaches comes first: no bridge, no tunnel, no address of need", () => {
  const interfaces = [
    at("eth1", "169.254.7.7"),
    at("docker0", "172.17.0.1"),
    at("br-5f2a9c", "172.18.0.1"),
    at("vEthernet (WSL)", "172.20.0.1"),
    at("tailscale0", "100.64.0.7"),
    at("Wi-Fi", "2001:db8::7"),
    at("Wi-Fi", "192.168.1.20"),
    at("en0", "10.0.0.7"),
  ];
  expect(shown("::", interfaces).slice(1, -1)).toEqual([
    "Network http://192.168.1.20:8080",
    "Network http://10.0.0.7:8080",
    "Network http://[2001:db8::7]:8080",
    "Network http://172.17.0.1:8080",
    "Network http://172.18.0.1:8080",
    "Network http://172.20.0.1:8080",
    "Network http://100.64.0.7:8080",
    "Network http://169.254.7.7:8080",
  ]);
});

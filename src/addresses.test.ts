import { expect, test } from "bun:test";
import { reachableAddresses } from "./addresses.ts";
import type { InterfaceAddress } from "./addresses.ts";

const INTERFACES: InterfaceAddress[] = [
  { address: "127.0.0.1", family: "IPv4", internal: true },
  { address: "::1", family: "IPv6", internal: true },
  { address: "192.0.2.7", family: "IPv4", internal: false },
  { address: "2001:db8::7", family: "IPv6", internal: false },
  { address: "fe80::1", family: "IPv6", internal: false },
];
const shown = (host: string) =>
  reachableAddresses(host, 8080, INTERFACES).map(({ name, url }) => `${name} ${url}`);

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

import { describe, expect, test } from "bun:test";
import { clientAddress, quotaKey } from "./address.ts";
import { Quotas } from "./quotas.ts";
import type { AddressUse, HeldBody } from "./quotas.ts";

const OPTIONS = {
  addressSharePercent: 80,
  connectionsMax: 10,
  requestsMax: 20,
  bodyBytesMax: 1000,
  bodyBytesUnderWayMax: 10_000,
  joinsPerSecondMax: 4,
  requestsPerSecondMax: 20,
};

/** Begins a body, which must be allowed. */
function bodyOf(quotas: Quotas, use: AddressUse, bytes: number): HeldBody {
  const held = quotas.beginBody(() => use, bytes);
  if (typeof held === "string") throw new Error(`over ${held}`);
  return held;
}

describe("[H30] addresses", () => {
  const keys: [string, string][] = [
    ["192.168.1.20", "192.168.1.20"],
    ["::ffff:192.168.1.20", "192.168.1.20"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["local", "local"],
  ];
  for (const [address, key] of keys) {
    test(`${address} counts for ${key}`, () => expect(quotaKey(address)).toBe(key));
  }

  test("of X-Forwarded-For the last entry counts, and only if it is an address", () => {
    expect(clientAddress("10.0.0.1", null)).toBe("10.0.0.1");
    expect(clientAddress("10.0.0.1", "1.2.3.4, 5.6.7.8")).toBe("5.6.7.8");
    expect(clientAddress("10.0.0.1", "2001:db8::1")).toBe("2001:db8::1");
    expect(clientAddress("10.0.0.1", "1.2.3.4, <script>")).toBe("10.0.0.1");
    expect(clientAddress(undefined, null)).toBe("local");
  });
});

describe("[H30] one address", () => {
  test("holds four fifths of the connections, and others what is left", () => {
    const quotas = new Quotas(OPTIONS, 0);
    expect(quotas.limits).toEqual({ connections: 8, bodies: 16, bodyBytes: 8000 });
    const [greedy, other] = ["10.0.0.1", "10.0.0.2"].map((address) => quotas.of(address, 0));
    greedy.connections = 8;
    expect(quotas.connectRefusal(greedy, 0)).toBe("connections");
    expect(quotas.connectRefusal(other, 0)).toBeNull();
    expect(quotas.mostHeld).toEqual({ connections: 8, bodies: 0, bodyBytes: 0 });
  });

  test("has four fifths of the bodies under way, the first tenth of which is nobody's", () => {
    const quotas = new Quotas(OPTIONS, 0);
    const [greedy, other] = ["a", "b"].map((address) => quotas.of(address, 0));
    const held = Array.from({ length: 16 }, () => bodyOf(quotas, greedy, 1));
    expect([greedy.bodies, quotas.held.bodies]).toEqual([14, 16]);
    expect(quotas.beginBody(() => greedy, 1)).toBe("bodies");
    bodyOf(quotas, other, 1);
    quotas.endBody(held[15]);
    bodyOf(quotas, greedy, 1);
    expect(quotas.beginBody(() => greedy, 1)).toBe("bodies");
  });

  test("is not looked at while little is under way or asked", () => {
    const quotas = new Quotas(OPTIONS, 0);
    const useOf = () => {
      throw new Error("nobody has to know the address");
    };
    quotas.endBody(quotas.beginBody(useOf, 1000) as HeldBody);
    for (let index = 0; index < 10; index++) expect(quotas.requestRefusal(useOf, 0)).toBeNull();
    expect(() => quotas.requestRefusal(useOf, 0)).toThrow("nobody has to know");
  });

  test("asks and joins n times a second, more after a pause", () => {
    const quotas = new Quotas(OPTIONS, 0);
    const use = quotas.of("10.0.0.1", 0);
    const other = quotas.of("10.0.0.2", 0);
    // 10 of anybody, and 10 of its own.
    for (let index = 0; index < 20; index++) expect(quotas.requestRefusal(() => use, 0)).toBeNull();
    expect(quotas.requestRefusal(() => use, 0)).toBe("requests");
    expect(quotas.requestRefusal(() => other, 0)).toBeNull();
    expect(quotas.requestRefusal(() => use, 100)).toBeNull();
    for (let index = 0; index < 20; index++) expect(quotas.connectRefusal(use, 0)).toBeNull();
    expect(quotas.connectRefusal(use, 0)).toBe("joins");
    expect(quotas.connectRefusal(use, 250)).toBeNull();
  });

  test("has four fifths of the bytes of bodies under way, and all addresses together have a bound", () => {
    const quotas = new Quotas(OPTIONS, 0);
    const [greedy, second, third] = ["a", "b", "c"].map((address) => quotas.of(address, 0));
    const held = Array.from({ length: 8 }, () => bodyOf(quotas, greedy, 1000));
    expect(quotas.beginBody(() => greedy, 1)).toBe("body_bytes");
    bodyOf(quotas, second, 2000);
    expect(quotas.beginBody(() => third, 1)).toBe("body_bytes");
    quotas.endBody(held[7]);
    bodyOf(quotas, third, 1);
  });

  test("may always send one body, and hold one of everything", () => {
    const quotas = new Quotas(
      { ...OPTIONS, connectionsMax: 1, requestsMax: 1, bodyBytesUnderWayMax: 10 },
      0,
    );
    expect(quotas.limits).toEqual({ connections: 1, bodies: 1, bodyBytes: 1000 });
    bodyOf(quotas, quotas.of("a", 0), 1000);
  });

  test("is forgotten a minute after it held anything, and endless addresses take no endless memory", () => {
    const quotas = new Quotas(OPTIONS, 0);
    for (let index = 0; index < 20_000; index++)
      quotas.of(`2001:db8:0:${index.toString(16)}::1`, 0);
    expect(quotas.addressCount).toBeLessThanOrEqual(10_001);
    quotas.of("10.0.0.1", 0).connections = 1;
    quotas.sweep(59_999);
    expect(quotas.addressCount).toBeGreaterThan(10_000);
    quotas.sweep(60_000);
    // That which holds a connection; the others share one quota.
    expect(quotas.addressCount).toBe(1);
  });
});

import { describe, expect, test } from "bun:test";
import { Access } from "./access.ts";
import { isHostPattern, nameOfHost } from "./hosts.ts";
import { isOriginPattern, Origins } from "./origins.ts";

const request = (method: string, headers: Record<string, string>) => ({
  method,
  headers: new Headers(headers),
});

describe("[H27] patterns of origins", () => {
  const cases: [pattern: string, origin: string, allowed: boolean][] = [
    ["https://app.example.org", "https://app.example.org", true],
    ["HTTPS://App.example.org", "https://app.example.org", true],
    ["https://app.example.org", "http://app.example.org", false],
    ["https://app.example.org", "https://app.example.org:8443", false],
    ["https://app.example.org", "https://app.example.org.evil.test", false],
    ["https://app.example.org", "https://appXexample.org", false],
    ["https://app.example.org:443", "https://app.example.org", true],
    ["https://*.example.org", "https://a.b.example.org", true],
    ["https://*.example.org", "https://example.org", false],
    ["https://*.example.org", "https://evil.test/.example.org", false],
    ["http://localhost:*", "http://localhost:5173", true],
    ["http://localhost:*", "http://localhost", true],
    ["http://localhost:*", "http://localhost.evil.test:80", false],
    ["http://[::1]:*", "http://[::1]:80", true],
    ["http://*", "http://anything.test", true],
    ["http://*", "http://anything.test:81", false],
    ["null", "null", true],
    ["https://app.example.org", "null", false],
    ["*", "null", true],
  ];
  for (const [pattern, origin, allowed] of cases) {
    test(`${pattern} ${allowed ? "allows" : "does not allow"} ${origin}`, () => {
      expect(isOriginPattern(pattern)).toBe(true);
      expect(new Origins([pattern]).allows(origin)).toBe(allowed);
    });
  }

  for (const text of [
    "",
    "app.example.org",
    "https://a/path",
    "https://a*.org",
    "https://a:x",
    "https://",
  ]) {
    test(`${JSON.stringify(text)} is no pattern`, () => {
      expect(isOriginPattern(text)).toBe(false);
    });
  }
});

describe("[H32] names of hosts", () => {
  test("a Host is a name or an address, with or without a port", () => {
    expect(nameOfHost("Avatars.example.org:8080")).toBe("avatars.example.org");
    expect(nameOfHost("[::1]:8080")).toBe("[::1]");
    expect(nameOfHost("127.0.0.1")).toBe("127.0.0.1");
    for (const host of [
      "",
      "[",
      "[::1",
      "a b",
      "a/b",
      "a@b",
      "a,b",
      ":80",
      "a:b",
      "a:999999",
      "%zz",
    ]) {
      expect(nameOfHost(host)).toBeNull();
    }
  });

  test("a pattern has no port and no scheme", () => {
    expect(["a.example.org", "*.example.org", "10.0.0.1", "[::1]", "*"].every(isHostPattern)).toBe(
      true,
    );
    expect(["a:80", "http://a", "a*.org", ""].some(isHostPattern)).toBe(false);
  });
});

describe("[H32a] hosts", () => {
  const verdict = (access: Access, host: string | null) =>
    access.refusal(request("GET", host === null ? {} : { Host: host }))?.code ?? "allowed";

  test("any host is answered unless hosts are named", () => {
    const access = new Access({ allowOrigins: [], allowHosts: [] });
    for (const host of ["rebound.test:8080", "127.0.0.1", null]) {
      expect(verdict(access, host)).toBe("allowed");
    }
    expect(verdict(access, "[")).toBe("bad_host");
  });

  test("with names: those, and the loopback's", () => {
    const access = new Access({ allowOrigins: [], allowHosts: ["a.example.org", "*.b.test"] });
    for (const host of [
      "A.example.org:81",
      "x.b.test",
      "localhost:8080",
      "127.0.0.1",
      "[::1]:8080",
    ]) {
      expect(verdict(access, host)).toBe("allowed");
    }
    for (const host of ["rebound.test", "b.test", "xb.test", "192.168.1.20:8080", null]) {
      expect(verdict(access, host)).toBe("host_not_allowed");
    }
  });

  test("with origins alone: addresses, localhost and the hosts of those origins", () => {
    const access = new Access({ allowOrigins: ["https://app.example.org"], allowHosts: [] });
    for (const host of ["192.168.1.20:8080", "[fe80::1]", "localhost", "app.example.org"]) {
      expect(verdict(access, host)).toBe("allowed");
    }
    expect(verdict(access, "rebound.test:8080")).toBe("host_not_allowed");
  });
});

describe("[H27a] origins", () => {
  const access = new Access({ allowOrigins: ["https://app.example.org"], allowHosts: [] });
  const verdict = (method: string, headers: Record<string, string>) =>
    access.refusal(request(method, { Host: "127.0.0.1:8080", ...headers }))?.code ?? "allowed";

  test("a foreign page's writes and streams are refused, its reads are not", () => {
    const foreign = { Origin: "https://evil.test" };
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect(verdict(method, foreign)).toBe("origin_not_allowed");
    }
    expect(verdict("GET", { ...foreign, Upgrade: "websocket" })).toBe("origin_not_allowed");
    for (const method of ["GET", "HEAD", "OPTIONS"])
      expect(verdict(method, foreign)).toBe("allowed");
    expect(verdict("POST", { Origin: "null" })).toBe("origin_not_allowed");
  });

  test("a page that is named, the server's own page, and a program may write", () => {
    for (const headers of [
      { Origin: "https://app.example.org" },
      { Origin: "http://127.0.0.1:8080" },
      { Origin: "https://127.0.0.1:8080" },
      {},
    ]) {
      expect(verdict("POST", headers)).toBe("allowed");
    }
    expect(verdict("POST", { Origin: "http://127.0.0.1:9090" })).toBe("origin_not_allowed");
  });

  test("only a page that is named sees an answer", () => {
    const cors = (origin: string) => access.corsHeaders(new Headers({ Origin: origin }));
    expect(cors("https://app.example.org")).toEqual({
      "Access-Control-Allow-Origin": "https://app.example.org",
      "Access-Control-Expose-Headers": "ETag",
      Vary: "Origin",
    });
    expect(cors("https://evil.test")).toEqual({ Vary: "Origin" });
    expect(access.corsHeaders(new Headers())).toEqual({ Vary: "Origin" });
  });
});

import { describe, expect, test } from "bun:test";
import { acceptedFormats, bodyFormat } from "./negotiate.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

describe("Accept", () => {
  const cases: [string | null, string[]][] = [
    [null, ["binary"]],
    ["*/*", ["binary"]],
    ["application/*", ["binary"]],
    [BROWSER, ["binary"]],
    ["application/json", ["json"]],
    ["Application/JSON; charset=utf-8", ["json"]],
    ["application/octet-stream, application/json;q=0.5", ["binary", "json"]],
    ["application/octet-stream;q=0.2, application/json;q=0.5", ["json", "binary"]],
    ["application/json, */*;q=0.1", ["json", "binary"]],
    ["application/octet-stream;q=0, */*, application/json;q=0.1", ["json"]],
  ];
  for (const [accept, formats] of cases) {
    test(`[H4] [H4a] ${accept} on a binary server gives ${formats.join(", then ")}`, () => {
      expect(acceptedFormats(accept, "binary")).toEqual(formats as ("json" | "binary")[]);
    });
  }
  for (const [accept, defaultFormat, other] of [
    ["application/json;q=0, */*", "json", "binary"],
    ["*/*;q=0.1, application/octet-stream;q=0", "binary", "json"],
    ["application/*, application/json;q=0", "json", "binary"],
  ] as const) {
    test(`[18] [H4a] ${accept} excludes ${defaultFormat}, so a wildcard means ${other}`, () => {
      expect(acceptedFormats(accept, defaultFormat)).toEqual([other]);
    });
  }
  for (const accept of ["text/html", "image/*", "application/json;q=0", "application/json;q=x"]) {
    test(`[H4b] ${accept} is not acceptable`, () => {
      expect(() => acceptedFormats(accept, "json")).toThrow("expected application/json");
    });
  }
});

describe("Content-Type", () => {
  const formatOf = (type: string | null, more: Record<string, string> = {}) =>
    bodyFormat(new Headers(type === null ? more : { "content-type": type, ...more }), "binary");

  test("[H3] [H3a] says the format, and where it says nothing the default counts", () => {
    expect(formatOf("application/json")).toBe("json");
    expect(formatOf('application/json; charset="UTF-8"')).toBe("json");
    expect(formatOf("application/octet-stream")).toBe("binary");
    for (const type of [null, "", "*/*", "text/plain", "application/x-www-form-urlencoded"]) {
      expect(formatOf(type)).toBe("binary");
    }
  });

  test("[H3b] another type, charset or content encoding is not spoken", () => {
    expect(() => formatOf("image/png")).toThrow("image/png");
    expect(() => formatOf("application/json; charset=latin1")).toThrow("utf-8");
    expect(() => formatOf("application/json", { "content-encoding": "gzip" })).toThrow("gzip");
  });
});

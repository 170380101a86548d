import { expect, test } from "bun:test";
import { withWireDump } from "./wire-dump.ts";

test("the hex dump of docs/protocol.md is what the code sends: bun scripts/write-wire-dump.ts", async () => {
  const document = await Bun.file(new URL("../docs/protocol.md", import.meta.url)).text();
  expect(withWireDump(document)).toBe(document);
});

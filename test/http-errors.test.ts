// The table of codes in docs/protocol.md, and the codes that the sources have.
import { expect, test } from "bun:test";

const ROOT = new URL("..", import.meta.url).pathname;
const protocol = await Bun.file(`${ROOT}docs/protocol.md`).text();

/** `status code` of every row of the table. */
const told = Array.from(protocol.matchAll(/^\| (\d{3}) \| ([^|]+)\|/gm), ([, status, codes]) =>
  Array.from(codes.matchAll(/`(\w+)`/g), ([, code]) => `${status} ${code}`),
).flat();

test("[H26] every refusal of a route has its row, and every row its refusal", async () => {
  const thrown: string[] = [];
  for await (const path of new Bun.Glob("src/{access,http}/*.ts").scan(ROOT)) {
    const text = await Bun.file(ROOT + path).text();
    for (const [, status, code] of text.matchAll(/new HttpError\(\s*(\d+),\s*"(\w+)"/g)) {
      thrown.push(`${status} ${code}`);
    }
    // What the hub refuses, and a fault of the server.
    for (const [, code, status] of text.matchAll(/^ {2}(?!status)(\w+): (\d{3}),$/gm)) {
      thrown.push(`${status} ${code}`);
    }
    // What access refuses.
    for (const [, status, code] of text.matchAll(/ status: (\d+),\s+code: "(\w+)"/g)) {
      thrown.push(`${status} ${code}`);
    }
    for (const [, status, code] of text.matchAll(/answer\((\d+), \{ code: "(\w+)"/g)) {
      thrown.push(`${status} ${code}`);
    }
  }
  expect(thrown.length).toBeGreaterThan(18);
  // Those of a body and of a frame that no format holds come from the codec.
  const codec =
    /^400 (?:syntax|invalid_utf8|empty|wrong_type|too_large|too_deep|too_many_values)$|^406 unavailable$/;
  const rows = told.filter((row) => !codec.test(row));
  expect([...new Set(thrown)].toSorted()).toEqual([...new Set(rows)].toSorted());
});

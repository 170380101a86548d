// The stream encoding computes the same bits in Bun, Node 22 and a browser.
import { describeEverywhere } from "./everywhere.ts";
import { hashOfWildStream, wrongVectors } from "./runtimes/stream-vectors.ts";

const vectors = await Bun.file(new URL("../vectors/stream.json", import.meta.url)).text();

describeEverywhere("every vector, and 3,000 frames of wild motion", {
  file: "stream-vectors.ts",
  expression: `{ wrong: wrongVectors(${vectors}), hash: hashOfWildStream() }`,
  here: () => ({ wrong: wrongVectors(JSON.parse(vectors)), hash: hashOfWildStream() }),
  expected: { wrong: [], hash: hashOfWildStream() },
});

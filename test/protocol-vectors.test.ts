// The data messages of vectors/protocol.json, in Bun, Node 22 and a browser, and as a second reader has them.
import { describe, expect, test } from "bun:test";
import { describeEverywhere } from "./everywhere.ts";
import { wrongMessages } from "./runtimes/protocol-vectors.ts";
import type { EntryVector, ProtocolVectors } from "./runtimes/protocol-vectors.ts";
import { readBatch } from "./second-receiver.ts";
import type { SecondEntry } from "./second-receiver.ts";

const text = await Bun.file(new URL("../vectors/protocol.json", import.meta.url)).text();
const vectors = JSON.parse(text) as ProtocolVectors;

describeEverywhere(
  "[S12a] [S14d] [S38] [S46] [S47] [S48] [S49] [S50] every data message of the vectors",
  {
    file: "protocol-vectors.ts",
    expression: `wrongMessages(${text})`,
    here: () => wrongMessages(vectors),
    expected: [],
  },
);

describe("a reader that was written from the text", () => {
  for (const { name, hex, isOnlyRead: _, ...batch } of vectors.batches.valid) {
    test(`reads a batch: ${name}`, () => {
      const { entries, ...header } = readBatch(Uint8Array.fromHex(hex));
      expect({ ...header, entries: entries.map(vectorOf) }).toEqual({
        ...batch,
        entries: [...batch.entries],
      });
    });
  }

  for (const { name, hex } of vectors.batches.invalid) {
    test(`refuses a batch: ${name}`, () => {
      expect(() => readBatch(Uint8Array.fromHex(hex))).toThrow(RangeError);
    });
  }
});

function vectorOf(entry: SecondEntry): EntryVector {
  const { index } = entry;
  switch (entry.kind) {
    case "frame": {
      const { isKey, number, teleports, revision, captureTimeUs, payload } = entry;
      const frame = { isKey, number, teleports, revision, captureTimeUs };
      return { index, frame: { ...frame, payload: payload.toHex() } };
    }
    case "skeleton":
      return { index, skeleton: { id: entry.id, payload: entry.payload.toHex() } };
    case "out of sight":
      return { index, outOfSight: true };
  }
}

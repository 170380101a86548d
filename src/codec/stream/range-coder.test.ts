// The range coder: what goes in comes out, in the shortest form, and nothing else is taken for it.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DecodeError } from "../errors.ts";
import { streamModels, symbolCountOf, TABLE_COUNT } from "./models.ts";
import { RangeDecoder } from "./range-decoder.ts";
import { RangeEncoder } from "./range-encoder.ts";
import { binBits, binOf, binStart, LARGE_BIN, unzigzag, zigzag } from "./residual-bins.ts";

type Step =
  | { kind: "symbol"; table: number; value: number }
  | { kind: "residual"; table: number; value: number }
  | { kind: "bits"; count: number; value: number };

const table = fc.nat(TABLE_COUNT - 1);
const residualTable = table.filter((each) => symbolCountOf(each) > 4);
const step: fc.Arbitrary<Step> = fc.oneof(
  table.chain((each) =>
    fc.record({
      kind: fc.constant("symbol" as const),
      table: fc.constant(each),
      value: fc.nat(symbolCountOf(each) - 1),
    }),
  ),
  fc.record({
    kind: fc.constant("residual" as const),
    table: residualTable,
    value: fc.oneof(
      fc.integer({ min: -12, max: 12 }),
      fc.integer({ min: -(2 ** 21), max: 2 ** 21 - 1 }),
    ),
  }),
  fc.nat(24).chain((count) =>
    fc.record({
      kind: fc.constant("bits" as const),
      count: fc.constant(count),
      value: fc.nat(2 ** count - 1),
    }),
  ),
);
const steps = fc.array(step, { maxLength: 400 });

const encoder = new RangeEncoder(streamModels(), 10_000);
const decoder = new RangeDecoder(streamModels());

function code(coder: RangeEncoder | RangeDecoder, { kind, ...rest }: Step): number {
  if (kind === "bits") return coder.bits((rest as { count: number }).count, rest.value);
  return coder[kind]((rest as { table: number }).table, rest.value);
}

function encode(list: readonly Step[]): Uint8Array<ArrayBuffer> {
  encoder.start();
  for (const each of list) code(encoder, each);
  return encoder.finish().slice();
}

function decode(list: readonly Step[], bytes: Uint8Array): number[] {
  decoder.start(bytes);
  const values = list.map((each) => code(decoder, { ...each, value: 0 }));
  decoder.finish();
  return values;
}

describe("range coder", () => {
  test("[E20] every sequence decodes to itself", () => {
    fc.assert(
      fc.property(steps, (list) => {
        expect(decode(list, encode(list))).toEqual(list.map(({ value }) => value));
      }),
      { numRuns: 500 },
    );
  });

  test("[E20] carries run through bytes of 255", () => {
    // The likeliest symbol's upper end: low creeps up to a boundary that the last symbol crosses.
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 50, maxLength: 300 }), (flags) => {
        const list = flags.map((flag): Step => ({ kind: "bits", count: 9, value: 511 * flag }));
        expect(decode(list, encode(list))).toEqual(list.map(({ value }) => value));
      }),
      { numRuns: 300 },
    );
  });

  test("[E22] a frame of the likeliest symbols has no bytes", () => {
    const list = Array.from({ length: 20 }, (): Step => ({ kind: "symbol", table: 0, value: 0 }));
    expect(encode(list).length).toBe(0);
  });

  test("[E23] bytes that decode are the ones that the encoder writes", () => {
    let accepted = 0;
    fc.assert(
      fc.property(steps, fc.uint8Array({ maxLength: 12 }), (list, bytes) => {
        let values: number[];
        try {
          values = decode(list, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        accepted++;
        const same = list.map((each, index) => ({ ...each, value: values[index] }));
        expect(encode(same).toHex()).toBe(bytes.toHex());
      }),
      { numRuns: 3000, seed: 4 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  test("[E23] a sequence has one payload: with bytes appended it is refused, or another sequence", () => {
    // Another one, because zeros that a payload leaves out may be all that the last symbols are.
    fc.assert(
      fc.property(steps, fc.uint8Array({ minLength: 1, maxLength: 5 }), (list, more) => {
        const bytes = new Uint8Array([...encode(list), ...more]);
        let values: number[];
        try {
          values = decode(list, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(values).not.toEqual(list.map(({ value }) => value));
        const same = list.map((each, index) => ({ ...each, value: values[index] }));
        expect(encode(same).toHex()).toBe(bytes.toHex());
      }),
      { numRuns: 500 },
    );
  });

  test("[E23] a zero at the end, and bytes that nothing was read from, are refused", () => {
    const list: Step[] = [{ kind: "bits", count: 20, value: 0xabcde }];
    const bytes = encode(list);
    for (const more of [[0], [0, 0], [1, 2, 3, 4], [0, 0, 0, 0, 7]]) {
      expect(() => decode(list, new Uint8Array([...bytes, ...more]))).toThrow(DecodeError);
    }
  });
});

describe("bins", () => {
  test("[E18] every code lies in its bin, and every bin holds its codes", () => {
    for (let value = -70_000; value <= 70_000; value += value > -300 && value < 300 ? 1 : 97) {
      const codeOf = zigzag(value);
      expect(unzigzag(codeOf)).toBe(value);
      if (codeOf < LARGE_BIN) continue;
      const bin = binOf(codeOf);
      expect(codeOf - binStart(bin)).toBeGreaterThanOrEqual(0);
      expect(codeOf - binStart(bin)).toBeLessThan(2 ** binBits(bin));
    }
  });

  test("[E19] the frequencies of every table sum to 32,768 and none is zero", () => {
    for (let each = 0; each < TABLE_COUNT; each++) {
      const first = each * 53;
      for (let symbol = 0; symbol < symbolCountOf(each); symbol++) {
        const { cumulative } = streamModels();
        expect(cumulative[first + symbol + 1]).toBeGreaterThan(cumulative[first + symbol]);
      }
      expect(streamModels().cumulative[first + symbolCountOf(each)]).toBe(32_768);
    }
  });
});

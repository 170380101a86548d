import { expect, test } from "bun:test";
import fc from "fast-check";
import { eachTopLevelMember, findSyntaxError, keyOf } from "./json-scan.ts";

const utf8 = new TextEncoder();

const faults: [string, number, string][] = [
  ['{"a":1', 6, '"," or "}"'],
  ["[1,", 3, "a value"],
  ['{"a"', 4, '":"'],
  ["{a:1}", 1, "a property name in quotes"],
  ['{"a":1,}', 7, "a property name in quotes"],
  ["[1 2]", 3, '"," or "]"'],
  ["01", 1, "the end of the text"],
  ["-", 0, "a value"],
  ["NaN", 0, "a value"],
  ['"a\nb"', 2, 'a string character or "'],
  ['"\\x"', 1, "a valid escape"],
  ["{} x", 3, "the end of the text"],
  ["", 0, "a value"],
];
for (const [text, index, expected] of faults) {
  test(`${JSON.stringify(text)} breaks at ${index}, where ${expected} was expected`, () => {
    expect(() => JSON.parse(text)).toThrow();
    const { byteOffset, expected: named } = findSyntaxError(utf8.encode(text));
    expect([byteOffset, named]).toEqual([index, expected]);
  });
}

test("a fault lies where the longest prefix that can still become JSON ends", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, cut) => {
      const prefix = text.slice(0, cut % text.length);
      let valid = true;
      try {
        JSON.parse(prefix);
      } catch {
        valid = false;
      }
      // A cut number or word breaks at its start or at the cut; everything else at the cut.
      if (!valid) {
        const bytes = utf8.encode(prefix);
        const { byteOffset } = findSyntaxError(bytes);
        expect(byteOffset).toBeLessThanOrEqual(bytes.length);
        const rest = new TextDecoder().decode(bytes.subarray(byteOffset));
        expect(/^[\w.+\-\\]*$/.test(rest)).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test("the members of any object are found with their keys and texts", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object, null, 1);
      const bytes = utf8.encode(text);
      const keys: string[] = [];
      const members: string[] = [];
      eachTopLevelMember(bytes, (keyStart, keyEnd, end) => {
        keys.push(keyOf(bytes, keyStart, keyEnd));
        members.push(new TextDecoder().decode(bytes.subarray(keyStart, end)));
      });
      expect(keys).toEqual(Object.keys(object));
      const rebuilt = `{${members.join(",")}}`;
      expect(JSON.stringify(JSON.parse(rebuilt))).toBe(JSON.stringify(object));
    }),
  );
});

/** The bytes, counting how often one of them is read. */
function counting(bytes: Uint8Array): { bytes: Uint8Array; reads: () => number } {
  let reads = 0;
  const counted = new Proxy(bytes, {
    get(target, property) {
      if (typeof property === "string" && /^\d+$/.test(property)) reads++;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { bytes: counted, reads: () => reads };
}

const LENGTH = 20_000;
const costly: [string, string][] = [
  ["arrays that are open", "[".repeat(LENGTH)],
  ["objects that are open", '{"a":'.repeat(LENGTH / 5)],
  ["an error at the end of numbers", `[${"1.5e7,".repeat(LENGTH / 6)}`],
  ["an error at the end of members", `{${'"k":{},'.repeat(LENGTH / 8)}`],
  ["an error at the end of a string", `"${"x".repeat(LENGTH)}`],
  ["an error at the end of escapes", `"${"\\u00e9".repeat(LENGTH / 6)}\\x`],
  ["an error after spaces", `${" ".repeat(LENGTH)}x`],
  ["an error after digits", `${"1".repeat(LENGTH)}x`],
  ["an error after exponents", `[${"1e5,".repeat(LENGTH / 4)}x`],
];
for (const [name, text] of costly) {
  test(`[J2] the place of ${name} is found by reading a byte six times at most`, () => {
    const { bytes, reads } = counting(utf8.encode(text));
    expect(findSyntaxError(bytes).byteOffset).toBeGreaterThan(0);
    expect(reads() / bytes.length).toBeLessThan(6);
  });
}

test("members are found by reading a byte six times at most", () => {
  const text = `{${Array.from({ length: LENGTH / 10 }, (_, i) => `"key${i}":1`).join(",")}}`;
  const { bytes, reads } = counting(utf8.encode(text));
  let members = 0;
  eachTopLevelMember(bytes, () => members++);
  expect(members).toBe(LENGTH / 10);
  expect(reads() / bytes.length).toBeLessThan(6);
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import { findSyntaxError, topLevelMembers } from "./json-scan.ts";

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
    const { index: found, expected: named } = findSyntaxError(text);
    expect([found, named]).toEqual([index, expected]);
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
        const { index } = findSyntaxError(prefix);
        expect(index).toBeLessThanOrEqual(prefix.length);
        expect(/^[\w.+\-\\]*$/.test(prefix.slice(index))).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test("the members of any object are found with their keys and texts", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object, null, 1);
      const members = topLevelMembers(text);
      expect(members.map((member) => member.key)).toEqual(Object.keys(object));
      const rebuilt = `{${members.map(({ start, end }) => text.slice(start, end)).join(",")}}`;
      expect(JSON.stringify(JSON.parse(rebuilt))).toBe(JSON.stringify(object));
    }),
  );
});

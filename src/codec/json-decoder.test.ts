import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { anyFrame } from "../../test/frames.ts";
import { DecodeError } from "./errors.ts";
import { withLikelyCause } from "./json-fault.ts";
import { JsonDecoder } from "./json-decoder.ts";
import { outlineOf } from "./json-outline.ts";
import { JsonShape } from "./json-shape.ts";
import { decodeJson, encodeJson } from "./json.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** What a decoder without memory says: an outline, or the message of its error. */
function fresh(bytes: Uint8Array): unknown {
  try {
    return outlineOf(decodeJson(bytes), bytes);
  } catch (error) {
    if (error instanceof DecodeError) return (withLikelyCause(error, bytes) as DecodeError).message;
    throw error;
  }
}

function warm(decoder: JsonDecoder, bytes: Uint8Array): unknown {
  try {
    return decoder.check(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

describe("a shape", () => {
  const original = '{"a":[0,-1.5,"1 \\" 2"],"n2":3e-7}';

  for (const [text, matches] of [
    [original, true],
    ['{"a":[12.25,0,"1 \\" 2"],"n2":-4}', true],
    ['{"a":[1E5,1e+05,"1 \\" 2"],"n2":0.0}', true],
    ['{"a":[01,0,"1 \\" 2"],"n2":3}', false],
    ['{"a":[1.,0,"1 \\" 2"],"n2":3}', false],
    ['{"a":[-,0,"1 \\" 2"],"n2":3}', false],
    ['{"a":[1e,0,"1 \\" 2"],"n2":3}', false],
    ['{"a":[1e999,0,"1 \\" 2"],"n2":3}', false],
    [`{"a":[${"9".repeat(400)},0,"1 \\" 2"],"n2":3}`, false],
    ['{"a":[0,0,"3 \\" 4"],"n2":3}', false],
    ['{"a":[0,0,"1 \\" 2"],"n2":null}', false],
    ['{"a":[0,0,"1 \\" 2"],"n2":3', false],
    ['{"a":[0,0,"1 \\" 2"],"n2":3} ', false],
    ["", false],
  ] as const) {
    test(`${text.slice(0, 50)} ${matches ? "has" : "has not"} the shape of ${original}`, () => {
      expect(new JsonShape(utf8(original)).matches(utf8(text))).toBe(matches);
      if (matches) JSON.parse(text);
    });
  }
});

test("[J3] a decoder that remembers a shape says what one without memory says, whatever comes", () => {
  const change = fc.tuple(fc.nat(), fc.constantFrom(...'0129-+.eE"\\{}[],: nz\u0000'.split("")));
  const decoder = new JsonDecoder();
  fc.assert(
    fc.property(anyFrame, fc.array(change, { maxLength: 3 }), (frame, changes) => {
      const good = encodeJson(frame);
      expect(warm(decoder, good)).toEqual(fresh(good));
      expect(warm(decoder, good)).toEqual(fresh(good));
      const bytes = good.slice();
      for (const [at, character] of changes) bytes[at % bytes.length] = character.charCodeAt(0);
      expect(warm(decoder, bytes)).toEqual(fresh(bytes));
      expect(warm(decoder, good)).toEqual(fresh(good));
    }),
    { numRuns: 1500 },
  );
});

describe("a frame's timestamp", () => {
  const frame = (timestamp: string, x: number) =>
    `{"bones":[{"name":"Kopf ü","timestamp":5}],"mine":{"timestamp":6},${timestamp},"rootTransform":{"worldPosition":{"x":${x}}}}`;

  test("is read from the top level, also of frames that are checked by shape", () => {
    const decoder = new JsonDecoder();
    for (const [timestamp, expected] of [
      ['"timestamp" : 1764000000.123', 1764000000.123],
      ['"timestamp" : 1764000000.156', 1764000000.156],
      ['"timestamp" : -1.5e3', -1500],
      ['"x":1', null],
      ['"x":2', null],
      ['"timestamp":7,"timestamp":8', 8],
      ['"timestamp":9,"timestamp":10', 10],
      ['"timestamp" : 1', 1],
    ] as const) {
      for (const mark of ["", "\ufeff"]) {
        for (let x = 0; x < 3; x++) {
          decoder.check(utf8(mark + frame(timestamp, x)));
          expect(decoder.timestamp).toBe(expected);
        }
      }
    }
  });
});

import { describe, expect, spyOn, test } from "bun:test";
import fc from "fast-check";
import { anyFrame } from "../../test/frames.ts";
import { encodeBinary } from "./binary-encoder.ts";
import { completeFrame } from "./complete-frame.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import { identityFrame } from "./frame.ts";
import { outlineOf, withServerTimestamp } from "./json-outline.ts";
import { decodeJson, encodeJson } from "./json.ts";

const utf8 = new TextEncoder();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const stamped = (text: string, seconds: number) => {
  const bytes = utf8.encode(text);
  return textOf(withServerTimestamp(bytes, outlineOf(decodeJson(bytes), bytes), seconds));
};

function decodeErrorOf(bytes: Uint8Array): DecodeError {
  try {
    decodeJson(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("decoded");
}

describe("decoding", () => {
  test("[J1] a frame round-trips exactly", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeJson(encodeJson(frame))).toEqual(frame);
        expect(completeFrame(decodeJson(encodeJson(frame)))).toEqual(frame);
      }),
    );
  });

  test("[J2] whatever bytes come, only a DecodeError escapes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => utf8.encode(text)),
        ),
        (bytes) => {
          try {
            decodeJson(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("[J2] a mutated frame decodes or throws a DecodeError that names a byte inside or a path", () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.integer({ min: 0, max: 255 }), (frame, position, byte) => {
        const bytes = encodeJson(frame);
        bytes[position % bytes.length] = byte;
        try {
          decodeJson(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          const { place } = error as DecodeError;
          if ("byteOffset" in place) expect(place.byteOffset).toBeLessThanOrEqual(bytes.length);
          else expect(place.path).toStartWith("$");
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the byte of a fault counts UTF-8 bytes, not characters", () => {
    const path = '$["né€😀"]';
    expect(decodeErrorOf(utf8.encode('{"né€😀":tru}')).place).toEqual({ byteOffset: 14, path });
  });

  test("[J2c] invalid UTF-8 is named by its first wrong byte", () => {
    const bytes = new Uint8Array([...utf8.encode('{"a":"é'), 0xc3, 0x28, 0x22, 0x7d]);
    const error = decodeErrorOf(bytes);
    expect(error.code).toBe("invalid_utf8");
    expect(error.place).toEqual({ byteOffset: 9 });
  });

  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  test("[J11] 64 objects and arrays inside each other are data, one more is refused at its byte", () => {
    const deep = `{"x":${nested(63)}}`;
    expect(stamped(deep, 1)).toBe(`${deep.slice(0, -1)},"server_timestamp":1}`);
    const error = decodeErrorOf(utf8.encode(`{"x":${nested(64)}}`));
    expect(error.code).toBe("too_deep");
    expect(error.place).toEqual({ byteOffset: 68 });
  });

  // 50,000 with the array and the document around it.
  for (const [kind, value, count] of [
    ["numbers", "1", 1],
    ["strings", '"a,[{\\""', 1],
    ["literals", " null ", 1],
    ["empty lists", "[ ]", 1],
    ["objects", '{ "a" : {} }', 2],
  ] as const) {
    test(`[J10] 50,000 values that are ${kind} are data, one more is refused`, () => {
      const values = Array.from({ length: 49_998 / count }, () => value).join(",");
      decodeJson(utf8.encode(`{"x":[${values}]}`));
      const error = decodeErrorOf(utf8.encode(`{"x":[${values},0]}`));
      expect(error.code).toBe("too_many_values");
    });
  }

  test("[J12] text beyond the bounds is never parsed", () => {
    const parse = spyOn(JSON, "parse");
    for (const text of ["[".repeat(1e6), '{"a":'.repeat(1e5), `[${"1,".repeat(60_000)}1]`]) {
      decodeErrorOf(utf8.encode(text));
    }
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test("invalid UTF-8 is found wherever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.nat(), (text, at) => {
        const bytes = utf8.encode(JSON.stringify(text).toWellFormed());
        // No character begins with this byte, and none has it inside.
        bytes[at % bytes.length] = 0xff;
        expect(decodeErrorOf(bytes).place).toEqual({ byteOffset: at % bytes.length });
      }),
    );
  });

  test("a key named __proto__ is kept as data and never applied", () => {
    const text = '{"__proto__":{"polluted":true},"bones":[{"__proto__":{"name":5}}]}';
    decodeJson(utf8.encode(text));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(stamped(text, 2)).toBe(`${text.slice(0, -1)},"server_timestamp":2}`);
  });
});

describe("stamping", () => {
  test("[J4] [J5] everything posted stays to the letter, digits of numbers included", () => {
    expect(stamped(' { "n" : 1.50, "big": 12345678901234567890 } \n', 7.25)).toBe(
      ' { "n" : 1.50, "big": 12345678901234567890 ,"server_timestamp":7.25}',
    );
  });

  test("[J5] an empty object gains one member", () => {
    expect(stamped("{ }", 3)).toBe('{ "server_timestamp":3}');
  });

  test("[J5] a posted server_timestamp is overwritten anywhere, in any spelling", () => {
    const posted =
      '{"server_timestamp":1,"a":{"server_timestamp":2},"server\\u005ftimestamp":3,"b":4}';
    expect(stamped(posted, 9)).toBe('{"a":{"server_timestamp":2},"b":4,"server_timestamp":9}');
    expect(stamped('{"server_timestamp":1}', 9)).toBe('{"server_timestamp":9}');
    expect(stamped('{"a":"\\"","server\\u005ftimestamp" : 3.5e0 } ', 9)).toBe(
      '{"a":"\\"","server_timestamp":9}',
    );
  });

  test("a byte order mark is ignored and not returned", () => {
    expect(stamped('\uFEFF{"a":1}', 5)).toBe('{"a":1,"server_timestamp":5}');
  });
});

describe("what binary cannot hold", () => {
  const whole = () => JSON.parse(JSON.stringify(identityFrame())) as Record<string, unknown>;
  const bone = (name: string) => ({
    name,
    localPosition: { x: 0, y: 0, z: 0 },
    localRotation: { x: 0, y: 0, z: 0, w: 1 },
    localScale: { x: 1, y: 1, z: 1 },
  });
  const cases: [string, Record<string, unknown>, EncodeError["code"], string][] = [
    [
      "a rotation without w",
      { rootTransform: { worldRotation: { x: 90, y: 0, z: 0 } } },
      "missing_field",
      "$.rootTransform.worldRotation.w",
    ],
    ["a property of the client's own", { mood: "glad" }, "unknown_property", "$.mood"],
    ["a key that needs quotes", { "a b": 1 }, "unknown_property", '$["a b"]'],
    ["a duplicate name", { bones: [bone("A"), bone("A")] }, "duplicate_name", "$.bones[1].name"],
    ["an empty name", { bones: [bone("")] }, "empty_name", "$.bones[0].name"],
    ["a 65-byte name", { bones: [bone("é".repeat(32) + "x")] }, "name_too_long", "$.bones[0].name"],
    ["a lone surrogate", { bones: [bone("\ud800")] }, "unencodable_name", "$.bones[0].name"],
    [
      "a number beyond f32",
      { blendShapes: [{ name: "jaw", weight: 1e39 }] },
      "beyond_f32",
      "$.blendShapes[0].weight",
    ],
  ];
  for (const [what, change, code, path] of cases) {
    test(`[B9] ${what} is named by its path`, () => {
      const document = decodeJson(utf8.encode(JSON.stringify({ ...whole(), ...change })));
      let thrown: unknown;
      try {
        completeFrame(document);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(EncodeError);
      expect(thrown).toMatchObject({ code, path });
    });
  }

  test("[B9] a 64-byte name and a parent pass", () => {
    const document = { ...whole(), bones: [{ ...bone("é".repeat(32)), parent: null }] };
    expect(completeFrame(decodeJson(utf8.encode(JSON.stringify(document)))).bones).toHaveLength(1);
  });
});

describe("fields", () => {
  const document = (text: string) => decodeJson(utf8.encode(text));
  const pathOf = (text: string) => decodeErrorOf(utf8.encode(text)).place.path;

  test("[J3] may be missing, and some may be null", () => {
    expect(document("{}")).toEqual({});
    const absent = { rootTransform: null, bones: null, blendShapes: null, timestamp: null };
    expect(document(JSON.stringify(absent))).toEqual(absent);
    const bone = { name: null, parent: null, localPosition: null };
    expect(document(JSON.stringify({ bones: [bone] })).bones).toEqual([bone]);
  });

  test("[J3c] that come twice count as the last of them", () => {
    expect(document('{"timestamp":"x","timestamp":2}').timestamp).toBe(2);
    expect(pathOf('{"timestamp":2,"timestamp":"x"}')).toBe("$.timestamp");
  });

  test("[J3d] are checked in their order, whatever the order of the text", () => {
    const wrong = {
      server_timestamp: "x",
      timestamp: "x",
      blendShapes: [{ weight: "x", name: 1 }],
      bones: [{ parent: 1, localScale: 1, localRotation: 1, localPosition: { y: "x" }, name: 1 }],
      rootTransform: { localScale: 1 },
    } as Record<string, unknown>;
    const bone = (wrong["bones"] as Record<string, unknown>[])[0];
    const shape = (wrong["blendShapes"] as Record<string, unknown>[])[0];
    const told: (string | undefined)[] = [];
    for (const [owner, key] of [
      [wrong, "rootTransform"],
      [bone, "name"],
      [bone, "localPosition"],
      [bone, "localRotation"],
      [bone, "localScale"],
      [bone, "parent"],
      [shape, "name"],
      [shape, "weight"],
      [wrong, "timestamp"],
      [wrong, "server_timestamp"],
    ] as const) {
      told.push(pathOf(JSON.stringify(wrong)));
      delete owner[key];
    }
    expect(told).toEqual([
      "$.rootTransform.localScale",
      "$.bones[0].name",
      "$.bones[0].localPosition.y",
      "$.bones[0].localRotation",
      "$.bones[0].localScale",
      "$.bones[0].parent",
      "$.blendShapes[0].name",
      "$.blendShapes[0].weight",
      "$.timestamp",
      "$.server_timestamp",
    ]);
    expect(document(JSON.stringify(wrong)).bones).toEqual([{}]);
    // A list that is too long is that, whatever is in it.
    expect(pathOf(JSON.stringify({ bones: Array.from({ length: 1025 }, () => 1) }))).toBe(
      "$.bones",
    );
  });

  test("[B9b] of a client's own are told before what is wrong in the fields", () => {
    const misfits = [
      '{"mood":1,"bones":[{}]}',
      '{"bones":[{"id":1,"name":""}]}',
      '{"bones":[{"name":""}],"blendShapes":[{"side":1}]}',
    ];
    expect(
      misfits.map((text) => {
        try {
          completeFrame(document(text));
        } catch (error) {
          return (error as EncodeError).path;
        }
        return null;
      }),
    ).toEqual(["$.mood", "$.bones[0].id", "$.bones[0].name"]);
  });

  test("[B9c] of parents are not in binary", () => {
    const bones = (parent: string | null) => {
      const text = JSON.stringify({ bones: [{ name: "a", localPosition: {}, parent }] });
      return encodeBinary(completeFrame(document(text))).toHex();
    };
    expect(bones("Hips")).toBe(bones(null));
  });
});

import { expect, test } from "bun:test";
import { DecodeError } from "./errors.ts";
import { JsonDecoder } from "./json-decoder.ts";

const faults: [string, string, string][] = [
  ['{"bones":[{},{"localPosition":{"x":NaN}}]}', "$.bones[1].localPosition.x", "NaN"],
  ['{"timestamp":-Infinity}', "$.timestamp", "JSON has no NaN and no infinity"],
  ['{"timestamp":-nan(ind)}', "$.timestamp", "JSON has no NaN and no infinity"],
  ['{"timestamp":1.#QNAN}', "$.timestamp", "JSON has no NaN and no infinity"],
  [
    '{"rootTransform":{"worldPosition":{"x":-1,25,"y":0}}}',
    "$.rootTransform.worldPosition.x",
    "decimal comma (-1,25)",
  ],
  ['{"timestamp":.5}', "$.timestamp", "digits on both sides"],
  ['{"timestamp":007}', "$.timestamp", "no leading plus or zero"],
  ['{"bones":[],}', "$.bones", "a comma after the last member"],
  ['{"bones":[{},]}', "$.bones[1]", "a comma after the last entry"],
  ["{'bones':[]}", "$", "json.dumps"],
  ['{"bones":None}', "$.bones", "json.dumps"],
  ['{"bones":[{"name":"Hips","loc', "$.bones[0].name", "cut off"],
  ["%7B%22bones%22%3A%5B%5D%7D", "$", "percent-encoded"],
  ['{\0"\0b\0', "$", "UTF-16"],
  ['{"bones":[] // none\n}', "$.bones", "no comments"],
];
for (const [text, path, cause] of faults) {
  test(`[18] ${JSON.stringify(text)} is refused at ${path}, with the likely cause`, () => {
    const error = errorOf(text);
    expect(error.code).toBe("syntax");
    expect(error.place).toMatchObject({ path });
    expect(error.message).toStartWith(path === "$" ? "byte " : `${path} (byte `);
    expect(error.message).toContain(cause);
  });
}

const wrongTypes: [string, string, string][] = [
  ['{"rootTransform":{"worldPosition":{"x":null}}}', "$.rootTransform.worldPosition.x", "NaN"],
  ['{"blendShapes":[{"weight":"0.5"}]}', "$.blendShapes[0].weight", "numbers have no quotes"],
  ['"{\\"bones\\":[]}"', "$", "serialised twice"],
  [
    '{"bones":[{"localPosition":[0,1,0]}]}',
    "$.bones[0].localPosition",
    "an object of x, y, z, found an array",
  ],
];
for (const [text, path, cause] of wrongTypes) {
  test(`[18] ${text} is a wrong type at ${path}, with the likely cause`, () => {
    const error = errorOf(text);
    expect(error.code).toBe("wrong_type");
    expect(error.place).toEqual({ path });
    expect(error.message).toContain(cause);
  });
}

function errorOf(text: string): DecodeError {
  try {
    new JsonDecoder().check(new TextEncoder().encode(text));
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

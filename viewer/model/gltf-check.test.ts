import { describe, expect, test } from "bun:test";
import { Group } from "three";
import { glbOf } from "../../test/page-glb.ts";
import { checkGltf } from "./gltf-check.ts";

const problemOf = (bytes: Uint8Array<ArrayBuffer>): string | null => {
  try {
    checkGltf(bytes);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
const textProblem = (text: string) => problemOf(new TextEncoder().encode(text));
const jsonProblem = (json: object) =>
  textProblem(JSON.stringify({ asset: { version: "2.0" }, scenes: [{}], ...json }));

test("a model that carries all it needs is taken, as GLB and as JSON", () => {
  expect(problemOf(glbOf(new Group()))).toBeNull();
  const uri = "data:application/octet-stream;base64,AAAA";
  expect(jsonProblem({ buffers: [{ uri }], nodes: [{ children: [1] }, {}] })).toBeNull();
  expect(jsonProblem({ extensionsRequired: ["KHR_mesh_quantization", "VRMC_vrm"] })).toBeNull();
});

describe("what is no glTF 2.0", () => {
  for (const [kind, bytes, sentence] of [
    ["nothing", "", "it is empty"],
    ["text", "hello", "it is not a glTF model: a GLB or VRM file is needed"],
    ["other JSON", '{"a":1}', "it is not a glTF model: a GLB or VRM file is needed"],
    ["JSON that is broken", '{"asset":', "it is damaged or not valid glTF: export it again"],
    ["an FBX", "Kaydara FBX Binary  \0", "it is an FBX file: convert it to GLB"],
    ["glTF 1", '{"asset":{"version":"1.0"}}', "it is glTF 1.0: export it as glTF 2.0"],
  ] as const) {
    test(`${kind} is told`, () => {
      expect(textProblem(bytes)).toStartWith(sentence);
    });
  }

  test("a GLB that is cut short or whose chunks lie about their length is told", () => {
    const whole = glbOf(new Group());
    expect(problemOf(whole.slice(0, 200))).toBe(
      `it is cut short: 200 bytes of ${whole.length} are there`,
    );
    expect(problemOf(whole.slice(0, 10))).toStartWith("it is damaged");
    const lying = whole.slice();
    new DataView(lying.buffer).setUint32(12, 0xfffffff0, true);
    expect(problemOf(lying)).toStartWith("it is damaged");
  });
});

describe("what this page lacks", () => {
  for (const [extension, sentence] of [
    [
      "KHR_draco_mesh_compression",
      "it is compressed with Draco, which this page does not decode: export it without compression",
    ],
    ["EXT_meshopt_compression", "it is compressed with meshopt, which this page does not decode"],
    ["KHR_texture_basisu", "its textures are KTX2 (Basis), which this page does not decode"],
    ["VENDOR_magic", "it requires the glTF extension VENDOR_magic, which this page lacks"],
  ] as const) {
    test(`${extension} is named`, () => {
      expect(jsonProblem({ extensionsRequired: [extension] })).toStartWith(sentence);
    });
  }

  test("Draco is named even where the file says that it may be left out", () => {
    expect(jsonProblem({ extensionsUsed: ["KHR_draco_mesh_compression"] })).toContain("Draco");
    expect(jsonProblem({ extensionsUsed: ["KHR_texture_basisu"] })).toBeNull();
  });

  test("other files are named, and none is fetched", () => {
    const json = { buffers: [{ uri: "scene.bin" }], images: [{ uri: "https://a.example/b.png" }] };
    expect(jsonProblem(json)).toBe(
      "it needs other files (scene.bin and 1 more): export it as GLB, which has all in one",
    );
  });
});

describe("what would never be done", () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, index) => (index < length - 1 ? { children: [index + 1] } : {}));

  test("nodes in a circle, with two parents, or too many or too deep are refused", () => {
    expect(jsonProblem({ nodes: chain(400) })).toBeNull();
    for (const nodes of [
      [{ children: [0] }],
      [{ children: [1] }, { children: [0] }],
      [{ children: [2] }, { children: [2] }, {}],
      chain(600),
    ]) {
      expect(jsonProblem({ nodes })).toStartWith("it is damaged");
    }
    const nodes = Array.from({ length: 10_001 }, () => ({}));
    expect(jsonProblem({ nodes })).toStartWith("it has 10001 nodes, and at most 10000");
  });

  test("more vertices than a browser holds are refused, those of morph targets too", () => {
    const meshes = [{ primitives: [{ attributes: { POSITION: 0 }, targets: [{}, {}, {}] }] }];
    expect(jsonProblem({ accessors: [{ count: 1e6 }], meshes })).toBeNull();
    for (const count of [2e7, 1e12, "many"]) {
      const problem = jsonProblem({ accessors: [{ count }], meshes });
      expect(problem).toStartWith("it has more than 50 million vertices");
    }
  });

  test("members of the wrong type are told, whatever they are", () => {
    for (const wrong of [null, 1, "a", {}, [null], [{ children: 1 }], [[]]]) {
      for (const member of ["nodes", "accessors", "buffers", "images", "meshes", "scenes"]) {
        expect(jsonProblem({ [member]: wrong }) ?? "it is fine").toMatch(/^(it|there) /);
      }
      expect(jsonProblem({ extensionsUsed: wrong }) ?? "it is fine").toMatch(/^it /);
    }
    expect(jsonProblem({ nodes: { length: 3 } })).toStartWith("it is damaged");
  });

  test("a JSON of many megabytes is not even parsed", () => {
    expect(textProblem("{".padEnd(17e6))).toStartWith("its JSON has 17 MB, and at most 16 MB");
  });
});

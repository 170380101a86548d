// A glTF model in one file, by hand: a tree of nodes, and a triangle with a texture and morph targets. The
// smallest file that a loader accepts as an avatar, as GLB, VRM 0 or VRM 1.
import type { Object3D } from "three";

const GLTF_MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BINARY = 0x004e4942;

// One white pixel.
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";

export interface GltfOptions {
  /** Names of the triangle's morph targets. */
  readonly morphTargets?: readonly string[];
  /** Goes into the file as it is. */
  readonly json?: object;
}

const MATERIAL = { pbrMetallicRoughness: { baseColorTexture: { index: 0 } } };

interface Gltf {
  readonly json: object;
  readonly binary: Uint8Array<ArrayBuffer>;
}

/** The nodes of a model, whose last one is a mesh. */
function gltfOf(model: Object3D, { morphTargets = [], json = {} }: GltfOptions): Gltf {
  const nodes = nodesOf(model);
  const positions = new Uint8Array(new Float32Array([0, 0, 0, 0.1, 0, 0, 0, 0.1, 0]).buffer);
  const uvs = new Uint8Array(new Float32Array([0, 0, 1, 0, 0, 1]).buffer);
  const png = Buffer.from(PNG, "base64");
  const binary = padded(Buffer.concat([positions, uvs, png]), 0);
  return {
    binary,
    json: {
      asset: { version: "2.0" },
      scene: 0,
      scenes: [{ nodes: [0, nodes.length] }],
      nodes: [
        ...nodes.map(({ name, position, quaternion, scale, children }) => ({
          name,
          translation: position.toArray(),
          rotation: quaternion.toArray(),
          scale: scale.toArray(),
          ...(children.length > 0 && { children: children.map((child) => nodes.indexOf(child)) }),
        })),
        { name: "Face", mesh: 0 },
      ],
      meshes: [
        {
          primitives: [
            {
              attributes: { POSITION: 0, TEXCOORD_0: 1 },
              material: 0,
              targets: morphTargets.map(() => ({ POSITION: 0 })),
            },
          ],
          extras: { targetNames: morphTargets },
        },
      ],
      materials: [MATERIAL],
      textures: [{ source: 0 }],
      images: [{ bufferView: 2, mimeType: "image/png" }],
      accessors: [
        {
          bufferView: 0,
          componentType: 5126,
          count: 3,
          type: "VEC3",
          min: [0, 0, 0],
          max: [0.1, 0.1, 0],
        },
        { bufferView: 1, componentType: 5126, count: 3, type: "VEC2" },
      ],
      bufferViews: [
        { buffer: 0, byteOffset: 0, byteLength: positions.length },
        { buffer: 0, byteOffset: positions.length, byteLength: uvs.length },
        { buffer: 0, byteOffset: positions.length + uvs.length, byteLength: png.length },
      ],
      buffers: [{ byteLength: binary.length }],
      ...json,
    },
  };
}

function nodesOf(model: Object3D): Object3D[] {
  const nodes: Object3D[] = [];
  model.traverse((node) => nodes.push(node));
  return nodes;
}

/** The bytes of a GLB file. */
export function glbOf(model: Object3D, options: GltfOptions = {}): Uint8Array<ArrayBuffer> {
  const { json, binary } = gltfOf(model, options);
  const text = padded(new TextEncoder().encode(JSON.stringify(json)), 0x20);
  const out = new Uint8Array(12 + 8 + text.length + 8 + binary.length);
  const view = new DataView(out.buffer);
  let at = 0;
  const write = (...words: number[]) => {
    for (const word of words) {
      view.setUint32(at, word, true);
      at += 4;
    }
  };
  write(GLTF_MAGIC, 2, out.length, text.length, CHUNK_JSON);
  out.set(text, at);
  at += text.length;
  write(binary.length, CHUNK_BINARY);
  out.set(binary, at);
  return out;
}

/** The same as one .gltf: its buffer is a data: URL. */
export function embeddedGltfOf(
  model: Object3D,
  options: GltfOptions = {},
): Uint8Array<ArrayBuffer> {
  const { json, binary } = gltfOf(model, options);
  const uri = `data:application/octet-stream;base64,${binary.toBase64()}`;
  const buffers = [{ byteLength: binary.length, uri }];
  return new TextEncoder().encode(JSON.stringify({ ...json, buffers }));
}

/** What VRM adds: bones by VRM's names, and which morph targets each expression is made of. */
export interface VrmOptions {
  readonly morphTargets: readonly string[];
  /** Nodes by their names in VRM. */
  readonly bones: Readonly<Record<string, Object3D>>;
  /** Morph targets by the names of VRM's presets. */
  readonly presets: Readonly<Record<string, string>>;
  /** And by names of the model's own. */
  readonly custom?: Readonly<Record<string, string>>;
  /** A chain of nodes that falls down. */
  readonly hair?: readonly Object3D[];
}

export function vrm0Of(model: Object3D, options: VrmOptions): Uint8Array<ArrayBuffer> {
  const { morphTargets, bones, presets, custom = {} } = options;
  const nodes = nodesOf(model);
  const group = (name: string, presetName: string, target: string) => ({
    name,
    presetName,
    binds: [{ mesh: 0, index: morphTargets.indexOf(target), weight: 100 }],
  });
  const VRM = {
    specVersion: "0.0",
    meta: { title: "made by a test" },
    humanoid: {
      humanBones: Object.entries(bones).map(([bone, node]) => ({
        bone,
        node: nodes.indexOf(node),
      })),
    },
    blendShapeMaster: {
      blendShapeGroups: [
        ...Object.entries(presets).map(([name, target]) => group(`my ${name}`, name, target)),
        ...Object.entries(custom).map(([name, target]) => group(name, "unknown", target)),
      ],
    },
    materialProperties: [
      {
        name: "toon",
        shader: "VRM/MToon",
        renderQueue: 2000,
        floatProperties: { _OutlineWidthMode: 1, _OutlineWidth: 0.1 },
        vectorProperties: {},
        textureProperties: { _MainTex: 0 },
        keywordMap: {},
        tagMap: {},
      },
    ],
  };
  const materials = [{ ...MATERIAL, name: "toon" }];
  const json = { materials, extensionsUsed: ["VRM"], extensions: { VRM } };
  return glbOf(model, { morphTargets, json });
}

export function vrm1Of(model: Object3D, options: VrmOptions): Uint8Array<ArrayBuffer> {
  const { morphTargets, bones, presets, custom = {}, hair = [] } = options;
  const nodes = nodesOf(model);
  const expressions = (targets: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(targets).map(([name, target]) => {
        const bind = { node: nodes.length, index: morphTargets.indexOf(target), weight: 1 };
        return [name, { morphTargetBinds: [bind] }];
      }),
    );
  const VRMC_vrm = {
    specVersion: "1.0",
    meta: { name: "made by a test", authors: ["nobody"], licenseUrl: "https://license.example/" },
    humanoid: {
      humanBones: Object.fromEntries(
        Object.entries(bones).map(([bone, node]) => [bone, { node: nodes.indexOf(node) }]),
      ),
    },
    expressions: { preset: expressions(presets), custom: expressions(custom) },
  };
  const joints = hair.map((node) => ({
    node: nodes.indexOf(node),
    stiffness: 0,
    gravityPower: 1,
    gravityDir: [0, -1, 0],
    dragForce: 0.5,
  }));
  const VRMC_springBone = { specVersion: "1.0", springs: [{ joints }] };
  const VRMC_materials_mtoon = {
    specVersion: "1.0",
    outlineWidthMode: "worldCoordinates",
    outlineWidthFactor: 0.002,
  };
  const json = {
    extensionsUsed: ["VRMC_vrm", "VRMC_springBone", "VRMC_materials_mtoon"],
    extensions: { VRMC_vrm, VRMC_springBone },
    materials: [{ ...MATERIAL, extensions: { VRMC_materials_mtoon } }],
  };
  return glbOf(model, { morphTargets, json });
}

/** A chunk's length is a multiple of 4. */
function padded(bytes: Uint8Array, filler: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(filler);
  out.set(bytes);
  return out;
}

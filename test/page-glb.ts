// A glTF model in one file, by hand: a chain of named nodes, the last of which carries a triangle with a
// texture. The smallest thing that a loader takes for an avatar.

const GLTF_MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BINARY = 0x004e4942;

// One white pixel.
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";

/** The bytes of a GLB file with nodes of these names, each the child of the one before. */
export function glbOf(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const positions = new Uint8Array(new Float32Array([0, 0, 0, 0.1, 0, 0, 0, 0.1, 0]).buffer);
  const uvs = new Uint8Array(new Float32Array([0, 0, 1, 0, 0, 1]).buffer);
  const png = Buffer.from(PNG, "base64");
  const binary = padded(Buffer.concat([positions, uvs, png]), 0);
  const json = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: names.map((name, index) => ({
      name,
      translation: [0, 0.1, 0],
      ...(index < names.length - 1 ? { children: [index + 1] } : { mesh: 0 }),
    })),
    meshes: [{ primitives: [{ attributes: { POSITION: 0, TEXCOORD_0: 1 }, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
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
  };
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

/** A chunk's length is a multiple of 4. */
function padded(bytes: Uint8Array, filler: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(filler);
  out.set(bytes);
  return out;
}

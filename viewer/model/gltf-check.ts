// glTF check: whether a file is a model that can be shown, before anything large is made of it. What is
// wrong is told as the end of a sentence: "mine.glb cannot be shown: …".

const GLB_MAGIC = 0x46546c67;
const GLB_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const CHUNK_JSON = 0x4e4f534a;

// VRoid's largest are 80 MB; a model is held several times while it is read.
export const FILE_BYTES_MAX = 200e6;
// A VRM with a hundred blend shapes and hair that swings has 2 MB.
const JSON_BYTES_MAX = 16e6;
const NODES_MAX = 10_000;
// What three.js descends into by recursion.
const NODE_DEPTH_MAX = 500;
// With its morph targets: fifty thousand with a hundred of them are 5 million.
const VERTICES_MAX = 50e6;

interface GltfJson {
  readonly asset?: { readonly version?: unknown };
  readonly extensionsUsed?: readonly string[];
  readonly extensionsRequired?: readonly string[];
  readonly scenes?: readonly unknown[];
  readonly nodes?: readonly { readonly children?: readonly number[] }[];
  readonly buffers?: readonly { readonly uri?: string }[];
  readonly images?: readonly { readonly uri?: string }[];
  readonly accessors?: readonly { readonly count?: number }[];
  readonly meshes?: readonly { readonly primitives?: readonly Primitive[] }[];
}

interface Primitive {
  readonly attributes?: { readonly POSITION?: number };
  readonly targets?: readonly unknown[];
}

/** Says what keeps a file from being shown, and what to do. @throws {Error} */
export function checkGltf(bytes: Uint8Array<ArrayBuffer>): void {
  const text = jsonOf(bytes);
  let json: GltfJson;
  try {
    json = JSON.parse(text) as GltfJson;
  } catch {
    throw new Error(DAMAGED);
  }
  if (typeof json !== "object" || json === null || typeof json.asset !== "object") {
    throw new Error("it is not a glTF model: a GLB or VRM file is needed");
  }
  if (!String(json.asset.version).startsWith("2")) {
    throw new Error(`it is glTF ${String(json.asset.version).slice(0, 10)}: export it as glTF 2.0`);
  }
  checkExtensions(json);
  checkUris(json);
  if (list(json.scenes).length === 0) throw new Error("there is no scene in it");
  checkNodes(json);
  checkVertices(json);
}

/** What is told of a file that a reader stumbled over. */
export const DAMAGED = "it is damaged or not valid glTF: export it again";

function jsonOf(bytes: Uint8Array<ArrayBuffer>): string {
  if (bytes.length === 0) throw new Error("it is empty");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let json = bytes;
  if (bytes.length >= 4 && view.getUint32(0, true) === GLB_MAGIC) {
    if (bytes.length < GLB_HEADER_BYTES + CHUNK_HEADER_BYTES) throw new Error(DAMAGED);
    const version = view.getUint32(4, true);
    if (version !== 2) throw new Error(`it is glTF ${version}: export it as glTF 2.0`);
    const said = view.getUint32(8, true);
    if (said > bytes.length) {
      throw new Error(`it is cut short: ${bytes.length} bytes of ${said} are there`);
    }
    const length = view.getUint32(12, true);
    const start = GLB_HEADER_BYTES + CHUNK_HEADER_BYTES;
    if (view.getUint32(16, true) !== CHUNK_JSON || start + length > said) throw new Error(DAMAGED);
    json = bytes.subarray(start, start + length);
  } else if (new TextDecoder().decode(bytes.subarray(0, 18)) === "Kaydara FBX Binary") {
    throw new Error("it is an FBX file: convert it to GLB, with Blender for example");
  } else if (!/^\uFEFF?\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 100)))) {
    throw new Error("it is not a glTF model: a GLB or VRM file is needed");
  }
  if (json.length > JSON_BYTES_MAX) {
    throw new Error(
      `its JSON has ${megabytes(json.length)}, and at most ${megabytes(JSON_BYTES_MAX)} are read: ` +
        "export it as GLB, which keeps meshes and images out of it",
    );
  }
  return new TextDecoder().decode(json);
}

export const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

const DECODERS: Readonly<Record<string, string>> = {
  KHR_draco_mesh_compression:
    "it is compressed with Draco, which this page does not decode: export it without compression",
  EXT_meshopt_compression:
    "it is compressed with meshopt, which this page does not decode: export it without compression",
  KHR_meshopt_compression:
    "it is compressed with meshopt, which this page does not decode: export it without compression",
  KHR_texture_basisu:
    "its textures are KTX2 (Basis), which this page does not decode: export them as PNG or JPEG",
};

// What GLTFLoader and three-vrm know.
const KNOWN =
  /^(KHR_materials_|EXT_materials_bump|KHR_lights_punctual|KHR_texture_transform|KHR_mesh_quantization|EXT_texture_(webp|avif)|EXT_mesh_gpu_instancing|KHR_animation_pointer|VRM$|VRMC_)/;

function checkExtensions({ extensionsUsed, extensionsRequired }: GltfJson): void {
  const required = list(extensionsRequired).map(String);
  // Draco comes without a fallback that GLTFLoader would take.
  if (list(extensionsUsed).includes("KHR_draco_mesh_compression")) {
    required.push("KHR_draco_mesh_compression");
  }
  for (const name of required) {
    if (Object.hasOwn(DECODERS, name)) throw new Error(DECODERS[name]);
    if (KNOWN.test(name)) continue;
    throw new Error(`it requires the glTF extension ${name.slice(0, 60)}, which this page lacks`);
  }
}

function checkUris({ buffers, images }: GltfJson): void {
  const others = [...list(buffers), ...list(images)]
    .map((each) => each?.uri)
    .filter((uri) => typeof uri === "string" && !uri.startsWith("data:"));
  if (others.length === 0) return;
  const more = others.length > 1 ? ` and ${others.length - 1} more` : "";
  throw new Error(
    `it needs other files (${others[0]!.slice(0, 60)}${more}): export it as GLB, which has all in one`,
  );
}

/** A tree, and of a size that three.js can walk: a node that is its own child would never be done. */
function checkNodes(json: GltfJson): void {
  const nodes = list(json.nodes);
  if (nodes.length > NODES_MAX) {
    throw new Error(
      `it has ${nodes.length} nodes, and at most ${NODES_MAX} are shown: leave out all but the avatar`,
    );
  }
  const parents = new Int32Array(nodes.length).fill(-1);
  for (const [index, node] of nodes.entries()) {
    for (const child of list(node?.children)) {
      if (parents[child] !== -1) throw new Error(DAMAGED);
      parents[child] = index;
    }
  }
  for (let start = 0; start < nodes.length; start++) {
    let depth = 0;
    for (let node = start; node >= 0; node = parents[node]) {
      if (++depth > NODE_DEPTH_MAX) throw new Error(DAMAGED);
    }
  }
}

function checkVertices(json: GltfJson): void {
  const counts = list(json.accessors).map((accessor) => Number(accessor?.count));
  let vertices = 0;
  for (const primitive of list(json.meshes).flatMap((mesh) => list(mesh?.primitives))) {
    vertices +=
      (counts[primitive?.attributes?.POSITION ?? -1] ?? 0) * (1 + list(primitive?.targets).length);
  }
  // NaN is no count either.
  if (![vertices, ...counts].every((count) => count <= VERTICES_MAX)) {
    throw new Error(
      `it has more than ${VERTICES_MAX / 1e6} million vertices, counting each of its blend shapes: ` +
        "reduce it",
    );
  }
}

/** A member that should be an array, as one. */
function list<Value>(value: readonly Value[] | undefined): readonly Value[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(DAMAGED);
  return value;
}

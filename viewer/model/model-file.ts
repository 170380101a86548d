// Model file: a GLB or VRM as three.js has it. It is read in this browser and nothing else is: what a
// file does not carry itself is not fetched.
import { Light, LoadingManager } from "three";
import type { Mesh, Object3D } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { GLTFParser } from "three/addons/loaders/GLTFLoader.js";
import { VRMLoaderPlugin, VRMMetaLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import type { VRM } from "@pixiv/three-vrm";
import { checkGltf, DAMAGED, FILE_BYTES_MAX, megabytes } from "./gltf-check.ts";

export interface ModelFile {
  /** Faces +z. */
  readonly scene: Object3D;
  readonly vrm: VRM | null;
}

/** @throws {Error} for what is no glTF, or needs what this page does not have. */
export async function readModelFile(file: File): Promise<ModelFile> {
  if (file.size > FILE_BYTES_MAX) {
    throw new Error(
      `it has ${megabytes(file.size)}, and at most ${megabytes(FILE_BYTES_MAX)} are read: reduce its textures`,
    );
  }
  const buffer = await file.arrayBuffer();
  checkGltf(new Uint8Array(buffer));
  const embedded = new EmbeddedData();
  try {
    const loader = new GLTFLoader(embedded.manager);
    loader.register(vrmPlugin);
    const { scene, userData } = await loader.parseAsync(buffer, "");
    const vrm = (userData["vrm"] ?? null) as VRM | null;
    let hasSurface = false;
    scene.traverse((object) => {
      object.castShadow = true;
      object.receiveShadow = true;
      // A skinned mesh is where its bones are, not where its bounds were when it was made.
      object.frustumCulled = false;
      hasSurface ||= isDrawn(object);
      // The stage has its own.
      if (object instanceof Light) object.visible = false;
    });
    // A file of an animation, or of a rig: its bones would be found, and nothing be seen.
    if (!hasSurface) throw new NothingToShowError();
    if (vrm !== null) {
      VRMUtils.rotateVRM0(vrm);
      // Moved by this page, bone by bone.
      vrm.humanoid.normalizedHumanBonesRoot.removeFromParent();
    }
    return { scene, vrm };
  } catch (error) {
    if (error instanceof NothingToShowError) throw error;
    console.warn(error);
    throw new Error(sentenceOf(error), { cause: error });
  } finally {
    embedded.release();
  }
}

class NothingToShowError extends Error {
  constructor() {
    super("there is nothing in it to show: it has bones or motion, and no mesh");
  }
}

function isDrawn(object: Object3D): boolean {
  const { geometry } = object as Mesh;
  return (
    geometry?.attributes["position"] !== undefined && geometry.attributes["position"].count > 0
  );
}

function vrmPlugin(parser: GLTFParser): VRMLoaderPlugin {
  // Its licence is between the model's author and who dropped it here.
  const { extensions } = parser.json as {
    extensions?: { VRMC_vrm?: { meta?: { licenseUrl?: string } } };
  };
  const acceptLicenseUrls = [extensions?.VRMC_vrm?.meta?.licenseUrl ?? ""];
  return new VRMLoaderPlugin(parser, {
    autoUpdateHumanBones: false,
    metaPlugin: new VRMMetaLoaderPlugin(parser, { acceptLicenseUrls }),
  });
}

function sentenceOf(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: "" };
  const bones = /^VRMHumanoidLoaderPlugin: .* required but not exist: (.*)$/.exec(message)?.[1];
  if (bones !== undefined) return `it lacks bones that VRM requires: ${bones}`;
  return DAMAGED;
}

/** Buffers and images that a .gltf carries as data: URLs, which the page's policy lets nobody fetch. */
class EmbeddedData {
  readonly manager = new LoadingManager();
  readonly #urls: string[] = [];

  constructor() {
    this.manager.setURLModifier((url) => {
      if (url.startsWith("blob:")) return url;
      const [, type, base64] = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(url) ?? [];
      if (base64 === undefined) throw new Error("it refers to something outside of it");
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0)!);
      const blobUrl = URL.createObjectURL(new Blob([bytes], { type }));
      this.#urls.push(blobUrl);
      return blobUrl;
    });
  }

  release(): void {
    for (const url of this.#urls) URL.revokeObjectURL(url);
  }
}

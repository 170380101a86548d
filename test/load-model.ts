// Loads models as an application does, by GLTFLoader and three-vrm, but without decoding images.
import { Texture } from "three";
import type { Object3D } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { VRMLoaderPlugin, VRMMetaLoaderPlugin } from "@pixiv/three-vrm";
import type { VRM } from "@pixiv/three-vrm";

export async function loadModel(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ scene: Object3D; vrm: VRM | undefined }> {
  const loader = new GLTFLoader();
  loader.register(() => ({
    name: "no images",
    loadTexture: () => Promise.resolve(new Texture()),
  }));
  loader.register((parser) => {
    const acceptLicenseUrls = ["https://license.example/"];
    const metaPlugin = new VRMMetaLoaderPlugin(parser, { acceptLicenseUrls });
    return new VRMLoaderPlugin(parser, { metaPlugin });
  });
  const { scene, userData } = await loader.parseAsync(bytes.buffer, "");
  return { scene, vrm: userData["vrm"] as VRM | undefined };
}

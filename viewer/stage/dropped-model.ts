// Dropped model: a GLB or VRM file of the visitor's own, driven by the names of its bones and blend
// shapes. It is read in this browser and goes nowhere.
import { LoadingManager, Mesh } from "three";
import type { Material, Object3D } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { GLTF } from "three/addons/loaders/GLTFLoader.js";
import { bindPose } from "../../src/client/three.ts";
import type { PoseBinding } from "../../src/client/three.ts";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import { bodyPartOf } from "./bone-names.ts";

/** What of a skeleton a model does not have. */
export interface Match {
  readonly boneCount: number;
  readonly missingBones: readonly string[];
  readonly blendShapeCount: number;
  readonly missingBlendShapes: readonly string[];
}

export class DroppedModel {
  readonly object: Object3D;
  readonly fileName: string;
  /** Names of nodes by what they are of a body, as a VRM file says itself. */
  readonly #humanoid: ReadonlyMap<string, string>;
  #skeleton: Skeleton | null = null;
  #binding: PoseBinding | null = null;
  #weightScale = 1;

  private constructor(fileName: string, { scene, parser }: GLTF) {
    this.fileName = fileName;
    this.object = scene;
    this.#humanoid = humanoidOf(parser.json as object);
    scene.traverse((object) => {
      object.castShadow = true;
      object.receiveShadow = true;
      // A skinned mesh is where its bones are, not where its bounds were when it was made.
      object.frustumCulled = false;
    });
  }

  /** @throws {Error} for what is no glTF, or needs what this page does not have. */
  static async read(file: File): Promise<DroppedModel> {
    const manager = new LoadingManager();
    // A file may name others, on any host. Only what it carries itself is read.
    manager.setURLModifier((url) => {
      if (/^(blob|data):/.test(url)) return url;
      throw new Error(`it needs another file: ${url.slice(0, 100)}`);
    });
    const gltf = await new GLTFLoader(manager).parseAsync(await file.arrayBuffer(), "");
    return new DroppedModel(file.name, gltf);
  }

  /** Finds the bones of a skeleton in this model. */
  bind(skeleton: Skeleton, weightScale = 1): void {
    const names: Record<string, string> = {};
    for (const name of skeleton.boneNames) {
      const node = this.#humanoid.get(bodyPartOf(name) ?? "");
      if (node !== undefined && this.object.getObjectByName(name) === undefined) names[name] = node;
    }
    this.#skeleton = skeleton;
    this.#weightScale = weightScale;
    this.#binding = bindPose(this.object, skeleton, {
      names,
      weightScale,
    });
  }

  apply(pose: Pose, weightScale: number): void {
    if (this.#skeleton !== null && weightScale !== this.#weightScale) {
      this.bind(this.#skeleton, weightScale);
    }
    this.#binding?.apply(pose);
  }

  get match(): Match {
    return {
      boneCount: this.#skeleton?.boneNames.length ?? 0,
      missingBones: this.#binding?.missing ?? [],
      blendShapeCount: this.#skeleton?.blendShapeNames.length ?? 0,
      missingBlendShapes: this.#binding?.missingBlendShapes ?? [],
    };
  }

  dispose(): void {
    this.object.removeFromParent();
    this.object.traverse((object) => {
      if (!(object instanceof Mesh)) return;
      object.geometry.dispose();
      for (const material of [object.material].flat() as Material[]) {
        for (const value of Object.values(material)) {
          if (isTexture(value)) value.dispose();
        }
        material.dispose();
      }
    });
  }
}

function isTexture(value: unknown): value is { dispose(): void } {
  return typeof value === "object" && value !== null && "isTexture" in value;
}

interface VrmJson {
  readonly nodes?: readonly { readonly name?: string }[];
  readonly extensions?: {
    readonly VRM?: {
      readonly humanoid?: {
        readonly humanBones?: readonly { readonly bone: string; readonly node: number }[];
      };
    };
    readonly VRMC_vrm?: {
      readonly humanoid?: {
        readonly humanBones?: Readonly<Record<string, { readonly node: number }>>;
      };
    };
  };
}

/** Node names by body part: VRM 0 lists its bones, VRM 1 has them by name. */
function humanoidOf(json: VrmJson): Map<string, string> {
  const bones: (readonly [string, number])[] = [
    ...(json.extensions?.VRM?.humanoid?.humanBones ?? []).map(
      ({ bone, node }) => [bone, node] as const,
    ),
    ...Object.entries(json.extensions?.VRMC_vrm?.humanoid?.humanBones ?? {}).map(
      ([bone, { node }]) => [bone, node] as const,
    ),
  ];
  const nodes = new Map<string, string>();
  for (const [bone, node] of bones) {
    const part = bodyPartOf(bone);
    const name = json.nodes?.[node]?.name;
    if (part !== undefined && name !== undefined) nodes.set(part, name);
  }
  return nodes;
}

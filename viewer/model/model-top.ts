// Model top: how far a model goes above its head bone, which no bone tells: large heads, hair, hats.
import { Box3, Vector3 } from "three";
import type { Object3D } from "three";
import type { VRM } from "@pixiv/three-vrm";
import { nameBones } from "../../src/codec/rig/bone-names.ts";

export interface ModelTop {
  /** The head's node. */
  readonly head: Object3D;
  /** From there to the top of the model at rest, metres. */
  readonly aboveM: number;
  /** Of all of it at rest, metres. */
  readonly heightM: number;
}

/** Measures a model at rest; null without a head. */
export function modelTop(scene: Object3D, vrm: VRM | null): ModelTop | null {
  const head = vrm?.humanoid.getRawBoneNode("head") ?? headOf(scene);
  if (head === null) return null;
  scene.updateMatrixWorld(true);
  // Precise: a skinned mesh is where its bones are.
  const { min, max } = new Box3().setFromObject(scene, true);
  const aboveM = max.y - head.getWorldPosition(new Vector3()).y;
  return aboveM > 0 && Number.isFinite(aboveM) ? { head, aboveM, heightM: max.y - min.y } : null;
}

function headOf(scene: Object3D): Object3D | null {
  const nodes: Object3D[] = [];
  scene.traverse((node) => {
    if (!("isMesh" in node)) nodes.push(node);
  });
  return nodes[nameBones(nodes.map(({ name }) => name)).indexOf("head")] ?? null;
}

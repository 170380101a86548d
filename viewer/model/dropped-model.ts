// Dropped model: a GLB or VRM file of the visitor's own, ready to show a player. A chunk of its own, loaded
// when somebody drops one; what it read goes nowhere.
import { bindAvatar } from "../../src/three/bind-avatar.ts";
import type { BoundAvatar } from "../../src/three/index.ts";
import { readModelFile } from "./model-file.ts";
import { modelTop } from "./model-top.ts";
import type { ModelTop } from "./model-top.ts";

export interface DroppedModel {
  readonly avatar: BoundAvatar;
  readonly top: ModelTop | null;
}

/** @throws {Error} for what is no glTF, needs what this page does not have, or has nothing to show. */
export async function readDroppedModel(file: File): Promise<DroppedModel> {
  const { scene, vrm } = await readModelFile(file);
  const top = modelTop(scene, vrm);
  return { avatar: bindAvatar(vrm ?? scene), top };
}

// Dropped model: a GLB or VRM file of the visitor's own, ready to show a player. A chunk of its own, loaded
// when somebody drops one; what it read goes nowhere.
import { bindAvatar } from "../../src/three/bind-avatar.ts";
import type { BoundAvatar } from "../../src/three/index.ts";
import { readModelFile } from "./model-file.ts";

/** @throws {Error} for what is no glTF, or needs what this page does not have. */
export async function readDroppedModel(file: File): Promise<BoundAvatar> {
  const { scene, vrm } = await readModelFile(file);
  return bindAvatar(vrm ?? scene);
}

// Joints: the nodes of a model that a player's bones drive, in the model's own hierarchy.
import type { BodyPart } from "./bone-names.ts";
import { invert, multiply } from "./quaternion.ts";
import type { Quaternion } from "./quaternion.ts";
import type { RigSample } from "./rig-sample.ts";
import type { Vector } from "./vector.ts";

export interface Joint {
  /** Index in the player's skeleton. */
  readonly bone: number;
  readonly part: BodyPart | undefined;
  /** Index in the model. */
  readonly node: number;
  /** The node at rest, in the model's axes. */
  readonly position: Vector;
  readonly rotation: Quaternion;
  /** The nearest joint above. */
  readonly parent: Joint | null;
  /** Rotation of the node's parent at rest, relative to the joint `parent`, or in the model's axes without one. */
  readonly fromParent: Quaternion;
}

/**
 * Returns one joint for each node that a bone drives, parents first. `nodes` and `parts` have an entry for each
 * bone. The nodes of `model` must be sorted parents first.
 */
export function createJoints(
  model: RigSample,
  nodes: ArrayLike<number>,
  parts: readonly (BodyPart | undefined)[],
): Joint[] {
  const { parents } = model.tree;
  const boneOf = new Map<number, number>();
  for (let bone = 0; bone < nodes.length; bone++) {
    if (nodes[bone] > 0 && !boneOf.has(nodes[bone])) boneOf.set(nodes[bone], bone);
  }
  // Hips are placed directly, so nothing above them may move.
  const hips = nodes[parts.indexOf("hips")] ?? -1;
  for (let above = parents[hips] ?? -1; above >= 0; above = parents[above]) boneOf.delete(above);
  const joints = new Map<number, Joint>();
  for (const [node, bone] of [...boneOf].sort(([a], [b]) => a - b)) {
    let above = parents[node];
    while (above >= 0 && !joints.has(above)) above = parents[above];
    const parent = joints.get(above) ?? null;
    const fromParent = Float64Array.from(model.rotations[parents[node]]);
    if (parent !== null) multiply(invert(parent.rotation), fromParent, fromParent);
    joints.set(node, {
      bone,
      part: parts[bone],
      node,
      position: model.positions[node],
      rotation: model.rotations[node],
      parent,
      fromParent,
    });
  }
  return [...joints.values()];
}

// Limbs and fingers: each bone points at the next one that exists. Trunk, hands and feet are not in here, because
// their shape differs from body to body.
const CHAINS: readonly (readonly string[])[] = [
  ["upperArm", "lowerArm", "hand"],
  ["upperLeg", "lowerLeg", "foot"],
  ...["thumb", "index", "middle", "ring", "little"].map((finger) =>
    ["metacarpal", "proximal", "intermediate", "distal", "tip"].map((bone) => `${finger} ${bone}`),
  ),
];
const CHAIN_OF = new Map<BodyPart, string>();
for (const side of ["left", "right"]) {
  for (const chain of CHAINS) {
    chain.forEach((kind, at) => {
      CHAIN_OF.set(`${side} ${kind}`, `${side} ${chain[0]}`);
      // The second bone of a limb, such as Daz's twist bones. A hand or foot of two bones has a shape of its own.
      if (at < chain.length - 1) CHAIN_OF.set(`${side} ${kind}+1`, `${side} ${chain[0]}`);
    });
  }
}

/** Returns the joint that a limb or a finger points at. */
export function limbEnd(joint: Joint, joints: readonly Joint[]): Joint | undefined {
  const chain = CHAIN_OF.get(joint.part ?? "");
  if (chain === undefined) return undefined;
  return joints.find(({ part, parent }) => parent === joint && CHAIN_OF.get(part ?? "") === chain);
}

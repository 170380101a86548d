// Joints: a player's bones on the nodes of a model, as the model's own hierarchy has them.
import { Quaternion } from "three";
import type { Object3D } from "three";
import type { BodyPart } from "../../src/codec/rig/bone-names.ts";
import type { ModelRest, RestNode } from "./model-rest.ts";

export interface Joint {
  /** Index in the player's skeleton. */
  readonly bone: number;
  readonly part: BodyPart | undefined;
  readonly node: Object3D;
  readonly rest: RestNode;
  /** The nearest joint above. */
  readonly parent: Joint | null;
  /** How the node that this one hangs on is turned: against `parent`, or in the model's axes. */
  readonly fromParent: Quaternion;
}

/** One joint for each node that a bone drives, parents first. `nodes` and `parts` are by bone. */
export function createJoints(
  rest: ModelRest,
  object: Object3D,
  nodes: readonly (Object3D | undefined)[],
  parts: readonly (BodyPart | undefined)[],
): Joint[] {
  const boneOf = new Map<Object3D, number>();
  nodes.forEach((node, bone) => {
    if (node !== undefined && !boneOf.has(node)) boneOf.set(node, bone);
  });
  // Hips are put where they are, whatever the model has above them.
  nodes[parts.indexOf("hips")]?.traverseAncestors((above) => boneOf.delete(above));
  const joints = new Map<Object3D, Joint>();
  object.traverse((node) => {
    const bone = boneOf.get(node);
    if (bone === undefined || node.parent === null) return;
    let parent: Joint | null = null;
    node.traverseAncestors((above) => (parent ??= joints.get(above) ?? null));
    joints.set(node, createJoint({ bone, part: parts[bone], node, parent }, rest));
  });
  return [...joints.values()];
}

function createJoint(
  joint: Pick<Joint, "bone" | "part" | "node" | "parent">,
  rest: ModelRest,
): Joint {
  const fromParent = rest.of(joint.node.parent!).rotation.clone();
  if (joint.parent !== null) fromParent.premultiply(joint.parent.rest.rotation.clone().invert());
  return { ...joint, rest: rest.of(joint.node), fromParent };
}

// What points somewhere: each of these at the next that there is. The trunk, hands and feet have a shape
// of their own.
const CHAINS: readonly (readonly string[])[] = [
  ["upperArm", "lowerArm", "wrist", "hand"],
  ["upperLeg", "lowerLeg", "foot"],
  ...["thumb", "index", "middle", "ring", "little"].map((finger) =>
    ["metacarpal", "proximal", "intermediate", "distal", "tip"].map((bone) => `${finger} ${bone}`),
  ),
];
const CHAIN_OF = new Map<BodyPart, string>();
for (const side of ["left", "right"]) {
  for (const chain of CHAINS) {
    for (const kind of chain) CHAIN_OF.set(`${side} ${kind}`, `${side} ${chain[0]}`);
  }
}

/** The joint that a limb or a finger points at. */
export function limbEnd(joint: Joint, joints: readonly Joint[]): Joint | undefined {
  const chain = CHAIN_OF.get(joint.part ?? "");
  if (chain === undefined) return undefined;
  return joints.find(({ part, parent }) => parent === joint && CHAIN_OF.get(part ?? "") === chain);
}

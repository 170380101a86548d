// Model rest: the nodes of a model as a list, and their transforms at rest.
import type { Mesh, Object3D } from "three";
import { TRANSFORM_FLOATS } from "../codec/index.ts";
import type { ModelNode } from "../codec/rig/bone-match.ts";
import { boneTree } from "../codec/rig/forward-kinematics.ts";
import { RigSample } from "../codec/rig/rig-sample.ts";

export class ModelRest {
  /** Parents first. The first is the object that the model was read from. */
  readonly nodes: readonly Object3D[];
  /** Local transforms at rest: 10 numbers a node, as in a Pose. */
  readonly locals: Float32Array<ArrayBuffer>;
  readonly sample: RigSample;
  readonly #influences: readonly (readonly [Mesh, readonly number[]])[];

  /** Reads a model that has not been moved yet. */
  constructor(object: Object3D) {
    const nodes: Object3D[] = [];
    object.traverse((node) => nodes.push(node));
    const indexOf = new Map(nodes.map((node, index) => [node, index]));
    this.nodes = nodes;
    this.locals = new Float32Array(nodes.length * TRANSFORM_FLOATS);
    nodes.forEach(({ position, quaternion, scale }, index) => {
      const at = index * TRANSFORM_FLOATS;
      position.toArray(this.locals, at);
      quaternion.toArray(this.locals, at + 3);
      scale.toArray(this.locals, at + 7);
    });
    const parents = nodes.map(({ parent }, index) =>
      index === 0 || parent === null ? -1 : (indexOf.get(parent) ?? -1),
    );
    this.sample = new RigSample(this.locals, boneTree(parents));
    this.#influences = nodes.flatMap((node) => {
      const { morphTargetInfluences } = node as Mesh;
      return morphTargetInfluences === undefined
        ? []
        : [[node as Mesh, [...morphTargetInfluences]] as const];
    });
  }

  get modelNodes(): ModelNode[] {
    return this.nodes.map((node) => ({ name: node.name, kind: kindOf(node) }));
  }

  /** Moves all nodes but the first back to rest. */
  restore(): void {
    this.nodes.forEach((node, index) => {
      if (index > 0) writeNode(node, this.locals, index);
    });
  }

  /** Gives all morph targets the weights that they had in the model. */
  restoreFace(): void {
    for (const [mesh, influences] of this.#influences) mesh.morphTargetInfluences = [...influences];
  }
}

/** Moves a node to its local transform in `locals`: 10 numbers a node. */
export function writeNode(node: Object3D, locals: Float32Array, index: number): void {
  const at = index * TRANSFORM_FLOATS;
  node.position.set(locals[at], locals[at + 1], locals[at + 2]);
  node.quaternion.set(locals[at + 3], locals[at + 4], locals[at + 5], locals[at + 6]);
  node.scale.set(locals[at + 7], locals[at + 8], locals[at + 9]);
}

// Not by `instanceof`: a page may contain two copies of three.js.
function kindOf(node: Object3D): ModelNode["kind"] {
  if ("isBone" in node) return "bone";
  return "isMesh" in node ? "mesh" : "other";
}

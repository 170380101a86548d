// Model rest: how a model's nodes stand as its file has them, and back to that.
import { Matrix4, Mesh, Quaternion, Vector3 } from "three";
import type { Object3D } from "three";

export interface RestNode {
  /** As the node's own properties had it. */
  readonly local: {
    readonly position: Vector3;
    readonly quaternion: Quaternion;
    readonly scale: Vector3;
  };
  /** Weights of its morph targets. */
  readonly influences: readonly number[];
  /** In the model's axes, and what that says of place and turn. */
  readonly matrix: Matrix4;
  readonly position: Vector3;
  readonly rotation: Quaternion;
}

export class ModelRest {
  readonly #nodes = new Map<Object3D, RestNode>();

  /** Reads a model that has not been moved yet, nor put into a scene. */
  constructor(object: Object3D) {
    object.updateMatrixWorld(true);
    object.traverse((node) => {
      const position = new Vector3();
      const rotation = new Quaternion();
      node.matrixWorld.decompose(position, rotation, new Vector3());
      this.#nodes.set(node, {
        local: {
          position: node.position.clone(),
          quaternion: node.quaternion.clone(),
          scale: node.scale.clone(),
        },
        influences: node instanceof Mesh ? [...(node.morphTargetInfluences ?? [])] : [],
        matrix: node.matrixWorld.clone(),
        position,
        rotation,
      });
    });
  }

  /** A node that was there when the model was read. */
  of(node: Object3D): RestNode {
    return this.#nodes.get(node)!;
  }

  restore(): void {
    for (const [node, { local, influences }] of this.#nodes) {
      node.position.copy(local.position);
      node.quaternion.copy(local.quaternion);
      node.scale.copy(local.scale);
      if (influences.length > 0) (node as Mesh).morphTargetInfluences = [...influences];
    }
  }
}

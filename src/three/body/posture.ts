// Posture: what is read off a pose before a body is drawn: where every bone is in the room, which way the
// body faces, how large it is, and what its face does.
import { checkPoseSize, isSameSkeleton } from "../../codec/frame.ts";
import type { Pose, Skeleton } from "../../codec/frame.ts";
import { ExpressionReader } from "../../codec/rig/expression.ts";
import { readBodyAxes } from "../../codec/rig/facing.ts";
import type { BodyAxes } from "../../codec/rig/facing.ts";
import {
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "../../codec/rig/forward-kinematics.ts";
import { WeightRange } from "../../codec/rig/weight-range.ts";
import type { BlendShapeRange } from "../../codec/rig/weight-range.ts";
import { createBodyPlan } from "./body-plan.ts";
import type { BodyPlan } from "./body-plan.ts";

const HEIGHT_M = 1.7;
// A body's size hardly changes: measuring it twice a second, at 60 frames a second, is enough.
const MEASURE_FRAMES = 30;

export class Posture {
  /** Directions of the body. While no pair of bones has told them they are glTF's: forward is +z. */
  readonly axes: BodyAxes = {
    left: new Float32Array([1, 0, 0]),
    forward: new Float32Array([0, 0, 1]),
  };
  /** The largest weight of the player's blend shapes, as its info says. */
  blendShapeRange: BlendShapeRange | undefined;
  #skeleton: Skeleton = { boneNames: [], blendShapeNames: [] };
  #plan = createBodyPlan(this.#skeleton);
  #matrices = createMatrices(0);
  #expressions = new ExpressionReader(this.#skeleton);
  #range: WeightRange | null = null;
  #knowsAxes = false;
  #size = 1;
  #framesUntilMeasured = 0;

  /** What the skeleton is drawn as: the same object until the skeleton's content changes. */
  get plan(): BodyPlan {
    return this.#plan;
  }

  /** The root's and every bone's, in the room: see `matrixAt`. */
  get matrices(): Float32Array {
    return this.#matrices;
  }

  get expressions(): ExpressionReader {
    return this.#expressions;
  }

  /** Whether the last pose told the body's axes. */
  get knowsAxes(): boolean {
    return this.#knowsAxes;
  }

  /** Of the body, in bodies of 1.7 m. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is a head to draw: a bone of that name, or blend shapes without any bones. */
  get hasHead(): boolean {
    const { boneNames, blendShapeNames } = this.#skeleton;
    const isFace = boneNames.length === 0 && blendShapeNames.length > 0;
    return this.#plan.head >= 0 || isFace;
  }

  /**
   * Reads a pose. Nothing is allocated while `skeleton` is the same object.
   * @throws {RangeError} if the pose is not of this skeleton.
   */
  read(skeleton: Skeleton, pose: Pose): void {
    checkPoseSize(pose, skeleton);
    if (skeleton !== this.#skeleton) this.#setSkeleton(skeleton);
    this.#expressions.range.declared = this.blendShapeRange;
    worldMatrices(pose, this.#plan.tree, this.#matrices);
    this.#knowsAxes = readBodyAxes(this.#matrices, this.#plan.pairs, this.axes);
    if (this.#framesUntilMeasured-- > 0) return;
    this.#framesUntilMeasured = MEASURE_FRAMES;
    this.#measure();
  }

  /** Metres between two bones. */
  distance(a: number, b: number): number {
    const matrices = this.#matrices;
    const [from, to] = [matrixAt(a) + POSITION_AT, matrixAt(b) + POSITION_AT];
    return Math.hypot(
      matrices[from] - matrices[to],
      matrices[from + 1] - matrices[to + 1],
      matrices[from + 2] - matrices[to + 2],
    );
  }

  #setSkeleton(skeleton: Skeleton): void {
    const isSame = isSameSkeleton(skeleton, this.#skeleton);
    this.#skeleton = skeleton;
    if (isSame) return;
    this.#plan = createBodyPlan(skeleton);
    this.#matrices = createMatrices(skeleton.boneNames.length);
    // Other bones or blend shapes do not change what the sender's weights mean.
    this.#range ??= new WeightRange(skeleton.blendShapeNames);
    this.#expressions = new ExpressionReader(skeleton, this.#range);
    this.#framesUntilMeasured = 0;
  }

  #measure(): void {
    const { measure } = this.#plan;
    const matrices = this.#matrices;
    let size = Math.hypot(matrices[3], matrices[4], matrices[5]);
    if (measure !== null) {
      const { chain, heights } = measure;
      let length = 0;
      for (let index = 1; index < chain.length; index++) {
        length += this.distance(chain[index - 1], chain[index]);
      }
      size = (length * heights) / HEIGHT_M;
    }
    if (size > 1e-4 && Number.isFinite(size)) this.#size = size;
  }
}

// Default body: limbs along a player's own bones and a head with its face, whatever the skeleton.
//
//   const body = new DefaultBody({ color: "#5b6ee8" });
//   scene.add(body.object);
//   body.apply(skeleton, pose);          // each time the screen is drawn; nothing is allocated
import { AxesHelper, Color, Group } from "three";
import type { ColorRepresentation } from "three";
import type { Pose, Skeleton } from "../../codec/index.ts";
import { restExpression } from "../../codec/rig/expression.ts";
import { directionOf, HeadAxes } from "../../codec/rig/facing.ts";
import { matrixAt, POSITION_AT } from "../../codec/rig/forward-kinematics.ts";
import type { BlendShapeRange } from "../../codec/rig/weight-range.ts";
import type { Avatar } from "../avatar.ts";
import type { BodyPlan } from "./body-plan.ts";
import { Head, HEAD_ABOVE_BONE, HEAD_FORWARD } from "./head.ts";
import { LimbMesh, writeLimb } from "./limb-mesh.ts";
import type { Detail } from "./limb-mesh.ts";
import { Posture } from "./posture.ts";

const MARKER_M = 0.2;
// Of a head without a body whose root is on the floor.
const ALONE_HEIGHT_M = 1.6;

const NECK_M = 0.1;
const NECK_EXCESS_MAX_M = 0.13;

const TRUNK_WIDTH = 1.36;
const TRUNK_DEPTH = 0.88;

export interface DefaultBodyOptions {
  /** Of the limbs; the head is lighter. A medium blue unless set. */
  readonly color?: ColorRepresentation;
  /** `far` has a third of the triangles, for a crowd. `near` unless set. */
  readonly detail?: Detail;
}

/**
 * A body that needs no model. Limbs follow the bones, as thick as the part of a body that their names tell
 * (Mixamo, VRM, Unity, Biped, CMU, Unreal); eyes, brows and mouth follow blend shapes of ARKit's or VRM's
 * names. Bones of unknown names and parents are points; a player without bones is its root's three axes.
 */
export class DefaultBody implements Avatar {
  readonly object = new Group();
  /** What the last pose tells of the body. */
  readonly posture = new Posture();
  readonly #color: Color;
  // Drawn in the room's axes, whatever `object` is: its matrix undoes the root transform. Radii of limbs
  // and the head's size are metres, and a body is measured in the room.
  readonly #room = new Group();
  readonly #marker = new AxesHelper(MARKER_M);
  readonly #expression = restExpression();
  #detail: Detail;
  #plan: BodyPlan | null = null;
  #limbs: LimbMesh | null = null;
  #head: Head | null = null;
  #headAxes = new HeadAxes();
  // Parts of the skeleton before. When the last user of a shader is disposed of the shader is compiled
  // again for the next one, and hands that are tracked now and then change the skeleton often.
  #retired: { dispose(): void }[] = [];

  constructor({ color = "#5b6ee8", detail = "near" }: DefaultBodyOptions = {}) {
    this.#color = new Color(color);
    this.#detail = detail;
    this.#room.matrixAutoUpdate = false;
    this.object.add(this.#room, this.#marker);
  }

  /** How smooth the limbs are. */
  get detail(): Detail {
    return this.#detail;
  }

  set detail(detail: Detail) {
    if (detail === this.#detail) return;
    this.#detail = detail;
    if (this.#limbs !== null) this.#limbs.detail = detail;
  }

  set blendShapeRange(range: BlendShapeRange | undefined) {
    this.posture.blendShapeRange = range;
  }

  /** @throws {RangeError} if the pose is not of this skeleton. */
  apply(skeleton: Skeleton, pose: Pose): void {
    const { posture, object } = this;
    posture.read(skeleton, pose);
    if (posture.plan !== this.#plan) this.#build(posture.plan);
    object.position.fromArray(pose.root, 0);
    object.quaternion.fromArray(pose.root, 3);
    object.scale.fromArray(pose.root, 7);
    this.#room.matrix.compose(object.position, object.quaternion, object.scale).invert();
    this.#room.matrixWorldNeedsUpdate = true;
    if (this.#limbs !== null) this.#updateLimbs(this.#limbs, posture.plan);
    if (this.#head !== null) this.#updateHead(this.#head, pose);
  }

  dispose(): void {
    this.#retire();
    for (const part of this.#retired.splice(0)) part.dispose();
    this.#marker.dispose();
    this.object.removeFromParent();
  }

  #build(plan: BodyPlan): void {
    this.#retire();
    this.#plan = plan;
    this.#headAxes = new HeadAxes();
    this.#limbs = new LimbMesh(plan.limbs.length, this.#color, this.#detail);
    this.#room.add(this.#limbs.mesh);
    if (this.posture.hasHead) {
      this.#head = new Head(this.#color, this.posture.expressions.isExpressive);
      this.#room.add(this.#head.group);
    }
    this.#marker.visible = !plan.isBody && this.#head === null;
  }

  #retire(): void {
    for (const part of this.#retired) part.dispose();
    this.#retired = [this.#limbs, this.#head].filter((part) => part !== null);
    this.#room.clear();
    this.#plan = this.#limbs = this.#head = null;
  }

  #updateLimbs(mesh: LimbMesh, { limbs }: BodyPlan): void {
    const { matrices, axes, size } = this.posture;
    for (let index = 0; index < limbs.length; index++) {
      const { from, to, radii, beyond, isTrunk } = limbs[index];
      const a = matrixAt(from) + POSITION_AT;
      const b = matrixAt(to) + POSITION_AT;
      along[0] = matrices[b] - matrices[a];
      along[1] = matrices[b + 1] - matrices[a + 1];
      along[2] = matrices[b + 2] - matrices[a + 2];
      const between = Math.hypot(along[0], along[1], along[2]);
      if (between > 1e-6) {
        for (let row = 0; row < 3; row++) along[row] /= between;
      } else {
        along.set(UP);
      }
      const at = beyond > 0 ? b : a;
      for (let row = 0; row < 3; row++) origin[row] = matrices[at + row];
      const length = beyond > 0 ? between * beyond : between;
      const width = isTrunk ? TRUNK_WIDTH : 1;
      const depth = isTrunk ? TRUNK_DEPTH : 1;
      writeLimb(origin, along, axes.left, width, depth, mesh.matrices, index * 16);
      if (radii === null) {
        const radius = Math.min(0.05, Math.max(0.004, length * 0.12));
        mesh.setSize(index, radius, radius * 0.7, length);
      } else {
        mesh.setSize(index, radii[0] * size, radii[1] * size, length);
      }
    }
    mesh.commit();
  }

  #updateHead(head: Head, pose: Pose): void {
    const { posture } = this;
    const { matrices, size } = posture;
    const bone = posture.plan.head;
    const headAxes = this.#headAxes;
    if (bone >= 0 && posture.knowsAxes) headAxes.observe(matrices, bone, posture.axes.forward);
    directionOf(matrices, bone, headAxes.left, left);
    directionOf(matrices, bone, headAxes.up, up);
    directionOf(matrices, bone, headAxes.forward, forward);
    const at = matrixAt(bone) + POSITION_AT;
    const above = bone >= 0 ? HEAD_ABOVE_BONE * size - this.#neckExcess() : 0;
    const lift = bone < 0 && matrices[at + 1] < 0.5 ? ALONE_HEIGHT_M : 0;
    const { group } = head;
    group.matrixAutoUpdate = false;
    const { elements } = group.matrix;
    for (let row = 0; row < 3; row++) {
      elements[row] = left[row] * size;
      elements[4 + row] = up[row] * size;
      elements[8 + row] = forward[row] * size;
      elements[12 + row] =
        matrices[at + row] + up[row] * above + forward[row] * HEAD_FORWARD * size;
    }
    elements[13] += lift;
    group.matrixWorldNeedsUpdate = true;
    const { expressions } = posture;
    if (expressions.isExpressive) {
      head.express(expressions.read(pose.blendShapes, this.#expression));
    }
  }

  /** How much lower the head sits if its bone is in the middle of it and not at the top of the neck. */
  #neckExcess(): number {
    const { plan, size } = this.posture;
    const neck = plan.tree.parents[plan.head];
    if (neck < 0) return 0;
    const excess = this.posture.distance(neck, plan.head) - NECK_M * size;
    return Math.min(Math.max(excess, 0), NECK_EXCESS_MAX_M * size);
  }
}

const UP = new Float32Array([0, 1, 0]);
// Of one call: three.js runs on one thread.
const along = new Float32Array(3);
const origin = new Float32Array(3);
const left = new Float32Array(3);
const up = new Float32Array(3);
const forward = new Float32Array(3);

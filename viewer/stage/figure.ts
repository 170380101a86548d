// Figure: one player as a body: limbs along the bones, a head, or the model that somebody dropped on it.
import { AxesHelper, Color, Group, Matrix4, Vector3 } from "three";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import type { BoundAvatar } from "../../src/three/index.ts";
import { ExpressionReader, restExpression } from "../../src/codec/rig/expression.ts";
import { directionOf, HeadAxes, readBodyAxes } from "./facing.ts";
import {
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "../../src/codec/rig/forward-kinematics.ts";
import { Head, HEAD_ABOVE_BONE, HEAD_FORWARD } from "./head.ts";
import { LimbMesh, writeLimb } from "./limb-mesh.ts";
import type { Detail } from "./limb-mesh.ts";
import { createRig } from "./rig.ts";
import type { Rig } from "./rig.ts";

const HEIGHT_M = 1.7;
// A body's size hardly changes; half a second at 60 frames a second is soon enough where it does.
const MEASURE_FRAMES = 30;
const MARKER_M = 0.2;
// A head without a body, whose root stands on the floor.
const ALONE_HEIGHT_M = 1.6;

const NECK_M = 0.1;
const NECK_EXCESS_MAX_M = 0.13;

const TRUNK_WIDTH = 1.36;
const TRUNK_DEPTH = 0.88;

export class Figure {
  readonly group = new Group();
  readonly color: Color;
  /** Where the name is shown, in the room. */
  readonly labelPosition = new Vector3();
  /** What the camera looks at when it follows, in the room. */
  readonly middle = new Vector3();
  /** The same, where it would stand by itself. */
  readonly ownMiddle = new Vector3();
  /** Of the body by itself; +z, where no bones tell. */
  readonly forward = new Float32Array([0, 0, 1]);
  #rig: Rig;
  #matrices: Float32Array<ArrayBuffer>;
  #limbs: LimbMesh;
  #head: Head | null = null;
  // Of the skeleton before: without anybody to use them, shaders are thrown away and compiled anew, and
  // hands that are tracked now and then change the skeleton often.
  #retired: { dispose(): void }[] = [];
  #headAxes = new HeadAxes();
  #expressions: ExpressionReader;
  readonly #expression = restExpression();
  readonly #axes = { left: new Float32Array([1, 0, 0]), forward: new Float32Array([0, 0, 1]) };
  readonly #marker = new AxesHelper(MARKER_M);
  readonly #body = new Group();
  #size = 1;
  #framesUntilMeasured = 0;
  #model: BoundAvatar | null = null;
  #pose: Pose | null = null;
  #showsAxes = false;
  #detail: Detail = "near";

  constructor(skeleton: Skeleton, color: Color) {
    this.color = color;
    this.group.add(this.#body, this.#marker);
    this.#rig = createRig(skeleton);
    this.#matrices = createMatrices(skeleton.boneNames.length);
    this.#limbs = new LimbMesh(this.#rig.limbs.length, color, this.#detail);
    this.#expressions = new ExpressionReader(skeleton);
    this.#build();
  }

  get skeleton(): Skeleton {
    return this.#rig.skeleton;
  }

  get rig(): Rig {
    return this.#rig;
  }

  get model(): BoundAvatar | null {
    return this.#model;
  }

  setSkeleton(skeleton: Skeleton): void {
    this.#retire();
    this.#rig = createRig(skeleton);
    this.#matrices = createMatrices(skeleton.boneNames.length);
    this.#limbs = new LimbMesh(this.#rig.limbs.length, this.color, this.#detail);
    this.#expressions = new ExpressionReader(skeleton);
    this.#headAxes = new HeadAxes();
    this.#framesUntilMeasured = 0;
    this.#build();
    this.#model?.bind(skeleton);
    this.#pose = null;
  }

  set detail(detail: Detail) {
    if (detail === this.#detail) return;
    this.#detail = detail;
    this.#limbs.detail = detail;
  }

  showAxes(isShown: boolean): void {
    this.#showsAxes = isShown;
    this.#marker.visible = isShown || !this.#isBody;
  }

  /** Shows it elsewhere: turned about its middle, which then stands at x and z; null: where it is. */
  place(at: { x: number; z: number; turn: number } | null): void {
    const { position, rotation } = this.group;
    if (at !== null || rotation.y !== 0) this.#model?.settle();
    if (at === null) {
      position.set(0, 0, 0);
      rotation.y = 0;
    } else {
      rotation.y = at.turn;
      position.set(-this.ownMiddle.x, 0, -this.ownMiddle.z).applyEuler(rotation);
      position.x += at.x;
      position.z += at.z;
    }
    this.group.updateMatrix();
    this.middle.copy(this.ownMiddle).applyMatrix4(this.group.matrix);
  }

  /** Which way it is turned as it is shown. */
  get shownForward(): Vector3 {
    const [x, y, z] = this.forward;
    return new Vector3(x, y, z).applyEuler(this.group.rotation);
  }

  /** Shows a model in place of the drawn body; null: the body again. */
  wear(model: BoundAvatar | null): void {
    this.#model?.dispose();
    this.#model = model;
    if (model !== null) {
      model.bind(this.skeleton);
      this.group.add(model.object);
      // At once, paused or not.
      if (this.#pose !== null) model.apply(this.skeleton, this.#pose);
    }
    this.#body.visible = model === null;
  }

  /** The player stands now as its model does at rest. */
  matchRest(): void {
    if (this.#pose === null) return;
    this.#model?.matchRest(this.skeleton, this.#pose);
    this.#model?.apply(this.skeleton, this.#pose);
  }

  /** Shows a pose of this figure's skeleton; `timeMs` (performance.now) moves what swings. */
  update(pose: Pose, timeMs: number): void {
    this.#pose = pose;
    const matrices = this.#matrices;
    worldMatrices(matrices, pose, this.#rig.tree);
    const knowsAxes = readBodyAxes(this.#axes, matrices, this.#rig);
    if (knowsAxes) this.forward.set(this.#axes.forward);
    if (this.#framesUntilMeasured-- <= 0) {
      this.#framesUntilMeasured = MEASURE_FRAMES;
      this.#measure();
    }
    const marker = this.#marker;
    marker.matrixAutoUpdate = false;
    fillMatrix(marker.matrix, matrices, 0);
    marker.matrixWorldNeedsUpdate = true;
    if (this.#model === null) {
      this.#updateLimbs();
      this.#updateHead(pose, knowsAxes);
    } else {
      this.#model.apply(this.skeleton, pose, timeMs);
    }
    this.#updatePlaces();
  }

  /** Where a bone is, as it was published; undefined for a bone that the skeleton does not have. */
  positionOf(bone: string): [number, number, number] | undefined {
    const index = this.skeleton.boneNames.indexOf(bone);
    if (index < 0) return undefined;
    const at = matrixAt(index) + POSITION_AT;
    return [this.#matrices[at], this.#matrices[at + 1], this.#matrices[at + 2]];
  }

  dispose(): void {
    this.#retire();
    for (const part of this.#retired) part.dispose();
    this.#model?.dispose();
    this.#marker.dispose();
  }

  get #isBody(): boolean {
    return this.#rig.limbs.length > 0 && this.#rig.named.parentsFrom !== "unknown";
  }

  #build(): void {
    this.#body.add(this.#limbs.mesh);
    const { isExpressive } = this.#expressions;
    if (this.#rig.head >= 0 || (this.skeleton.boneNames.length === 0 && isExpressive)) {
      this.#head = new Head(this.color, isExpressive);
      this.#body.add(this.#head.group);
    }
    this.showAxes(this.#showsAxes);
  }

  #retire(): void {
    for (const part of this.#retired) part.dispose();
    this.#retired = this.#head === null ? [this.#limbs] : [this.#limbs, this.#head];
    this.#body.clear();
    this.#head = null;
  }

  #measure(): void {
    const { measure } = this.#rig;
    const matrices = this.#matrices;
    let size = Math.hypot(matrices[3], matrices[4], matrices[5]);
    if (measure !== null) {
      let length = 0;
      for (let index = 1; index < measure.chain.length; index++) {
        length += distance(matrices, measure.chain[index - 1], measure.chain[index]);
      }
      size = (length * measure.heights) / HEIGHT_M;
    }
    if (size > 1e-4 && Number.isFinite(size)) this.#size = size;
  }

  #updateLimbs(): void {
    const { limbs } = this.#rig;
    const matrices = this.#matrices;
    const out = this.#limbs.matrices;
    const { left } = this.#axes;
    const size = this.#size;
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
      writeLimb(out, index * 16, origin, along, left, width, isTrunk ? TRUNK_DEPTH : 1);
      if (radii === null) {
        const radius = Math.min(0.05, Math.max(0.004, length * 0.12));
        this.#limbs.setSize(index, radius, radius * 0.7, length);
      } else {
        this.#limbs.setSize(index, radii[0] * size, radii[1] * size, length);
      }
    }
    this.#limbs.commit();
  }

  #updateHead(pose: Pose, knowsAxes: boolean): void {
    const head = this.#head;
    if (head === null) return;
    const matrices = this.#matrices;
    const bone = this.#rig.head;
    if (bone >= 0) this.#headAxes.observe(matrices, bone, knowsAxes ? this.#axes.forward : null);
    directionOf(headLeft, matrices, bone, this.#headAxes.left);
    directionOf(headUp, matrices, bone, this.#headAxes.up);
    directionOf(headForward, matrices, bone, this.#headAxes.forward);
    const at = matrixAt(bone) + POSITION_AT;
    const size = this.#size;
    const above = bone >= 0 ? HEAD_ABOVE_BONE * size - this.#neckExcess() : 0;
    const lift = bone < 0 && matrices[at + 1] < 0.5 ? ALONE_HEIGHT_M : 0;
    const { group } = head;
    group.matrixAutoUpdate = false;
    const { elements } = group.matrix;
    for (let row = 0; row < 3; row++) {
      elements[row] = headLeft[row] * size;
      elements[4 + row] = headUp[row] * size;
      elements[8 + row] = headForward[row] * size;
      elements[12 + row] =
        matrices[at + row] + headUp[row] * above + headForward[row] * HEAD_FORWARD * size;
    }
    elements[13] += lift;
    group.matrixWorldNeedsUpdate = true;
    if (this.#expressions.isExpressive) {
      head.express(this.#expressions.read(pose.blendShapes, this.#expression));
    }
  }

  /** How much lower the head sits where its bone is in its middle and not at the top of the neck. */
  #neckExcess(): number {
    const { head, tree } = this.#rig;
    const neck = tree.parents[head];
    if (neck < 0) return 0;
    const excess = distance(this.#matrices, neck, head) - NECK_M * this.#size;
    return Math.min(Math.max(excess, 0), NECK_EXCESS_MAX_M * this.#size);
  }

  #updatePlaces(): void {
    const matrices = this.#matrices;
    const bones = this.skeleton.boneNames.length;
    let top = matrices[POSITION_AT + 1];
    let low = top;
    let [x, z] = [matrices[POSITION_AT], matrices[POSITION_AT + 2]];
    // Of the bones that are drawn; what hangs nowhere stands nowhere.
    for (const { to } of this.#rig.limbs) {
      const y = matrices[matrixAt(to) + POSITION_AT + 1];
      if (y > top) top = y;
      if (y < low) low = y;
    }
    const { head } = this.#rig;
    const anchor = head >= 0 ? head : bones > 0 ? this.#rig.tree.order[0] : -1;
    const at = matrixAt(anchor) + POSITION_AT;
    x = matrices[at];
    z = matrices[at + 2];
    if (head >= 0) top = Math.max(top, matrices[at + 1] + 0.2 * this.#size);
    const lift = bones === 0 && this.#head !== null ? ALONE_HEIGHT_M + 0.12 : 0;
    const isAlone = this.#rig.pairs.length === 0 && head >= 0;
    this.labelPosition.set(x, top + lift + 0.07 * this.#size, z);
    this.ownMiddle.set(x, isAlone ? matrices[at + 1] : (top + low) / 2 + lift, z);
    if (this.#model !== null) {
      // A model of another size moves by as much more or less, from the root on.
      rootPosition.fromArray(matrices, POSITION_AT);
      this.labelPosition.sub(rootPosition).multiplyScalar(this.#model.scale).add(rootPosition);
      this.ownMiddle.sub(rootPosition).multiplyScalar(this.#model.scale).add(rootPosition);
    }
    const { matrix } = this.group;
    this.labelPosition.applyMatrix4(matrix);
    this.middle.copy(this.ownMiddle).applyMatrix4(matrix);
  }
}

const UP = new Float32Array([0, 1, 0]);
const rootPosition = new Vector3();
const along = new Float32Array(3);
const origin = new Float32Array(3);
const headLeft = new Float32Array(3);
const headUp = new Float32Array(3);
const headForward = new Float32Array(3);

function distance(matrices: Float32Array, a: number, b: number): number {
  const [from, to] = [matrixAt(a) + POSITION_AT, matrixAt(b) + POSITION_AT];
  return Math.hypot(
    matrices[from] - matrices[to],
    matrices[from + 1] - matrices[to + 1],
    matrices[from + 2] - matrices[to + 2],
  );
}

function fillMatrix(out: Matrix4, matrices: Float32Array, at: number): void {
  const { elements } = out;
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 3; row++) {
      elements[column * 4 + row] = matrices[at + column * 3 + row];
    }
  }
}

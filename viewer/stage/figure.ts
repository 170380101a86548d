// Figure: one player on the stage: the default body, or the model that somebody dropped on it.
import { AxesHelper, Group, Matrix4, Vector3 } from "three";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import type { BlendShapeRange } from "../../src/codec/rig/weight-range.ts";
import { matrixAt, POSITION_AT } from "../../src/codec/rig/forward-kinematics.ts";
// By file, like the dropped model: through the index, the code of models would load with the stage.
import { DefaultBody } from "../../src/three/body/default-body.ts";
import type { BoundAvatar, Detail } from "../../src/three/index.ts";
import type { DroppedModel } from "../model/dropped-model.ts";
import type { ModelTop } from "../model/model-top.ts";

const MARKER_M = 0.2;
// From a head without a body, whose root is on the floor, to its middle: see DefaultBody.
const ALONE_MIDDLE_M = 1.72;
// Of a grown body, with its hair.
const GROWN_HEIGHT_M = 1.75;
// Ankles are within this share of a body's height above the floor.
const HOVER_MIN = 0.2;

export class Figure {
  readonly group = new Group();
  /** Where the name is shown, in the room. */
  readonly labelPosition = new Vector3();
  /** What the camera looks at when it follows, in the room. */
  readonly middle = new Vector3();
  /** The same, before `place` moves it. */
  readonly ownMiddle = new Vector3();
  readonly #body: DefaultBody;
  readonly #axes = new AxesHelper(MARKER_M);
  #skeleton: Skeleton;
  #pose: Pose | null = null;
  #model: BoundAvatar | null = null;
  #top: ModelTop | null = null;
  #heightM = 0;

  constructor(skeleton: Skeleton, color: string) {
    this.#skeleton = skeleton;
    this.#body = new DefaultBody({ color });
    this.#axes.visible = false;
    this.#axes.matrixAutoUpdate = false;
    this.group.add(this.#body.object, this.#axes);
  }

  get model(): BoundAvatar | null {
    return this.#model;
  }

  /** How tall the body is, as it was published, metres. */
  get heightM(): number {
    return this.#heightM;
  }

  /** How much more room it takes than a grown body: 1 or more. */
  get size(): number {
    // Neither changes with the pose, so a dancer does not move the camera.
    const size =
      this.#model === null || this.#top === null
        ? this.#body.posture.size
        : (this.#top.heightM * this.#model.object.scale.y) / GROWN_HEIGHT_M;
    return size > 1 ? size : 1;
  }

  /** Which way the body is turned before `place` turns it. */
  get forward(): Float32Array {
    return this.#body.posture.axes.forward;
  }

  /** The largest weight of its blend shapes, as the player's info says. */
  set blendShapeRange(range: BlendShapeRange | undefined) {
    this.#body.blendShapeRange = range;
    if (this.#model !== null) this.#model.blendShapeRange = range;
  }

  set detail(detail: Detail) {
    this.#body.detail = detail;
  }

  showAxes(isShown: boolean): void {
    this.#axes.visible = isShown;
  }

  /** Moves it so that its middle is at x and z, turned about its middle; null: shows it where it is. */
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

  /** Shows a model in place of the body; null: the body again. */
  wear(dropped: DroppedModel | null): void {
    this.#model?.dispose();
    const model = dropped?.avatar ?? null;
    this.#model = model;
    this.#top = dropped?.top ?? null;
    this.#body.object.visible = model === null;
    if (model === null) return;
    model.bind(this.#skeleton);
    this.group.add(model.object);
    // At once, paused or not.
    if (this.#pose !== null) model.apply(this.#skeleton, this.#pose);
  }

  /** The player stands now as its model does at rest. */
  matchRest(): void {
    if (this.#pose === null) return;
    this.#model?.matchRest(this.#skeleton, this.#pose);
    this.#model?.apply(this.#skeleton, this.#pose);
  }

  /** Shows a pose; `timeMs` (performance.now) moves what swings. */
  update(skeleton: Skeleton, pose: Pose, timeMs: number): void {
    const { posture } = this.#body;
    this.#skeleton = skeleton;
    this.#pose = pose;
    if (this.#model === null) {
      this.#body.apply(skeleton, pose);
    } else {
      posture.read(skeleton, pose);
      this.#model.apply(skeleton, pose, timeMs);
    }
    fillMatrix(posture.matrices, 0, this.#axes.matrix);
    this.#axes.matrixWorldNeedsUpdate = true;
    this.#updatePlaces();
  }

  /** Where a bone is, as it was published; undefined for a bone that the skeleton does not have. */
  positionOf(bone: string): [number, number, number] | undefined {
    const index = this.#skeleton.boneNames.indexOf(bone);
    if (index < 0) return undefined;
    const { matrices } = this.#body.posture;
    const at = matrixAt(index) + POSITION_AT;
    return [matrices[at], matrices[at + 1], matrices[at + 2]];
  }

  dispose(): void {
    this.#body.dispose();
    this.#model?.dispose();
    this.#axes.dispose();
  }

  #updatePlaces(): void {
    const { plan, matrices, size, hasHead } = this.#body.posture;
    const { limbs, head, tree, pairs } = plan;
    const bones = tree.order.length;
    let top = matrices[POSITION_AT + 1];
    let low = top;
    // Only of bones that are drawn: where the others are is not known.
    for (const { to } of limbs) {
      const y = matrices[matrixAt(to) + POSITION_AT + 1];
      if (y > top) top = y;
      if (y < low) low = y;
    }
    const rise = low - matrices[POSITION_AT + 1];
    const crown = head >= 0 ? Math.max(top, matrices[matrixAt(head) + POSITION_AT + 1]) : top;
    // From the floor, unless the body hovers over it.
    this.#heightM = crown - low + (rise > 0 && rise < HOVER_MIN * (crown - low) ? rise : 0);
    const anchor = head >= 0 ? head : bones > 0 ? tree.order[0] : -1;
    const at = matrixAt(anchor) + POSITION_AT;
    const x = matrices[at];
    const z = matrices[at + 2];
    if (head >= 0) top = Math.max(top, matrices[at + 1] + 0.2 * size);
    const lift = bones === 0 && hasHead ? ALONE_MIDDLE_M : 0;
    const isAlone = pairs.length === 0 && head >= 0;
    this.labelPosition.set(x, top + lift + 0.07 * size, z);
    this.ownMiddle.set(x, isAlone ? matrices[at + 1] : (top + low) / 2 + lift, z);
    if (this.#model !== null) {
      // A model of another size moves by its share of the way, from the root.
      rootPosition.fromArray(matrices, POSITION_AT);
      this.labelPosition.sub(rootPosition).multiplyScalar(this.#model.scale).add(rootPosition);
      this.ownMiddle.sub(rootPosition).multiplyScalar(this.#model.scale).add(rootPosition);
      low = rootPosition.y + (low - rootPosition.y) * this.#model.scale;
      this.#liftAboveModel(low);
    }
    const { matrix } = this.group;
    this.labelPosition.applyMatrix4(matrix);
    this.middle.copy(this.ownMiddle).applyMatrix4(matrix);
  }

  /** The name is above all of the model's head, and the middle is between that and its feet. */
  #liftAboveModel(low: number): void {
    if (this.#model === null || this.#top === null) return;
    const { head, aboveM } = this.#top;
    head.updateWorldMatrix(true, false);
    // The group stays at its height.
    const top = head.getWorldPosition(headPosition).y + aboveM * this.#model.object.scale.y;
    if (!(top > this.labelPosition.y)) return;
    this.labelPosition.y = top + 0.07 * this.#model.scale;
    this.ownMiddle.y = (top + low) / 2;
  }
}

const rootPosition = new Vector3();
const headPosition = new Vector3();

function fillMatrix(matrices: Float32Array, at: number, out: Matrix4): void {
  const { elements } = out;
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 3; row++) {
      elements[column * 4 + row] = matrices[at + column * 3 + row];
    }
  }
}

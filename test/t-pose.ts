// T pose: players and models made of one T pose and of the axes that each bone rests in.
import { Bone, Group, Matrix4, Quaternion, Vector3 } from "three";
import type { Object3D } from "three";
import { createPose } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";

type Place = readonly [number, number, number];

/** A T pose: each bone's parent and place, metres, facing +z. */
export const T_POSE: Readonly<Record<string, readonly [string | null, Place]>> = {
  Hips: [null, [0, 0.95, 0]],
  Spine: ["Hips", [0, 1.07, 0.01]],
  Chest: ["Spine", [0, 1.21, 0]],
  UpperChest: ["Chest", [0, 1.31, -0.005]],
  Neck: ["UpperChest", [0, 1.42, -0.01]],
  Head: ["Neck", [0, 1.52, 0.01]],
  ...Object.assign(
    {},
    ...(["Left", "Right"] as const).map((side) => {
      const x = side === "Left" ? 1 : -1;
      return {
        [`${side}Shoulder`]: ["UpperChest", [0.05 * x, 1.38, 0]],
        [`${side}UpperArm`]: [`${side}Shoulder`, [0.16 * x, 1.4, 0]],
        [`${side}LowerArm`]: [`${side}UpperArm`, [0.44 * x, 1.4, -0.01]],
        [`${side}Hand`]: [`${side}LowerArm`, [0.7 * x, 1.4, 0]],
        [`${side}IndexProximal`]: [`${side}Hand`, [0.79 * x, 1.4, 0.03]],
        [`${side}IndexIntermediate`]: [`${side}IndexProximal`, [0.83 * x, 1.4, 0.03]],
        [`${side}LittleProximal`]: [`${side}Hand`, [0.78 * x, 1.4, -0.03]],
        [`${side}UpperLeg`]: ["Hips", [0.09 * x, 0.9, 0]],
        [`${side}LowerLeg`]: [`${side}UpperLeg`, [0.09 * x, 0.49, 0.01]],
        [`${side}Foot`]: [`${side}LowerLeg`, [0.09 * x, 0.08, -0.01]],
        [`${side}Toes`]: [`${side}Foot`, [0.09 * x, 0.02, 0.12]],
      } as const;
    }),
  ),
};
export const NAMES = Object.keys(T_POSE);

/** The directions of a bone's own axes in the room, at rest. */
export type Axes = (name: string) => Quaternion;

export const roomAxes: Axes = () => new Quaternion();

/** +y along the bone, as Mixamo and Blender have it. */
export const alongBone: Axes = (name) => {
  const child = NAMES.find((each) => T_POSE[each][0] === name && !each.includes("Shoulder"));
  const to = child ?? name;
  const from = child === undefined ? T_POSE[name][0]! : name;
  const way = at(to).sub(at(from)).normalize();
  return new Quaternion().setFromUnitVectors(new Vector3(0, 1, 0), way);
};

/** No axis along anything, and no two bones alike. */
export const anyAxes: Axes = (name) => {
  const part = (salt: string) => Bun.hash.crc32(salt + name) / 2 ** 32 - 0.5;
  return new Quaternion(part("x"), part("y"), part("z"), part("w")).normalize();
};

export const at = (name: string) => new Vector3(...T_POSE[name][1]);
export const degrees = (value: number) => (value * Math.PI) / 180;
export const turn = (x: number, y: number, z: number, angle: number) =>
  new Quaternion().setFromAxisAngle(new Vector3(x, y, z).normalize(), degrees(angle));

/** How far a bone has turned from the T pose, in the room's axes; others go along with their parents. */
export type Motion = Readonly<Record<string, Quaternion>>;

export function turned(motion: Motion, name: string): Quaternion {
  const own = motion[name];
  if (own !== undefined) return own.clone();
  const parent = T_POSE[name][0];
  return parent === null ? new Quaternion() : turned(motion, parent);
}

export const STANDING: Motion = {};
export const arms = (left: Quaternion, right: Quaternion): Motion => ({
  LeftUpperArm: left,
  RightUpperArm: right,
});
/** Everything moves: bent, twisted, one knee up, the head turned. */
export const DANCING: Motion = {
  Hips: turn(0.2, 1, 0.1, 40),
  Chest: turn(1, 0.8, 0, 35),
  Head: turn(0.3, 1, 0.2, 70),
  LeftUpperArm: turn(1, 2, 3, -50),
  LeftLowerArm: turn(0.2, 1, 1, -95),
  LeftHand: turn(1, 1, 0, 80),
  LeftIndexProximal: turn(0, 1, 1, 100),
  RightUpperArm: turn(1, 0, 1, 130),
  RightLowerArm: turn(0, 1, 0.4, 75),
  LeftUpperLeg: turn(1, 0.1, 0, -80),
  LeftLowerLeg: turn(1, 0.1, 0, 15),
  RightFoot: turn(1, 1, 0, 30),
};
export const IDLE: Motion = {
  ...arms(turn(0, 0, 1, -75), turn(0, 0, 1, 72)),
  LeftLowerArm: turn(0.2, 0.3, 1, -80),
  LeftUpperLeg: turn(1, 0, 0, -8),
};

export interface Player {
  readonly axes: Axes;
  /** As in a file of centimetres, whose hips bring them to metres. */
  readonly hipsScale?: number;
  /** Moves and turns all of it, within its root. */
  readonly placed?: Matrix4;
}

export function poseOf(
  { axes, hipsScale = 1, placed = new Matrix4() }: Player,
  motion: Motion,
): Pose {
  const pose = createPose({ boneNames: NAMES, blendShapeNames: [] });
  pose.root.set([3, 0, 1, 0, 0, 0, 1, 1, 1, 1]);
  const heading = new Quaternion().setFromRotationMatrix(placed);
  const world = (name: string) =>
    heading.clone().multiply(turned(motion, name)).multiply(axes(name));
  NAMES.forEach((name, bone) => {
    const parent = T_POSE[name][0];
    const rotation = world(name);
    let position = at(name).applyMatrix4(placed);
    if (parent !== null) {
      const up = world(parent).invert();
      rotation.premultiply(up);
      position = at(name).sub(at(parent)).applyQuaternion(turned(motion, parent));
      position.applyQuaternion(heading).applyQuaternion(up).divideScalar(hipsScale);
    }
    const scale = parent === null ? hipsScale : 1;
    pose.bones.set([...position, ...rotation, scale, scale, scale], bone * 10);
  });
  return pose;
}

export interface Model {
  readonly axes: Axes;
  /** The rest pose, if it is not the T pose. */
  readonly rest?: Motion;
  readonly size?: number;
  /** A node above the hips. */
  readonly armature?: { readonly scale: number; readonly rotation: Quaternion };
  readonly lacks?: readonly string[];
}

export function modelOf({ axes, rest = {}, size = 1, armature, lacks = [] }: Model): Group {
  const model = new Group();
  const above = new Group();
  if (armature !== undefined) {
    above.scale.setScalar(armature.scale);
    above.quaternion.copy(armature.rotation);
  }
  model.add(above);
  model.updateMatrixWorld(true);
  const bones = new Map<string, Object3D>();
  const places = new Map<string, Vector3>();
  for (const name of NAMES.filter((each) => !lacks.includes(each))) {
    let parent = T_POSE[name][0];
    const place = at(name).multiplyScalar(size);
    if (parent !== null) {
      place.sub(at(parent).multiplyScalar(size)).applyQuaternion(turned(rest, parent));
      place.add(places.get(parent) ?? at(parent).multiplyScalar(size));
    }
    places.set(name, place);
    while (parent !== null && !bones.has(parent)) parent = T_POSE[parent][0];
    const node = new Bone();
    node.name = name;
    bones.set(name, node);
    const world = new Matrix4().compose(
      place,
      turned(rest, name).multiply(axes(name)),
      new Vector3().setScalar(armature?.scale ?? 1),
    );
    const hung = bones.get(parent ?? "") ?? above;
    hung.updateWorldMatrix(true, false);
    world.premultiply(hung.matrixWorld.clone().invert());
    world.decompose(node.position, node.quaternion, node.scale);
    hung.add(node);
  }
  model.updateMatrixWorld(true);
  return model;
}

// What is expected of a model is reckoned from the T pose and the motion, never from a rest pose.
import { describe, expect, test } from "bun:test";
import { Bone, Group, Matrix4, Quaternion, Vector3 } from "three";
import type { Object3D } from "three";
import { createPose } from "../../src/codec/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import { mirrorPose } from "../../src/client/index.ts";
import { bindPose } from "../../src/client/three.ts";
import { readClipPoses } from "../../test/clip-poses.ts";
import { bodyPartOf, nameSkeleton } from "../../src/codec/rig/bone-names.ts";
import { boneTree } from "../../src/codec/rig/forward-kinematics.ts";
import { boneNamesIn, humanoidOf } from "./model-bones.ts";
import { ModelRest } from "./model-rest.ts";
import { PoseSample } from "./pose-sample.ts";
import { Retarget } from "./retarget.ts";
import {
  alongBone,
  anyAxes,
  arms,
  at,
  DANCING,
  degrees,
  IDLE,
  modelOf,
  NAMES,
  poseOf,
  roomAxes,
  STANDING,
  T_POSE,
  turn,
  turned,
} from "../../test/t-pose.ts";
import type { Model, Motion, Player } from "../../test/t-pose.ts";

interface Worn {
  readonly retarget: Retarget;
  readonly apply: (motion: Motion, player?: Player) => void;
  readonly match: (motion: Motion, player: Player) => Worn;
  /** Which way a bone points, in the model's axes. */
  readonly way: (from: string, to: string) => Vector3;
  readonly rotation: (name: string) => Quaternion;
  readonly place: (name: string) => Vector3;
  readonly node: (name: string) => Object3D;
}

function wear(player: Player, model: Model, first: Motion, hasParents = true): Worn {
  const object = modelOf(model);
  const rest = new ModelRest(object);
  const nodes = NAMES.map((name) => object.getObjectByName(name));
  const boneParents = NAMES.map((name) => T_POSE[name][0]);
  const skeleton = { boneNames: NAMES, blendShapeNames: [], ...(hasParents && { boneParents }) };
  const named = nameSkeleton(skeleton);
  const worn = (pose: Pose, isRest: boolean): Worn => {
    const retarget = new Retarget({ object, rest, nodes, named, pose, isRest });
    const node = (name: string) => object.getObjectByName(name)!;
    const place = (name: string) => node(name).getWorldPosition(new Vector3());
    return {
      retarget,
      apply: (motion, moved = player) => {
        retarget.apply(poseOf(moved, motion));
        object.updateMatrixWorld(true);
      },
      match: (motion, moved) => worn(poseOf(moved, motion), true),
      way: (from, to) => place(to).sub(place(from)).normalize(),
      rotation: (name) => node(name).getWorldQuaternion(new Quaternion()),
      place,
      node,
    };
  };
  return worn(poseOf(player, first), false);
}

const LIMBS = ["Left", "Right"].flatMap((side) => [
  [`${side}UpperArm`, `${side}LowerArm`],
  [`${side}LowerArm`, `${side}Hand`],
  [`${side}UpperLeg`, `${side}LowerLeg`],
  [`${side}LowerLeg`, `${side}Foot`],
  [`${side}IndexProximal`, `${side}IndexIntermediate`],
]);
const CLIPS = `${import.meta.dir}/../../clips`;
const TENTH_OF_A_DEGREE = degrees(0.1);

function expectLimbs({ way }: Worn, motion: Motion, heading = new Quaternion()): void {
  for (const [from, to] of LIMBS) {
    const wanted = at(to).sub(at(from)).applyQuaternion(turned(motion, from));
    const off = way(from, to).angleTo(wanted.applyQuaternion(heading));
    expect([from, off < TENTH_OF_A_DEGREE || off]).toEqual([from, true]);
  }
}

/** Every bone is turned as far from how the model rests as the player's is from the T pose. */
function expectTurned(
  { rotation }: Worn,
  { axes, rest = {}, lacks = [] }: Model,
  motion: Motion,
  heading = new Quaternion(),
): void {
  for (const name of NAMES.filter((each) => !lacks.includes(each))) {
    const wanted = turned(motion, name).multiply(turned(rest, name)).multiply(axes(name));
    const off = rotation(name).angleTo(wanted.premultiply(heading));
    expect([name, off < TENTH_OF_A_DEGREE || off]).toEqual([name, true]);
  }
}

describe("a player in the room's axes", () => {
  const player = { axes: roomAxes };
  for (const [kind, model] of Object.entries({
    "in the room's axes too": { axes: roomAxes, size: 0.7 },
    "whose bones lie along +y": { axes: alongBone },
    "of any axes": { axes: anyAxes, size: 1.2 },
    "in centimetres, lying on its back": {
      axes: alongBone,
      armature: { scale: 0.01, rotation: turn(1, 0, 0, -90) },
    },
    "that lacks bones of the spine": { axes: anyAxes, lacks: ["Chest", "LeftShoulder"] },
  } satisfies Record<string, Model>)) {
    test(`turns a model ${kind} exactly, whatever it does when the model is put on`, () => {
      for (const first of [STANDING, IDLE, DANCING]) {
        const worn = wear(player, model, first);
        expect(worn.retarget.fit).toBe("known");
        worn.apply(DANCING);
        expectTurned(worn, model, DANCING);
        expectLimbs(worn, DANCING);
      }
    });
  }

  test("moves the arms of a model that rests in an A pose to where its own are", () => {
    const rest = arms(turn(0, 0, 1, -45), turn(0, 0, 1, 45));
    const worn = wear(player, { axes: anyAxes, rest }, IDLE);
    worn.apply(DANCING);
    expectLimbs(worn, DANCING);
    worn.apply(STANDING);
    expectLimbs(worn, STANDING);
  });

  test("that faces -z turns a model to face -z", () => {
    const half = turn(0, 1, 0, 180);
    const placed = new Matrix4().makeRotationY(Math.PI);
    // Unturned at rest, as in the file of a VRM 0.
    const backwards = { axes: () => half.clone().invert(), placed };
    const model = { axes: anyAxes };
    const worn = wear(backwards, model, IDLE);
    expect(worn.retarget.fit).toBe("known");
    worn.apply(DANCING);
    expectLimbs(worn, DANCING, half);
    expectTurned(worn, model, DANCING, half);
  });

  test("keeps a model's feet flat whose shins lean", () => {
    const rest = { LeftLowerLeg: turn(1, 0, 0, 12), LeftFoot: new Quaternion() };
    const worn = wear(player, { axes: alongBone, rest }, STANDING);
    worn.apply(STANDING);
    expect(worn.rotation("LeftFoot").angleTo(alongBone("LeftFoot"))).toBeLessThan(
      TENTH_OF_A_DEGREE,
    );
  });
});

describe("a player in a model's own axes", () => {
  for (const axes of [alongBone, anyAxes]) {
    test(`turns it exactly, and leaves its proportions and unit alone (${axes === anyAxes ? "any" : "+y"})`, () => {
      const player = { axes, hipsScale: 0.01 };
      const model = { axes, size: 0.8 };
      const worn = wear(player, model, DANCING);
      expect(worn.retarget.fit).toBe("known");
      worn.apply(DANCING);
      expectTurned(worn, model, DANCING);
      const arm = worn.place("LeftUpperArm").distanceTo(worn.place("LeftLowerArm"));
      expect(arm).toBeCloseTo(at("LeftUpperArm").distanceTo(at("LeftLowerArm")) * 0.8, 5);
      expect(worn.node("Hips").scale.x).toBeCloseTo(1, 6);
      expect(worn.retarget.scale).toBeCloseTo(0.8, 4);
      expect(worn.place("Hips").y).toBeCloseTo(0.95 * 0.8, 4);
    });
  }

  test("of the same skeleton is copied as it is", () => {
    for (const axes of [roomAxes, alongBone, anyAxes]) {
      expect(wear({ axes }, { axes }, DANCING).retarget.fit).toBe("same");
    }
  });

  for (const [what, armature, hipsScale] of [
    ["in another unit", { scale: 0.01, rotation: new Quaternion() }, 0.01],
    ["turned", { scale: 1, rotation: turn(1, 0, 0, -90) }, 1],
  ] as const) {
    test(`is not copied where the model is ${what} above its hips`, () => {
      const worn = wear({ axes: alongBone, hipsScale }, { axes: alongBone, armature }, DANCING);
      expect(worn.retarget.fit).toBe("known");
      worn.apply(STANDING);
      expect(worn.place("Head").y).toBeCloseTo(1.52, 4);
    });
  }

  test("moves a model's hips, whatever both have above them", () => {
    const boneNames = ["Root", "Hips", "Spine"];
    const boneParents = [null, "Root", "Hips"];
    const object = new Group();
    let above: Object3D = object;
    for (const [index, name] of boneNames.entries()) {
      const node = new Bone();
      node.name = name;
      node.position.y = index * 0.5;
      above.add(node);
      above = node;
    }
    const skeleton = { boneNames, boneParents, blendShapeNames: [] };
    const pose = createPose(skeleton);
    pose.bones.set([0.4, 0, 0, ...turn(0, 1, 0, 90), 1, 1, 1], 0);
    pose.bones.set([0, 1, 0.2, 0, 0, 0, 1, 1, 1, 1], 10);
    pose.bones.set([0, 2, 0, 0, 0, 0, 1, 1, 1, 1], 20);
    const nodes = boneNames.map((name) => object.getObjectByName(name));
    const named = nameSkeleton(skeleton);
    const rest = new ModelRest(object);
    const retarget = new Retarget({ object, rest, nodes, named, pose, isRest: false });
    retarget.apply(pose);
    object.updateMatrixWorld(true);
    expect(nodes[0]!.position.toArray()).toEqual([0, 0, 0]);
    // Half the size: (0.4 + 0.2, 1, 0), halved.
    const hips = nodes[1]!.getWorldPosition(new Vector3());
    expect(hips.distanceTo(new Vector3(0.3, 0.5, 0))).toBeLessThan(1e-4);
  });
});

describe("a player in other axes than its model and the room", () => {
  const model = { axes: roomAxes, size: 0.9 };
  for (const [kind, axes] of [
    ["along +y", alongBone],
    ["of any kind", anyAxes],
  ] as const) {
    test(`points limbs where its own are, before anybody says how it rests (${kind})`, () => {
      for (const first of [STANDING, IDLE]) {
        const worn = wear({ axes }, model, first);
        expect(worn.retarget.fit).toBe("guessed");
        for (const motion of [first, IDLE, DANCING, STANDING]) {
          worn.apply(motion);
          expectLimbs(worn, motion);
        }
      }
    });

    test(`turns all of it exactly once it was matched in a T pose, facing anywhere (${kind})`, () => {
      const placed = new Matrix4().makeRotationY(degrees(110)).setPosition(4, 0, -2);
      const moved = { axes, placed };
      const worn = wear({ axes }, model, DANCING).match(STANDING, moved);
      expect(worn.retarget.fit).toBe("matched");
      worn.apply(DANCING, moved);
      expectTurned(worn, model, DANCING, turn(0, 1, 0, 110));
      // The root is elsewhere: what hangs in it moves by as much less as the model is smaller.
      expect(worn.place("Hips").x).toBeCloseTo(4 * 0.9, 4);
      expect(worn.place("Hips").z).toBeCloseTo(-2 * 0.9, 4);
    });
  }

  test("may be matched with its arms hanging: where they are is known", () => {
    const hanging = arms(turn(0, 0, 1, -70), turn(0, 0, 1, 70));
    const worn = wear({ axes: anyAxes }, model, DANCING).match(hanging, { axes: anyAxes });
    worn.apply(DANCING);
    expectLimbs(worn, DANCING);
  });
});

for (const clip of ["cmu-jumps.60hz", "dcl-dance.30hz", "vive-hands.90hz"]) {
  test(`a model of any axes points its limbs as ${clip} was recorded`, async () => {
    const { skeleton, poses } = await readClipPoses(`${CLIPS}/${clip}.ndjson.gz`);
    const named = nameSkeleton(skeleton);
    const object = modelOf({ axes: anyAxes });
    const names = boneNamesIn(object, humanoidOf(object, null), skeleton.boneNames);
    const nodes = bindPose(object, skeleton, { names }).bones as (Object3D | undefined)[];
    const rest = new ModelRest(object);
    const [pose] = poses.map(mirrorPose);
    const retarget = new Retarget({ object, rest, nodes, named, pose, isRest: false });
    for (const later of poses.filter((_, index) => index % 30 === 0)) {
      retarget.apply(later);
      object.updateMatrixWorld(true);
      const { positions } = new PoseSample(later, boneTree(named.parents));
      for (const [from, to] of LIMBS.slice(0, 4)) {
        const [a, b] = [from, to].map((name) => named.parts.indexOf(bodyPartOf(name)));
        const wanted = positions[b].clone().sub(positions[a]);
        const [x, y] = [a, b].map((bone) => nodes[bone]!.getWorldPosition(new Vector3()));
        expect(y.sub(x).angleTo(wanted)).toBeLessThan(TENTH_OF_A_DEGREE);
      }
    }
  });
}

test("a player that sends rotations only leaves the model on its feet", () => {
  const player = { axes: roomAxes };
  const pose = poseOf(player, DANCING);
  for (let bone = 0; bone < NAMES.length; bone++) pose.bones.fill(0, bone * 10, bone * 10 + 3);
  const object = modelOf({ axes: anyAxes });
  const nodes = NAMES.map((name) => object.getObjectByName(name));
  const named = nameSkeleton({ boneNames: NAMES, blendShapeNames: [] });
  const rest = new ModelRest(object);
  const retarget = new Retarget({ object, rest, nodes, named, pose, isRest: false });
  retarget.apply(pose);
  object.updateMatrixWorld(true);
  expect(nodes[0]!.getWorldPosition(new Vector3()).y).toBeCloseTo(0.95, 5);
  const hand = nodes[NAMES.indexOf("LeftHand")]!.getWorldQuaternion(new Quaternion());
  const wanted = turned(DANCING, "LeftHand").multiply(anyAxes("LeftHand"));
  expect(hand.angleTo(wanted)).toBeLessThan(TENTH_OF_A_DEGREE);
});

test("bones that nobody says the parents of hang as the model's do", () => {
  const names = ["tail_a", "tail_b", "tail_c"];
  const object = new Group();
  let above: Object3D = object;
  for (const name of names) {
    const node = new Bone();
    node.name = name;
    node.position.set(0, 0, -0.2);
    above.add(node);
    above = node;
  }
  const skeleton = { boneNames: names, blendShapeNames: [] };
  const pose = createPose(skeleton);
  names.forEach((_, bone) =>
    pose.bones.set([0, 0, -0.1, ...turn(1, 0, 0, 20), 1, 1, 1], bone * 10),
  );
  const nodes = names.map((name) => object.getObjectByName(name));
  const named = nameSkeleton(skeleton);
  expect(names.map(bodyPartOf)).toEqual([undefined, undefined, undefined]);
  const rest = new ModelRest(object);
  const retarget = new Retarget({ object, rest, nodes, named, pose, isRest: false });
  expect([retarget.fit, retarget.scale]).toEqual(["known", expect.closeTo(2, 5)]);
  retarget.apply(pose);
  object.updateMatrixWorld(true);
  expect(above.getWorldQuaternion(new Quaternion()).angleTo(turn(1, 0, 0, 60))).toBeLessThan(1e-3);
  expect(above.getWorldPosition(new Vector3()).z).toBeLessThan(-0.5);
});

// What is expected of a model is reckoned from the T pose and the motion, never from a rest pose.
import { describe, expect, test } from "bun:test";
import { Bone, BufferGeometry, Group, Matrix4, Mesh, Quaternion, Vector3 } from "three";
import type { Object3D } from "three";
import { createPose } from "../codec/index.ts";
import type { Skeleton } from "../codec/index.ts";
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
import { bindAvatar } from "./bind-avatar.ts";
import type { BoundAvatar } from "./bind-avatar.ts";
import { capturePose } from "./capture-pose.ts";

interface Worn {
  readonly avatar: BoundAvatar;
  readonly fit: () => BoundAvatar["match"]["fit"];
  readonly apply: (motion: Motion, player?: Player) => void;
  readonly match: (motion: Motion, player: Player) => Worn;
  /** Which way a bone points, in the axes of the player's root. */
  readonly way: (from: string, to: string) => Vector3;
  readonly rotation: (name: string) => Quaternion;
  readonly place: (name: string) => Vector3;
  readonly node: (name: string) => Object3D;
}

const BONE_PARENTS = NAMES.map((name) => T_POSE[name][0]);
const SKELETON: Skeleton = { boneNames: NAMES, boneParents: BONE_PARENTS, blendShapeNames: [] };

/** A model that shows a player, who does `first` when the model is put on. */
function wear(player: Player, model: Model, first: Motion, skeleton = SKELETON): Worn {
  const avatar = bindAvatar(modelOf(model));
  avatar.apply(skeleton, poseOf(player, first));
  return wornOf(avatar, player, skeleton);
}

function wornOf(avatar: BoundAvatar, player: Player, skeleton: Skeleton): Worn {
  const node = (name: string) => avatar.object.getObjectByName(name)!;
  const place = (name: string) => {
    avatar.object.updateMatrixWorld(true);
    return avatar.object.worldToLocal(node(name).getWorldPosition(new Vector3()));
  };
  return {
    avatar,
    fit: () => avatar.match.fit,
    apply: (motion, moved = player) => avatar.apply(skeleton, poseOf(moved, motion)),
    match(motion, moved) {
      avatar.matchRest(skeleton, poseOf(moved, motion));
      return this;
    },
    way: (from, to) => place(to).sub(place(from)).normalize(),
    rotation: (name) => node(name).getWorldQuaternion(new Quaternion()),
    place,
    node,
  };
}

const LIMBS = ["Left", "Right"].flatMap((side) => [
  [`${side}UpperArm`, `${side}LowerArm`],
  [`${side}LowerArm`, `${side}Hand`],
  [`${side}UpperLeg`, `${side}LowerLeg`],
  [`${side}LowerLeg`, `${side}Foot`],
  [`${side}IndexProximal`, `${side}IndexIntermediate`],
]);
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
        expect(worn.fit()).toBe("known");
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
    expect(worn.fit()).toBe("known");
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
      expect(worn.fit()).toBe("known");
      worn.apply(DANCING);
      expectTurned(worn, model, DANCING);
      const arm = worn.place("LeftUpperArm").distanceTo(worn.place("LeftLowerArm"));
      expect(arm).toBeCloseTo(at("LeftUpperArm").distanceTo(at("LeftLowerArm")) * 0.8, 5);
      expect(worn.node("Hips").scale.x).toBeCloseTo(1, 6);
      expect(worn.avatar.scale).toBeCloseTo(0.8, 4);
      expect(worn.place("Hips").y).toBeCloseTo(0.95 * 0.8, 4);
    });
  }

  test("of the same skeleton is copied as it is", () => {
    for (const axes of [roomAxes, alongBone, anyAxes]) {
      expect(wear({ axes }, { axes }, DANCING).fit()).toBe("same");
    }
  });

  for (const [what, armature, hipsScale] of [
    ["in another unit", { scale: 0.01, rotation: new Quaternion() }, 0.01],
    ["turned", { scale: 1, rotation: turn(1, 0, 0, -90) }, 1],
    ["both", { scale: 100, rotation: turn(1, 0.2, 0, 90) }, 100],
  ] as const) {
    test(`is copied too where the model is ${what} above its hips`, () => {
      const player = { axes: alongBone, hipsScale };
      const worn = wear(player, { axes: alongBone, armature }, DANCING);
      expect(worn.fit()).toBe("same");
      worn.apply(STANDING);
      for (const name of NAMES) expect(worn.place(name).distanceTo(at(name))).toBeLessThan(1e-5);
      // A bone that is moved, as the bones of a face are.
      const pose = poseOf(player, STANDING);
      pose.bones[NAMES.indexOf("Head") * 10 + 1] += 0.05 / hipsScale;
      worn.avatar.apply(SKELETON, pose);
      expect(worn.place("Head").distanceTo(at("Head"))).toBeCloseTo(0.05, 5);
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
    const avatar = bindAvatar(object);
    avatar.apply(skeleton, pose);
    const { place, node } = wornOf(avatar, { axes: roomAxes }, skeleton);
    expect(node("Root").position.toArray()).toEqual([0, 0, 0]);
    // Half the size: (0.4 + 0.2, 1, 0), halved.
    expect(place("Hips").distanceTo(new Vector3(0.3, 0.5, 0))).toBeLessThan(1e-4);
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
        expect(worn.fit()).toBe("guessed");
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
      expect(worn.fit()).toBe("matched");
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

test("a player that sends rotations only leaves the model on its feet", () => {
  const pose = poseOf({ axes: roomAxes }, DANCING);
  for (let bone = 0; bone < NAMES.length; bone++) pose.bones.fill(0, bone * 10, bone * 10 + 3);
  const avatar = bindAvatar(modelOf({ axes: anyAxes }));
  avatar.apply({ boneNames: NAMES, blendShapeNames: [] }, pose);
  const { place, rotation } = wornOf(avatar, { axes: roomAxes }, SKELETON);
  expect(place("Hips").y).toBeCloseTo(0.95, 5);
  const wanted = turned(DANCING, "LeftHand").multiply(anyAxes("LeftHand"));
  expect(rotation("LeftHand").angleTo(wanted)).toBeLessThan(TENTH_OF_A_DEGREE);
});

test("bones that nobody says the parents of hang as the model's do", () => {
  const boneNames = ["tail_a", "tail_b", "tail_c"];
  const object = new Group();
  let above: Object3D = object;
  for (const name of boneNames) {
    const node = new Bone();
    node.name = name;
    node.position.set(0, 0, -0.2);
    above.add(node);
    above = node;
  }
  const skeleton = { boneNames, blendShapeNames: [] };
  const pose = createPose(skeleton);
  boneNames.forEach((_, bone) =>
    pose.bones.set([0, 0, -0.1, ...turn(1, 0, 0, 20), 1, 1, 1], bone * 10),
  );
  const avatar = bindAvatar(object);
  avatar.apply(skeleton, pose);
  expect([avatar.match.fit, avatar.scale]).toEqual(["known", expect.closeTo(2, 5)]);
  const { place, rotation } = wornOf(avatar, { axes: roomAxes }, skeleton);
  expect(rotation("tail_c").angleTo(turn(1, 0, 0, 60))).toBeLessThan(1e-3);
  expect(place("tail_c").z).toBeLessThan(-0.5);
});

test("a model with none of the player's bones fits in no way, whatever is said of the rest", () => {
  const skeleton = { boneNames: ["Hips", "Head"], blendShapeNames: [] };
  const rested = { ...skeleton, rest: createPose(skeleton).bones };
  for (const each of [skeleton, rested]) {
    const door = new Bone();
    door.name = "door_hinge";
    const avatar = bindAvatar(new Group().add(door));
    const pose = createPose(each);
    pose.root[0] = 5;
    avatar.apply(each, pose);
    expect(avatar.match).toMatchObject({ missingBones: ["Hips", "Head"], fit: null });
    avatar.matchRest(each, pose);
    expect([avatar.match.fit, avatar.scale, avatar.object.position.x]).toEqual([null, 1, 5]);
  }
});

test("morph targets that a new skeleton does not have go back to rest", () => {
  const mesh = new Mesh(new BufferGeometry());
  mesh.morphTargetDictionary = { jawOpen: 0, smile: 1 };
  mesh.morphTargetInfluences = [0, 0.5];
  const avatar = bindAvatar(new Group().add(mesh));
  const show = (name: string, weight: number) => {
    const skeleton = { boneNames: [], blendShapeNames: [name] };
    const pose = createPose(skeleton);
    pose.blendShapes[0] = weight;
    avatar.apply(skeleton, pose);
    return mesh.morphTargetInfluences;
  };
  expect(show("jawOpen", 1)).toEqual([1, 0.5]);
  expect(show("smile", 0.75)).toEqual([0, 0.75]);
});

test("what is neither an Object3D nor a VRM is refused with a word of what is expected", () => {
  const gltf = { scene: new Group(), animations: [] };
  for (const wrong of [undefined, null, gltf, "robot.glb"] as unknown as Object3D[]) {
    for (const read of [bindAvatar, capturePose]) {
      expect(() => read(wrong)).toThrow(
        new TypeError("model: expected an Object3D (of a GLTF its scene) or a VRM"),
      );
    }
  }
});

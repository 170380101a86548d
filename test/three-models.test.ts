// avatar-sync/three on models as applications load them: every bone is found, and every limb points where the
// player's does.
import { describe, expect, test } from "bun:test";
import { VRMUtils } from "@pixiv/three-vrm";
import { Vector3 } from "three";
import type { Object3D } from "three";
import { mirrorPose } from "../src/client/index.ts";
import { bodyPartOf, nameSkeleton } from "../src/codec/rig/bone-names.ts";
import {
  boneTree,
  createMatrices,
  matrixAt,
  POSITION_AT,
  worldMatrices,
} from "../src/codec/rig/forward-kinematics.ts";
import type { Pose, Skeleton } from "../src/codec/index.ts";
import { bindAvatar } from "../src/three/index.ts";
import type { BoundAvatar } from "../src/three/index.ts";
import { clipPaths, readClipPoses } from "./clip-poses.ts";
import { loadModel } from "./load-model.ts";
import { glbOf, vrm0Of, vrm1Of } from "./page-glb.ts";
import {
  alongBone,
  anyAxes,
  DANCING,
  modelOf,
  NAMES,
  poseOf,
  roomAxes,
  STANDING,
  T_POSE,
  turn,
} from "./t-pose.ts";

interface LoadedModel {
  readonly avatar: BoundAvatar;
  /** By the names of the T pose. */
  readonly node: (name: string) => Object3D;
}

const MIXAMO_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^UpperChest$/, "Spine2"],
  [/^Chest$/, "Spine1"],
  [/UpperArm/, "Arm"],
  [/LowerArm/, "ForeArm"],
  [/UpperLeg/, "UpLeg"],
  [/LowerLeg/, "Leg"],
  [/Toes/, "ToeBase"],
  [/IndexProximal/, "HandIndex1"],
  [/IndexIntermediate/, "HandIndex2"],
  [/LittleProximal/, "HandPinky1"],
];
const mixamoName = (name: string) => {
  const [words, word] = MIXAMO_WORDS.find(([each]) => each.test(name)) ?? ["", ""];
  return `mixamorig:${name.replace(words, word)}`;
};
const vrmName = (name: string) => name[0].toLowerCase() + name.slice(1);

/** Renames the bones of a model. */
function renamed(model: Object3D, nameOf: (name: string) => string): Object3D {
  const nodes = NAMES.map((name) => model.getObjectByName(name)!);
  NAMES.forEach((name, index) => (nodes[index].name = nameOf(name)));
  return model;
}

async function bindGlb(model: Object3D, nameOf: (name: string) => string): Promise<LoadedModel> {
  const { scene } = await loadModel(glbOf(renamed(model, nameOf)));
  const loaded = (name: string) => name.replaceAll(/[[\].:/]/g, "");
  const avatar = bindAvatar(scene);
  return { avatar, node: (name) => avatar.object.getObjectByName(loaded(nameOf(name)))! };
}

/** A VRM whose nodes have names that tell nothing. */
async function bindVrm(
  version: 0 | 1,
  model: Object3D,
  prepare: typeof VRMUtils.rotateVRM0 = () => {},
): Promise<LoadedModel> {
  const nameOf = (name: string) => `node_${NAMES.indexOf(name)}`;
  renamed(model, nameOf);
  const bones = Object.fromEntries(
    NAMES.map((name) => [vrmName(name), model.getObjectByName(nameOf(name))!]),
  );
  const options = { morphTargets: [], bones, presets: {} };
  const { vrm } = await loadModel(version === 0 ? vrm0Of(model, options) : vrm1Of(model, options));
  prepare(vrm!);
  const avatar = bindAvatar(vrm!);
  return { avatar, node: (name) => avatar.object.getObjectByName(nameOf(name))! };
}

/** As VRM 0 has it: facing -z, and all axes those of the file. */
function backwards(): Object3D {
  const model = modelOf({ axes: roomAxes });
  model.traverse(({ position }) => position.set(-position.x, position.y, -position.z));
  return model;
}

const MODELS: Readonly<Record<string, () => Promise<LoadedModel>>> = {
  "a VRM 1": () => bindVrm(1, modelOf({ axes: anyAxes, size: 0.8 })),
  "a VRM 0": () => bindVrm(0, backwards(), (vrm) => VRMUtils.rotateVRM0(vrm)),
  "a VRM 0 that nobody has turned": () => bindVrm(0, backwards()),
  "a Mixamo-named model, in centimetres and lying on its back": () => {
    const armature = { scale: 0.01, rotation: turn(1, 0, 0, -90) };
    return bindGlb(modelOf({ axes: alongBone, size: 1.1, armature }), mixamoName);
  },
  "a Unity-named model": () => bindGlb(modelOf({ axes: anyAxes, size: 1.2 }), (name) => name),
};

const LIMBS = ["Left", "Right"].flatMap((side) => [
  [`${side}UpperArm`, `${side}LowerArm`],
  [`${side}LowerArm`, `${side}Hand`],
  [`${side}UpperLeg`, `${side}LowerLeg`],
  [`${side}LowerLeg`, `${side}Foot`],
  [`${side}IndexProximal`, `${side}IndexIntermediate`],
]);
/** With a body of the same proportions, all of it points where the player's does. */
const ALL = NAMES.flatMap((name) => {
  const parent = T_POSE[name][0];
  return parent === null ? [] : [[parent, name]];
});
const TENTH_OF_A_DEGREE = (0.1 * Math.PI) / 180;

/** The largest angle between a bone of the model and the player's, both in the room. */
function limbError(model: LoadedModel, skeleton: Skeleton, pose: Pose, limbs = LIMBS): number {
  const { parts, parents } = nameSkeleton(skeleton);
  const matrices = createMatrices(parts.length);
  worldMatrices(pose, boneTree(parents), matrices);
  model.avatar.object.updateMatrixWorld(true);
  let largest = 0;
  for (const limb of limbs) {
    const [a, b] = limb.map((name) => parts.indexOf(bodyPartOf(name)));
    if (a < 0 || b < 0) continue;
    const [from, to] = [a, b].map((bone) =>
      new Vector3().fromArray(matrices, matrixAt(bone) + POSITION_AT),
    );
    const [x, y] = limb.map((name) => model.node(name).getWorldPosition(new Vector3()));
    largest = Math.max(largest, y.sub(x).angleTo(to.sub(from)));
  }
  return largest;
}

const HUMANOID = NAMES.filter((name) => !/Index|Little/.test(name));

for (const [kind, load] of Object.entries(MODELS)) {
  describe(kind, () => {
    test("has all 22 bones of a humanoid, by any convention's names", async () => {
      expect(HUMANOID).toHaveLength(22);
      for (const nameOf of [vrmName, mixamoName, (name: string) => name]) {
        const { avatar } = await load();
        avatar.bind({ boneNames: HUMANOID.map(nameOf), blendShapeNames: [] });
        expect(avatar.match).toMatchObject({ boneCount: 22, missingBones: [] });
      }
    });

    for (const [what, axesOf, hasRest] of [
      ["is told by its axes", roomAxes, false],
      ["is sent, in the room's axes", roomAxes, true],
      ["is sent, along +y", alongBone, true],
      ["is sent, in any axes", anyAxes, true],
    ] as const) {
      test(`points all its bones where those of a player do whose rest ${what}`, async () => {
        const model = await load();
        const player = { axes: axesOf };
        const skeleton = {
          boneNames: NAMES.map(mixamoName),
          boneParents: NAMES.map((name) => {
            const parent = T_POSE[name][0];
            return parent === null ? null : mixamoName(parent);
          }),
          blendShapeNames: [],
          ...(hasRest && { rest: poseOf(player, STANDING).bones }),
        };
        for (const motion of [DANCING, STANDING]) {
          const pose = poseOf(player, motion);
          model.avatar.apply(skeleton, pose);
          expect(limbError(model, skeleton, pose, ALL)).toBeLessThan(TENTH_OF_A_DEGREE);
        }
        expect(model.avatar.match.fit).not.toBe("guessed");
      });
    }

    for (const path of clipPaths()) {
      const name = path.replace(/^.*\/|\.ndjson.*$/g, "");
      test(`has the bones of ${name}, and points its limbs as it was recorded`, async () => {
        const { skeleton, poses } = await readClipPoses(path);
        const model = await load();
        for (const recorded of poses.filter((_, index) => index % 30 === 0)) {
          const pose = mirrorPose(recorded);
          model.avatar.apply(skeleton, pose);
          expect(limbError(model, skeleton, pose)).toBeLessThan(TENTH_OF_A_DEGREE);
        }
        const own = new Set(NAMES.map(bodyPartOf));
        const { parts } = nameSkeleton(skeleton);
        const has = skeleton.boneNames.filter((_, bone) => own.has(parts[bone]));
        const { missingBones } = model.avatar.match;
        expect(has.filter((bone) => missingBones.includes(bone))).toEqual([]);
      });
    }
  });
}

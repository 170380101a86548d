import { expect, test } from "bun:test";
import { Bone, Group, Mesh } from "three";
import type { Object3D } from "three";
import { bindPose } from "../../src/client/three.ts";
import { boneNamesIn, humanoidOf } from "./model-bones.ts";

/** The model's name of each bone that is found. */
function found(boneNames: readonly string[], nodes: readonly Object3D[]): (string | undefined)[] {
  const model = new Group().add(...nodes);
  const names = boneNamesIn(model, humanoidOf(model, null), boneNames);
  const { bones } = bindPose(model, { boneNames, blendShapeNames: [] }, { names });
  return bones.map((bone) => bone?.name);
}

const named = <Node extends Object3D>(node: Node, name: string) => Object.assign(node, { name });
const bonesOf = (...names: string[]) => names.map((name) => named(new Bone(), name));

test("bones of one convention are found in a model of another", () => {
  const nodes = bonesOf(
    "mixamorigHips",
    "mixamorigLeftArm",
    "mixamorigLeftForeArm",
    "mixamorigLeftUpLeg",
  );
  const names = ["Hips", "LeftUpperArm", "leftLowerArm", "l_thigh", "Jaw"];
  expect(found(names, nodes)).toEqual([
    "mixamorigHips",
    "mixamorigLeftArm",
    "mixamorigLeftForeArm",
    "mixamorigLeftUpLeg",
    undefined,
  ]);
});

test("a bone of the very name comes first, but a mesh of that name is no bone", () => {
  const nodes = [named(new Mesh(), "Head"), ...bonesOf("J_Bip_C_Head", "Spine1", "Chest")];
  expect(found(["Head", "Spine1"], nodes)).toEqual(["J_Bip_C_Head", "Spine1"]);
});

test("Unity's thumbs are VRM 1's and Mixamo's, one bone further in than their names say", () => {
  const unity = ["LeftThumbProximal", "LeftThumbIntermediate", "LeftThumbDistal"];
  const vrm1 = ["leftThumbMetacarpal", "leftThumbProximal_", "leftThumbDistal_"];
  const mixamo = ["LeftHandThumb1", "LeftHandThumb2", "LeftHandThumb3"];
  expect(found(unity, bonesOf(...mixamo))).toEqual(mixamo);
  expect(found(unity, bonesOf(...vrm1))).toEqual(vrm1);
  expect(found(mixamo, bonesOf(...unity))).toEqual(unity);
});

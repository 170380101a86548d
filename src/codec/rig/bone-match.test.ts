import { expect, test } from "bun:test";
import { matchBones } from "./bone-match.ts";
import type { BoneMatchOptions, ModelNode } from "./bone-match.ts";

const MODEL: ModelNode = { name: "model", kind: "other" };
const bonesOf = (...names: string[]) => names.map((name) => ({ name, kind: "bone" }) as const);

/** The model's name of each bone that is found. */
function found(
  boneNames: readonly string[],
  nodes: readonly ModelNode[],
  options: Partial<BoneMatchOptions> = {},
): (string | undefined)[] {
  const all = [MODEL, ...nodes];
  return Array.from(matchBones(boneNames, { nodes: all, ...options }), (node) => all[node]?.name);
}

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
  const mesh = { name: "Head", kind: "mesh" } as const;
  const nodes = [mesh, ...bonesOf("J_Bip_C_Head", "Spine1", "Chest")];
  expect(found(["Head", "Spine1"], nodes)).toEqual(["J_Bip_C_Head", "Spine1"]);
});

test("of two conventions the part counts before the name", () => {
  const poser = ["Hips", "LeftCollar", "LeftShoulder", "LeftElbow", "LeftWrist"];
  const unity = ["Hips", "LeftShoulder", "LeftUpperArm", "LeftLowerArm", "LeftHand"];
  expect(found(poser, bonesOf(...unity))).toEqual(unity);
  expect(found(unity, bonesOf(...poser))).toEqual(poser);
  expect(found(["LeftCollar", "LeftShoulder"], bonesOf("LeftShoulder"))).toEqual([
    "LeftShoulder",
    undefined,
  ]);
  expect(
    found(["LeftCollar", "LeftShoulder", "LeftArm"], bonesOf("left_shoulder", "left_elbow")),
  ).toEqual([undefined, undefined, "left_shoulder"]);
  // A rig's own names are its own, though some of its bones are left out.
  const sparse = ["Hips", "Spine2", "Neck"];
  expect(found(sparse, bonesOf("Hips", "Spine", "Spine1", "Spine2", "Neck"))).toEqual(sparse);
});

test("a model's hierarchy tells the side that its names do not", () => {
  const nodes = bonesOf("Hand_R", "Thumb_01");
  const parents = Int32Array.from([-1, 0, 1]);
  expect(found(["RightThumbMetacarpal"], nodes, { parents })).toEqual(["Thumb_01"]);
});

test("Unity's thumbs are VRM 1's and Mixamo's, one bone further in than their names say", () => {
  const unity = ["LeftThumbProximal", "LeftThumbIntermediate", "LeftThumbDistal"];
  const vrm1 = ["leftThumbMetacarpal", "leftThumbProximal_", "leftThumbDistal_"];
  const mixamo = ["LeftHandThumb1", "LeftHandThumb2", "LeftHandThumb3"];
  expect(found(unity, bonesOf(...mixamo))).toEqual(mixamo);
  expect(found(unity, bonesOf(...vrm1))).toEqual(vrm1);
  expect(found(mixamo, bonesOf(...unity))).toEqual(unity);
});

test("a file's own humanoid tells, whatever its nodes are called", () => {
  const humanoid = new Map([["leftUpperArm", 2]]);
  expect(found(["LeftArm"], bonesOf("a", "b"), { humanoid })).toEqual(["b"]);
});

test("names of no convention match as GLTFLoader writes them, and regardless of case and signs", () => {
  const nodes = bonesOf("tail01", "Wing_A", "J_Sec_Feeler", "Ohr");
  expect(found(["tail:01", "Wing A", "jSecFeeler", "OHR"], nodes)).toEqual([
    "tail01",
    "Wing_A",
    "J_Sec_Feeler",
    "Ohr",
  ]);
});

test("a bone that only loosely matches two nodes is missing, not guessed", () => {
  expect(found(["Wing L", "wing_L"], bonesOf("wing_L", "wing.L"))).toEqual([undefined, "wing_L"]);
});

test("the model itself and nameless nodes are no bones", () => {
  expect(found(["model", "", "tail"], bonesOf("", "tail"))).toEqual([undefined, undefined, "tail"]);
});

test("names may be mapped: to the first of several that the model has, or to none", () => {
  const names = { Head: ["head_0", "bone_17"], Hips: "Hips", Spine: [] };
  const bones = ["Head", "Hips", "Spine", "toString"];
  expect(found(bones, bonesOf("bone_17", "Hips", "Spine"), { names })).toEqual([
    "bone_17",
    "Hips",
    undefined,
    undefined,
  ]);
});

// Bodies as users sent them, with names that were not understood: test/inputs.
import { describe, expect, test } from "bun:test";
import { Vector3 } from "three";
import { createPose, poseOf, skeletonOf } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { nameSkeleton } from "../src/codec/rig/bone-names.ts";
import { bindAvatar } from "../src/three/index.ts";
import { loadModel } from "./load-model.ts";
import { placesOf } from "./named-rigs.ts";

const INPUTS = `${import.meta.dir}/inputs`;

async function readInput(name: string) {
  const frame = (await Bun.file(`${INPUTS}/${name}.frame.json`).json()) as AvatarFrame;
  const skeleton = skeletonOf(frame);
  return { skeleton, pose: poseOf(frame, createPose(skeleton)) };
}

/** Where the bones of a body are as it is drawn, in the order in which they were sent. */
async function figureOf(name: string) {
  const { skeleton, pose } = await readInput(name);
  const { parts, parents } = nameSkeleton(skeleton);
  return { parts, places: placesOf(pose, parents).map(({ position }) => position.toArray()) };
}

const PLAIN = await figureOf("02-plain-mixamo");

for (const name of ["02-joint-names", "02-joint-names-no-parents", "06-all-parents-null"]) {
  test(`${name} is the figure of 02-plain-mixamo`, async () => {
    const { parts, places } = await figureOf(name);
    expect(parts).toEqual(PLAIN.parts);
    expect(places).toEqual(PLAIN.places);
  });
}

describe("03-box-man.glb", () => {
  for (const name of [
    "02-plain-mixamo",
    "02-joint-names",
    "02-joint-names-no-parents",
    "06-all-parents-null",
  ]) {
    test(`with ${name} has all bones, and takes its pose`, async () => {
      const { skeleton, pose } = await readInput(name);
      const { scene } = await loadModel(await Bun.file(`${INPUTS}/03-box-man.glb`).bytes());
      const avatar = bindAvatar(scene);
      avatar.apply(skeleton, pose);
      avatar.object.updateMatrixWorld(true);
      expect(avatar.match).toMatchObject({ boneCount: 19, missingBones: [] });
      const at = (node: string) =>
        avatar.object.getObjectByName(node)!.getWorldPosition(new Vector3());
      expect(at("mixamorigLeftHand").distanceTo(new Vector3(0.3146, 1.0884, 0.2164))).toBeLessThan(
        1e-3,
      );
      expect(at("mixamorigLeftFoot").distanceTo(new Vector3(0.09, 0.1185, 0.1149))).toBeLessThan(
        1e-3,
      );
    });
  }
});

test("names.json: every bone of a body is a part of it", async () => {
  const rigs = (await Bun.file(`${INPUTS}/names.json`).json()) as Record<string, string[]>;
  const unknown = Object.entries(rigs).flatMap(([rig, boneNames]) => {
    const { parts } = nameSkeleton({ boneNames, blendShapeNames: [] });
    return boneNames.filter((_, bone) => parts[bone] === undefined).map((name) => [rig, name]);
  });
  expect(unknown).toEqual([
    // A landmark of the face, and what is above the hips of a model whose file has the parents.
    ["MediaPipe", "NOSE"],
    ["RobotExpressive", "Bone"],
    ["RobotExpressive", "Body"],
    // Two copies of a rig in one list: the body has one pair of hips.
    ["Blender dup", "Hips_1"],
    // Examples of names in one string.
    ["Maya namespace", "rig:char:Hips char_Hips ns"],
    [
      "Maya namespace",
      "LeftArm Armature/Hips Character1_Hips Character1_LeftArm Character1_LeftForeArm",
    ],
  ]);
});

describe("01-blender-armature.glb", () => {
  for (const name of ["01-root-above-hips", "02-plain-mixamo"]) {
    test(`[16] with ${name} is upright, though its armature is turned`, async () => {
      const { skeleton, pose } = await readInput(name);
      const { scene } = await loadModel(
        await Bun.file(`${INPUTS}/01-blender-armature.glb`).bytes(),
      );
      const avatar = bindAvatar(scene);
      avatar.apply(skeleton, pose);
      avatar.object.updateMatrixWorld(true);
      const at = (node: string) =>
        avatar.object.getObjectByName(node)!.getWorldPosition(new Vector3());
      expect(at("mixamorigHead").distanceTo(new Vector3(0, 1.6, 0))).toBeLessThan(1e-3);
      expect(at("mixamorigLeftHand").distanceTo(new Vector3(0.3146, 1.0884, 0.2164))).toBeLessThan(
        1e-3,
      );
    });
  }
});

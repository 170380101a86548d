import { describe, expect, test } from "bun:test";
import { createPose } from "../codec/index.ts";
import { bindPose } from "./three.ts";
import type { Object3DLike } from "./three.ts";

class Vector {
  values: number[] = [];
  set(...values: number[]): void {
    this.values = values;
  }
}

/** The shape of a three.js Object3D. */
class Node implements Object3DLike {
  readonly position = new Vector();
  readonly quaternion = new Vector();
  readonly scale = new Vector();
  readonly children: Node[];
  readonly name: string;
  morphTargetDictionary?: Record<string, number>;
  morphTargetInfluences?: number[];

  constructor(name: string, children: Node[] = []) {
    this.name = name;
    this.children = children;
  }

  morph(...names: string[]): this {
    this.morphTargetDictionary = Object.fromEntries(names.map((name, index) => [name, index]));
    this.morphTargetInfluences = names.map(() => 0);
    return this;
  }
}

describe("apply", () => {
  test("moves the object, its bones and every mesh that has the blend shape", () => {
    const head = new Node("Head");
    const face = new Node("face").morph("blink", "jawOpen");
    const teeth = new Node("teeth").morph("jawOpen");
    const model = new Node("model", [new Node("Hips", [head]), face, teeth]);
    const skeleton = { boneNames: ["Head"], blendShapeNames: ["jawOpen"] };
    const binding = bindPose(model, skeleton);
    const pose = createPose(skeleton);
    pose.root.set([1, 2, 3, 0, 0, 0, 1, 4, 5, 6]);
    pose.bones.set([7, 8, 9, 0, 1, 0, 0, 1, 1, 1]);
    pose.blendShapes[0] = 0.5;
    binding.apply(pose);
    expect(model.position.values).toEqual([1, 2, 3]);
    expect(model.scale.values).toEqual([4, 5, 6]);
    expect(head.position.values).toEqual([7, 8, 9]);
    expect(head.quaternion.values).toEqual([0, 1, 0, 0]);
    expect(face.morphTargetInfluences).toEqual([0, 0.5]);
    expect(teeth.morphTargetInfluences).toEqual([0.5]);
    expect(model.children[0].position.values).toEqual([]);
  });

  test("scales weights where the source has 0..100", () => {
    const face = new Node("face").morph("smile");
    const skeleton = { boneNames: [], blendShapeNames: ["smile"] };
    const binding = bindPose(new Node("model", [face]), skeleton, { weightScale: 0.01 });
    const pose = createPose(skeleton);
    pose.blendShapes[0] = 50;
    binding.apply(pose);
    expect(face.morphTargetInfluences).toEqual([0.5]);
  });
});

describe("names", () => {
  const boundBones = (names: string[], model: Node) => {
    const skeleton = { boneNames: names, blendShapeNames: [] };
    const binding = bindPose(model, skeleton);
    expect(binding.skeleton).toBe(skeleton);
    return binding.missing;
  };

  test("match as GLTFLoader writes them, and regardless of case and signs", () => {
    const model = new Node("model", [
      new Node("mixamorigHips"),
      new Node("Left_Arm"),
      new Node("J_Bip_C_Head"),
      new Node("Ohr"),
    ]);
    const names = ["mixamorig:Hips", "Left Arm", "jBipCHead", "OHR"];
    expect(boundBones(names, model)).toEqual([]);
  });

  test("a bone that only loosely matches two objects is missing, not guessed", () => {
    const model = new Node("model", [new Node("arm_L"), new Node("arm.L")]);
    expect(boundBones(["Arm L", "arm_L"], model)).toEqual(["Arm L"]);
  });

  test("what the model does not have is told; the model itself and nameless objects are no bones", () => {
    const model = new Node("Hips", [new Node(""), new Node("Spine")]);
    expect(boundBones(["Hips", "Spine", "…"], model)).toEqual(["Hips", "…"]);
  });

  test("may be mapped", () => {
    const model = new Node("model", [new Node("bone_17")]);
    const skeleton = { boneNames: ["Head", "toString"], blendShapeNames: [] };
    expect(bindPose(model, skeleton, { names: { Head: "bone_17" } }).missing).toEqual(["toString"]);
  });

  test("a bone mapped to several names is the first that the model has, and is told", () => {
    const head = new Node("head_1");
    const model = new Node("model", [head]);
    const skeleton = { boneNames: ["Head", "Neck"], blendShapeNames: [] };
    const names = { Head: ["Head", "head_1"], Neck: [] };
    expect(bindPose(model, skeleton, { names }).bones).toEqual([head, undefined]);
  });

  test("a blend shape may drive several; of several that drive one, the largest weight counts", () => {
    const face = new Node("face").morph("eyeBlinkLeft", "eyeBlinkRight");
    const skeleton = { boneNames: [], blendShapeNames: ["blink", "Blink_L", "left out"] };
    const names = {
      blink: ["eyeBlinkLeft", "eyeBlinkRight"],
      Blink_L: "eyeBlinkLeft",
      "left out": [],
    };
    const binding = bindPose(new Node("model", [face]), skeleton, { names });
    expect(binding.missingBlendShapes).toEqual(["left out"]);
    const pose = createPose(skeleton);
    pose.blendShapes.set([0.25, 0.75, 1]);
    binding.apply(pose);
    expect(face.morphTargetInfluences).toEqual([0.75, 0.25]);
    pose.blendShapes.set([0.5, 0, 1]);
    binding.apply(pose);
    expect(face.morphTargetInfluences).toEqual([0.5, 0.5]);
  });

  test("blend shapes match without what stands before the last dot, in every mesh", () => {
    const face = new Node("face").morph("face_bs.jawOpen");
    const teeth = new Node("teeth").morph("teeth_bs.jawOpen");
    const skeleton = { boneNames: [], blendShapeNames: ["JawOpen", "tongueOut"] };
    const binding = bindPose(new Node("model", [face, teeth]), skeleton);
    expect(binding.missingBlendShapes).toEqual(["tongueOut"]);
    const pose = createPose(skeleton);
    pose.blendShapes[0] = 1;
    binding.apply(pose);
    expect([face.morphTargetInfluences, teeth.morphTargetInfluences]).toEqual([[1], [1]]);
  });
});

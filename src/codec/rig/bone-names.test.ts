import { describe, expect, test } from "bun:test";
import { bodyPartOf, nameSkeleton } from "./bone-names.ts";

describe("a bone's name tells its part", () => {
  for (const [convention, names] of Object.entries({
    "Mixamo and Ready Player Me": {
      "mixamorig:Hips": "hips",
      mixamorigSpine2: "upperChest",
      LeftUpLeg: "left upperLeg",
      "mixamorig:RightForeArm": "right lowerArm",
      LeftHandThumb1: "left thumb metacarpal",
      RightHandPinky4: "right little tip",
      HeadTop_End: "headTop",
    },
    "Unity's HumanBodyBones": {
      UpperChest: "upperChest",
      LeftLowerLeg: "left lowerLeg",
      RightToes: "right toes",
      LeftThumbIntermediate: "left thumb intermediate",
      RightLittleDistal: "right little distal",
    },
    "VRM 0 and 1, and VRoid's nodes": {
      leftUpperArm: "left upperArm",
      rightThumbMetacarpal: "right thumb metacarpal",
      leftIndexProximal: "left index proximal",
      J_Bip_C_UpperChest: "upperChest",
      J_Bip_L_LowerArm: "left lowerArm",
      J_Bip_R_Little3: "right little distal",
      J_Adj_L_FaceEye: "left eye",
    },
    Biped: {
      Bip01: "root",
      "Bip01 Pelvis": "hips",
      "Bip001 L Clavicle": "left shoulder",
      L_Calf: "left lowerLeg",
      "Bip01 R Finger0": "right thumb metacarpal",
      L_Finger12: "left index distal",
      "Bip01 L Toe0": "left toes",
    },
    "CMU BVH and ASF": {
      LowerBack: "lowerBack",
      LHipJoint: "left hipJoint",
      Neck1: "upperNeck",
      RThumb: "right thumb metacarpal",
      lfemur: "left upperLeg",
      rradius: "right lowerArm",
    },
    "Unreal's mannequin": {
      spine_03: "upperChest",
      upperarm_l: "left upperArm",
      ball_r: "right toes",
    },
  })) {
    test(convention, () => {
      const found = Object.fromEntries(Object.keys(names).map((name) => [name, bodyPartOf(name)]));
      expect(found).toEqual(names);
    });
  }

  test("a name of no convention tells none", () => {
    expect(["Fnord", "", "constructor", "左腕"].map(bodyPartOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

for (const clip of ["cmu-jumps.60hz", "dcl-dance.30hz", "vive-hands.90hz"]) {
  test(`parents by name are those of ${clip}`, async () => {
    const file = Bun.file(`${import.meta.dir}/../../../clips/${clip}.parents.json`);
    const said = (await file.json()) as Record<string, string | null>;
    const boneNames = Object.keys(said);
    const { parents, parentsFrom } = nameSkeleton({ boneNames, blendShapeNames: [] });
    expect(parentsFrom).toBe("named");
    const named = boneNames.map((name, index) => [name, boneNames[parents[index]] ?? null]);
    expect(Object.fromEntries(named)).toEqual(said);
  });
}

test("what a sender says of parents counts before its names", () => {
  const skeleton = {
    boneNames: ["Hips", "Head"],
    boneParents: ["Head", "nobody"],
    blendShapeNames: [],
  };
  const { parents, parentsFrom } = nameSkeleton(skeleton);
  expect([parentsFrom, ...parents]).toEqual(["said", 1, -1]);
});

test("a skeleton of unknown names has no parents", () => {
  const boneNames = ["Head", "a", "b", "c", "d", "e"];
  expect(nameSkeleton({ boneNames, blendShapeNames: [] }).parentsFrom).toBe("unknown");
});

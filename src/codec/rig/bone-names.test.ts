// What each convention's names mean is tested row by row of docs/names.md, in test/names.test.ts.
import { describe, expect, test } from "bun:test";
import { bodyPartOf, kindOf, nameSkeleton } from "./bone-names.ts";
import type { Skeleton } from "../frame.ts";

const partsOf = (boneNames: readonly string[], more: Partial<Skeleton> = {}) =>
  nameSkeleton({ boneNames, blendShapeNames: [], ...more }).parts;

describe("a bone's name alone", () => {
  test("tells its part in any spelling of its side", () => {
    for (const name of [
      "LeftUpperArm",
      "upper_arm.L",
      "l_upperarm",
      "UpperArm Left",
      "左腕",
      "lHumerus",
    ]) {
      expect([name, bodyPartOf(name)]).toEqual([name, "left upperArm"]);
    }
  });

  test("of no convention tells none", () => {
    for (const name of ["Fnord", "", "constructor", "左", "123", ":", "Left", "__proto__"]) {
      expect([name, bodyPartOf(name)]).toEqual([name, undefined]);
    }
  });

  test("of a bone that only helps to pose others tells none", () => {
    for (const name of ["ik_hand_l", "左足ＩＫ", "Knee_Pole.L", "CTRL_Hips", "左足D"]) {
      expect([name, bodyPartOf(name)]).toEqual([name, undefined]);
    }
  });
});

describe("a name that means two things", () => {
  test("Shoulder is the upper arm beside a collar, and the clavicle beside an arm", () => {
    expect(partsOf(["LeftCollar", "LeftShoulder", "LeftElbow"])).toEqual([
      "left shoulder",
      "left upperArm",
      "left lowerArm",
    ]);
    expect(partsOf(["LeftShoulder", "LeftArm"])).toEqual(["left shoulder", "left upperArm"]);
    expect(partsOf(["LeftShoulder", "LeftElbow"])).toEqual(["left upperArm", "left lowerArm"]);
  });

  test("Leg is the thigh beside a knee, and the shin below a thigh", () => {
    expect(partsOf(["Left leg", "Left knee"])).toEqual(["left upperLeg", "left lowerLeg"]);
    expect(partsOf(["LeftUpLeg", "LeftLeg"])).toEqual(["left upperLeg", "left lowerLeg"]);
    expect(partsOf(["LeftHip", "LeftLeg"])).toEqual(["left upperLeg", "left lowerLeg"]);
  });

  test("Foot is beyond an ankle if the rig has one", () => {
    expect(partsOf(["LeftAnkle", "LeftFoot"])).toEqual(["left foot", "left toes"]);
    expect(partsOf(["LeftFoot", "LeftToeBase"])).toEqual(["left foot", "left toes"]);
  });

  test("what one side has tells of the other too", () => {
    expect(partsOf(["LeftCollar", "LeftShoulder", "RightShoulder"])[2]).toBe("right upperArm");
  });
});

describe("where names leave a doubt, the hierarchy decides", () => {
  test("a spine is counted along its parents, whatever its numbers", () => {
    const boneNames = ["hips", "Spine3", "Spine1", "Spine2"];
    const boneParents = [null, "hips", "Spine3", "Spine1"];
    expect(partsOf(boneNames, { boneParents })).toEqual(["hips", "spine", "chest", "upperChest"]);
    expect(partsOf(boneNames)).toEqual(["hips", "upperChest", "spine", "chest"]);
  });

  test("three bones below the hips are a leg, and three on the trunk an arm", () => {
    const boneNames = [
      "Hips",
      "Spine",
      "Pierna_L",
      "Rodilla_L",
      "Pie_L",
      "Brazo_L",
      "Codo_L",
      "Mano_L",
      "Cola",
    ];
    const boneParents = [
      null,
      "Hips",
      "Hips",
      "Pierna_L",
      "Rodilla_L",
      "Spine",
      "Brazo_L",
      "Codo_L",
      "Hips",
    ];
    expect(partsOf(boneNames, { boneParents }).slice(2)).toEqual([
      "left upperLeg",
      "left lowerLeg",
      "left foot",
      "left upperArm",
      "left lowerArm",
      "left hand",
      undefined,
    ]);
  });

  test("a limb without a side in its names has that of where it rests", () => {
    const boneNames = ["Hips", "a1", "a2", "a3", "b1", "b2", "b3", "t1", "t2", "t3"];
    const boneParents = [null, "Hips", "a1", "a2", "Hips", "b1", "b2", "Hips", "t1", "t2"];
    const rest = new Float32Array(boneNames.length * 10);
    const place = (bone: number, ...xyz: number[]) =>
      rest.set([...xyz, 0, 0, 0, 1, 1, 1, 1], bone * 10);
    place(0, 0, 1, 0);
    for (const [first, x] of [
      [1, -0.1],
      [4, 0.1],
      [7, 0],
    ] as const) {
      place(first, x, -0.05, 0);
      place(first + 1, 0, -0.4, 0);
      place(first + 2, 0, -0.4, 0);
    }
    const parts = partsOf(boneNames, { boneParents, rest });
    expect(parts.slice(1, 4)).toEqual(["right upperLeg", "right lowerLeg", "right foot"]);
    expect(parts.slice(4, 7)).toEqual(["left upperLeg", "left lowerLeg", "left foot"]);
    expect(parts.slice(7)).toEqual([undefined, undefined, undefined]);
    expect(partsOf(boneNames, { boneParents }).slice(1)).toEqual(Array(9).fill(undefined));
  });

  test("a finger has the side of the hand that it is on", () => {
    const boneNames = ["Hand_R", "Thumb_01", "Finger_Ring1"];
    const boneParents = [null, "Hand_R", "Hand_R"];
    expect(partsOf(boneNames, { boneParents })).toEqual([
      "right hand",
      "right thumb metacarpal",
      "right ring proximal",
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

describe("all parents null", () => {
  const body = ["Hips", "Spine", "Neck", "Head", "LeftUpLeg", "LeftLeg", "LeftFoot"];
  const named = (boneNames: readonly string[], rest?: Float32Array<ArrayBuffer>) =>
    nameSkeleton({
      boneNames,
      boneParents: boneNames.map(() => null),
      blendShapeNames: [],
      ...(rest && { rest }),
    });

  test("of a body were left out: the names tell", () => {
    const { parents, parentsFrom } = named(body);
    expect([parentsFrom, ...parents]).toEqual(["named", -1, 0, 1, 2, 0, 4, 5]);
  });

  test("of trackers are the truth", () => {
    const trackers = ["Hips", "Head", "LeftHand", "RightHand", "LeftFoot", "RightFoot"];
    expect([...named(trackers).parents]).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(named(trackers).parentsFrom).toBe("said");
  });

  test("of bones that rest at their places in the room are the truth", () => {
    const rest = new Float32Array(body.length * 10);
    [1, 1.2, 1.5, 1.6, 0.9, 0.5, 0.1].forEach((y, bone) => (rest[bone * 10 + 1] = y));
    expect(named(body, rest).parentsFrom).toBe("said");
    [1, 0.2, 0.3, 0.1, -0.1, -0.4, -0.4].forEach((y, bone) => (rest[bone * 10 + 1] = y));
    expect(named(body, rest).parentsFrom).toBe("named");
  });
});

test("a skeleton of unknown names has no parents", () => {
  const boneNames = ["Head", "a", "b", "c", "d", "e"];
  expect(nameSkeleton({ boneNames, blendShapeNames: [] }).parentsFrom).toBe("unknown");
});

test("a circle of parents ends", () => {
  const boneNames = ["Hips", "Spine", "a", "b", "c"];
  const boneParents = ["Spine", "Hips", "c", "a", "b"];
  expect(partsOf(boneNames, { boneParents })).toHaveLength(5);
});

test("the kind of a part is the same on both sides and for all of its bones", () => {
  expect(["left upperArm+1", "spine+2", "right hand", "head"].map(kindOf)).toEqual([
    "upperArm",
    "spine",
    "hand",
    "head",
  ]);
});

test("a rig that was named before is named alike, and names with line breaks are names of their own", () => {
  const skeleton = { boneNames: ["Hips", "Spine"], blendShapeNames: [] };
  expect(nameSkeleton(skeleton)).toEqual(nameSkeleton({ ...skeleton }));
  expect(nameSkeleton({ boneNames: ["Hips\nSpine"], blendShapeNames: [] }).parts).toHaveLength(1);
});

// docs/names.md, row by row.
import { describe, expect, test } from "bun:test";
import { nameSkeleton } from "../src/codec/rig/bone-names.ts";
import { namedRigs, partsIn, placesOf, readMotion, sentBy, tableRows } from "./named-rigs.ts";

const RIGS = await namedRigs();
const MOTION = await readMotion();
const ENDS = ["left hand", "right hand", "left foot", "right foot"];
const MIXAMO = {
  "left hand": "LeftHand",
  "right hand": "RightHand",
  "left foot": "LeftFoot",
  "right foot": "RightFoot",
};
const NEAR_M = 0.02;

for (const rig of RIGS) {
  const boneNames = rig.bones.map(({ name }) => name);
  const said = rig.bones.map(({ parent }) => boneNames[parent] ?? null);
  const wanted = Object.fromEntries(rig.bones.map(({ name, part }) => [name, part]));

  describe(rig.title, () => {
    for (const [how, boneParents] of [
      ["with parents", said],
      ["without parents", undefined],
      ["with all parents null", said.map(() => null)],
    ] as const) {
      const skeleton = { boneNames, blendShapeNames: [], ...(boneParents && { boneParents }) };

      test(`each bone is its part, ${how}`, () => {
        const { parts } = nameSkeleton(skeleton);
        expect(Object.fromEntries(boneNames.map((name, bone) => [name, parts[bone]]))).toEqual(
          wanted,
        );
      });

      test(`hands and feet are where Mixamo's names put them, ${how}`, () => {
        const { parts, parents } = nameSkeleton(skeleton);
        for (const pose of MOTION.poses) {
          const index = new Map(MOTION.skeleton.boneNames.map((name, bone) => [name, bone]));
          const recorded = placesOf(
            pose,
            MOTION.skeleton.boneParents!.map((name) => index.get(name ?? "") ?? -1),
          );
          const places = placesOf(sentBy(rig, MOTION, pose), parents);
          for (const end of ENDS) {
            const mixamo = recorded[index.get(MIXAMO[end as keyof typeof MIXAMO])!].position;
            const off = places[parts.indexOf(end)].position.distanceTo(mixamo);
            expect([end, off < NEAR_M || off]).toEqual([end, true]);
          }
        }
      });
    }
  });
}

describe("every rig is found too", () => {
  for (const [how, respell] of [
    ["behind a prefix", (name) => `Hero_01_${name}`],
    ["behind a namespace", (name) => `scene|char1:${name}`],
    ["behind a prefix without a separator", (name) => `hero${name}`],
    ["before an ending", (name) => `${name}_jnt`],
    ["as a copy", (name) => `${name}.001`],
    ["with spaces", (name) => name.replaceAll("_", " ")],
    ["as three.js writes it", (name) => name.replaceAll(/[[\].:/]/g, "").replaceAll(" ", "_")],
  ] satisfies [string, (name: string) => string][]) {
    for (const rig of RIGS) {
      test(`${how}: ${rig.title}`, () => {
        const boneNames = rig.bones.map(({ name }) => respell(name));
        const { parts, parents } = nameSkeleton({ boneNames, blendShapeNames: [] });
        expect(parts).toEqual(rig.bones.map(({ part }) => part));
        expect([...parents]).toEqual(rig.bones.map(({ parent }) => parent));
      });
    }
  }

  test("in any order, where parents are sent", () => {
    for (const rig of RIGS) {
      const names = rig.bones.map(({ name }) => name);
      const order = rig.bones.toSorted((a, b) => Bun.hash.crc32(a.name) - Bun.hash.crc32(b.name));
      const { parts } = nameSkeleton({
        boneNames: order.map(({ name }) => name),
        boneParents: order.map(({ parent }) => names[parent] ?? null),
        blendShapeNames: [],
      });
      expect([rig.title, ...parts]).toEqual([rig.title, ...order.map(({ part }) => part)]);
    }
  });
});

for (const [title, cell] of await tableRows("Hands without a body")) {
  test(`${title}: each bone is its part`, () => {
    const wanted = Object.fromEntries(partsIn(cell));
    const boneNames = Object.keys(wanted);
    const { parts } = nameSkeleton({ boneNames, blendShapeNames: [] });
    expect(Object.fromEntries(boneNames.map((name, bone) => [name, parts[bone]]))).toEqual(wanted);
  });
}

// docs/names.md, row by row.
import { describe, expect, test } from "bun:test";
import { nameSkeleton } from "../src/codec/rig/bone-names.ts";
import { Bone, Group, Vector3 } from "three";
import { ExpressionReader, restExpression } from "../src/codec/rig/expression.ts";
import type { Expression } from "../src/codec/rig/expression.ts";
import { matchFace } from "../src/codec/rig/face-match.ts";
import { bindAvatar } from "../src/three/index.ts";
import { anyAxes, modelOf } from "./t-pose.ts";
import type { NamedRig, RigBone } from "./named-rigs.ts";
import {
  mixamoName,
  namesIn,
  namedRigs,
  partsIn,
  placesOf,
  readMotion,
  sentBy,
  tableRows,
} from "./named-rigs.ts";

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

/** Where a model's hands and feet are through the recording, driven by a rig. */
function wornBy(rig: NamedRig, nameOf: (bone: RigBone) => string, hasParents: boolean): Vector3[] {
  const model = modelOf({ axes: anyAxes });
  const avatar = bindAvatar(model);
  const boneNames = rig.bones.map(nameOf);
  const boneParents = rig.bones.map(({ parent }) => boneNames[parent] ?? null);
  const skeleton = { boneNames, blendShapeNames: [], ...(hasParents && { boneParents }) };
  return MOTION.poses.flatMap((pose) => {
    avatar.apply(skeleton, sentBy(rig, MOTION, pose));
    avatar.object.updateMatrixWorld(true);
    return Object.values(MIXAMO).map((name) =>
      model.getObjectByName(name)!.getWorldPosition(new Vector3()),
    );
  });
}

/** Where the hands and feet of a rig's own model are through the recording, driven by Mixamo's names. */
function endsOfModel(rig: NamedRig, nameOf: (bone: RigBone) => string): Vector3[] {
  const sent = sentBy(rig, MOTION, MOTION.poses[0]);
  const model = new Group();
  const nodes = rig.bones.map((bone) => Object.assign(new Bone(), { name: nameOf(bone) }));
  rig.bones.forEach(({ parent }, bone) => {
    nodes[bone].position.fromArray(sent.bones, bone * 10);
    nodes[bone].quaternion.fromArray(sent.bones, bone * 10 + 3);
    (nodes[parent] ?? model).add(nodes[bone]);
  });
  const avatar = bindAvatar(model);
  const ends = ENDS.map((end) => nodes[rig.bones.findIndex(({ part }) => part === end)]);
  return MOTION.poses.flatMap((pose) => {
    avatar.apply(MOTION.skeleton, pose);
    avatar.object.updateMatrixWorld(true);
    return ends.map((node) => node.getWorldPosition(new Vector3()));
  });
}

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

    test("a model's hands and feet are where Mixamo's names put them", () => {
      const ofMixamo = wornBy(rig, (bone) => mixamoName(rig, bone), true);
      for (const hasParents of [true, false]) {
        const places = wornBy(rig, ({ name }) => name, hasParents);
        const off = Math.max(...places.map((place, at) => place.distanceTo(ofMixamo[at])));
        expect(off).toBeLessThan(NEAR_M);
      }
    });

    test("a model with these names moves as one with Mixamo's", () => {
      const ofMixamo = endsOfModel(rig, (bone) => mixamoName(rig, bone));
      const places = endsOfModel(rig, ({ name }) => name);
      const off = Math.max(...places.map((place, at) => place.distanceTo(ofMixamo[at])));
      expect(off).toBeLessThan(NEAR_M);
    });
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

const FACES: readonly [keyof Expression, number][] = [
  ["jaw", 0.8],
  ["blinkLeft", 1],
  ["smile", 1],
  ["pucker", 0.8],
  ["browLeft", 0.7],
  ["browLeft", -1],
];

for (const [title, ...cells] of await tableRows("Faces")) {
  describe(`face: ${title}`, () => {
    const columns = cells.map(namesIn);
    const blendShapeNames = [...new Set(columns.flat())];

    test("each name moves what it is there for", () => {
      columns.forEach((names, column) => {
        if (names.length === 0) return;
        const reader = new ExpressionReader({ boneNames: [], blendShapeNames });
        reader.range.declared = 1;
        const weights = blendShapeNames.map((name) => (names.includes(name) ? 1 : 0));
        const face = reader.read(Float32Array.from(weights), restExpression());
        const [part, share] = FACES[column];
        expect([names, face[part] / share >= 1 - 1e-6 || face]).toEqual([names, true]);
      });
    });

    test("moves a face of ARKit, and is moved by one", () => {
      const [[open], [closed]] = columns;
      const arkit = ["jawOpen", "eyeBlinkLeft", "mouthSmileLeft", "mouthPucker"];
      for (const [own, theirs] of [
        [open, "jawOpen"],
        [closed, "eyeBlinkLeft"],
      ]) {
        if (own === undefined) continue;
        for (const [from, to, all] of [
          [own, theirs, arkit],
          [theirs, own, blendShapeNames],
        ] as const) {
          const { morphTargets } = matchFace([from], { expressions: [], morphTargets: all });
          expect([from, morphTargets.map(({ target }) => all[target])]).toEqual([from, [to]]);
        }
      }
    });
  });
}

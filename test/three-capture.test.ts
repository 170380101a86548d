// A model that is captured, published, received and bound to another one: its bones are where they were.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Bone, BufferGeometry, Group, Matrix4, SkinnedMesh, Vector3 } from "three";
import { Skeleton as SkinSkeleton } from "three";
import type { Object3D } from "three";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom } from "../src/client/index.ts";
import { createPose } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { bindAvatar, capturePose } from "../src/three/index.ts";
import type { CapturedPose } from "../src/three/index.ts";
import { loadModel } from "./load-model.ts";
import { vrm0Of, vrm1Of } from "./page-glb.ts";
import {
  alongBone,
  anyAxes,
  DANCING,
  IDLE,
  modelOf,
  NAMES,
  poseOf,
  roomAxes,
  turn,
} from "./t-pose.ts";
import type { Model, Motion } from "./t-pose.ts";

const MILLIMETRE = 0.001;
const LYING = turn(1, 0, 0, -90);

const RIGS: Readonly<Record<string, Model>> = {
  "in the room's axes": { axes: roomAxes },
  "along +y": { axes: alongBone },
  "in centimetres, lying on its back": {
    axes: alongBone,
    armature: { scale: 0.01, rotation: LYING },
  },
  "in units of 100 m, turned": {
    axes: anyAxes,
    armature: { scale: 100, rotation: turn(0, 1, 0, 90) },
  },
};

/** Binds a skin to a model in its current pose. `space` is the space of its vertices, in the model's axes. */
function withSkin(model: Group, space = new Matrix4()): Group {
  model.updateMatrixWorld(true);
  const bones = NAMES.map((name) => model.getObjectByName(name) as Bone);
  const inverses = bones.map(({ matrixWorld }) => matrixWorld.clone().invert().multiply(space));
  const mesh = new SkinnedMesh(new BufferGeometry());
  mesh.name = "Skin";
  model.add(mesh);
  mesh.bind(new SkinSkeleton(bones, inverses), new Matrix4());
  return model;
}

/** Moves the bones of a model. */
function move(model: Object3D, motion: Motion): Object3D {
  const boneParents = NAMES.map((name) => parentName(model, name));
  const avatar = bindAvatar(model);
  const pose = poseOf({ axes: anyAxes }, motion);
  const rest = poseOf({ axes: anyAxes }, {}).bones;
  avatar.apply({ boneNames: NAMES, boneParents, blendShapeNames: [], rest }, pose);
  return model;
}

function parentName(model: Object3D, name: string): string | null {
  const parent = model.getObjectByName(name)!.parent!;
  return NAMES.includes(parent.name) ? parent.name : null;
}

function placesOf(object: Object3D, names = NAMES): Vector3[] {
  let top = object;
  while (top.parent !== null) top = top.parent;
  top.updateMatrixWorld(true);
  return names.map((name) => object.getObjectByName(name)!.getWorldPosition(new Vector3()));
}

function expectPlaces(found: readonly Vector3[], wanted: readonly Vector3[], within = MILLIMETRE) {
  wanted.forEach((place, bone) => {
    const off = found[bone].distanceTo(place);
    expect([NAMES[bone], off < within || off]).toEqual([NAMES[bone], true]);
  });
}

describe("a model that is captured and published", () => {
  let server: AvatarServer;
  let rooms: AvatarRoom[];

  beforeEach(async () => {
    rooms = [];
    server = await startServer({ host: "127.0.0.1", port: 0 });
  });
  afterEach(async () => {
    for (const room of rooms) room.leave();
    await server.stop();
  });

  async function join(player?: string): Promise<AvatarRoom> {
    const room = connect(server.url, {
      room: "stage",
      coordinateSystem: "gltf",
      format: "json",
      ...(player !== undefined && { player }),
    });
    rooms.push(room);
    await room.ready;
    return room;
  }

  for (const [kind, rig] of Object.entries(RIGS)) {
    test(`is where it was on a model of its kind (${kind})`, async () => {
      const [publisher, receiver] = [await join("me"), await join("you")];
      const source = move(withSkin(modelOf(rig)), DANCING);
      source.parent!.position.set(0.5, 0, -2);
      source.parent!.rotation.y = 1;
      const captured = capturePose(source);
      const sampled = new Map<string, Pose>();
      let timeMs = 0;
      while (!sampled.has("me")) {
        publisher.publishPose(captured.skeleton, captured.pose);
        await Bun.sleep(10);
        timeMs = performance.now();
        receiver.sample(timeMs, sampled);
      }
      const { skeleton } = receiver.players.get("me")!;
      const avatar = bindAvatar(modelOf(rig));
      avatar.apply(skeleton!, sampled.get("me")!, timeMs);
      expect(avatar.match).toMatchObject({ missingBones: [], fit: "same" });
      expectPlaces(placesOf(avatar.object), placesOf(source));
    });
  }
});

describe("a model that is captured", () => {
  for (const [from, rig] of Object.entries(RIGS)) {
    for (const [to, other] of Object.entries(RIGS)) {
      test(`is where it was on another one (${from}, shown ${to})`, () => {
        const source = move(withSkin(modelOf(rig)), DANCING);
        const captured = capturePose(source);
        const avatar = bindAvatar(modelOf(other));
        // The first pose is no rest pose: the skin tells.
        avatar.apply(captured.skeleton, captured.pose);
        expectPlaces(placesOf(avatar.object), placesOf(source));
        move(source, IDLE);
        const next = capturePose(source, captured);
        avatar.apply(next.skeleton, next.pose);
        expectPlaces(placesOf(avatar.object), placesOf(source));
      });
    }
  }

  for (const [kind, space] of Object.entries({
    "the model's": new Matrix4(),
    "of the armature": new Matrix4().compose(new Vector3(), LYING, new Vector3(0.01, 0.01, 0.01)),
  })) {
    test(`rests as its skin was bound, whatever it does (vertices in axes ${kind})`, () => {
      const rig = RIGS["in centimetres, lying on its back"];
      const atRest = capturePose(withSkin(modelOf(rig), space)).skeleton.rest!;
      const dancing = capturePose(move(withSkin(modelOf(rig), space), DANCING)).skeleton.rest!;
      atRest.forEach((value, index) => expect(dancing[index]).toBeCloseTo(value, 3));
    });
  }

  for (const version of [0, 1]) {
    test(`of VRM ${version} has VRM's names, the rest of its file, and its expressions`, async () => {
      const model = modelOf({ axes: version === 0 ? roomAxes : anyAxes });
      const bones = Object.fromEntries(
        NAMES.map((name, index) => {
          const node = model.getObjectByName(name)!;
          node.name = `node_${index}`;
          return [name[0].toLowerCase() + name.slice(1), node];
        }),
      );
      const options = {
        morphTargets: ["mouth"],
        bones,
        presets: { [version === 0 ? "a" : "aa"]: "mouth" },
      };
      const bytes = version === 0 ? vrm0Of(model, options) : vrm1Of(model, options);
      const load = async () => (await loadModel(bytes)).vrm!;
      const vrm = await load();
      const atRest = capturePose(vrm);
      expect(atRest.skeleton.boneNames.toSorted()).toEqual(Object.keys(bones).toSorted());
      expect(atRest.skeleton.blendShapeNames).toEqual(["aa"]);
      expect(atRest.pose.bones).toEqual(atRest.skeleton.rest!);
      // Moved as three-vrm has it: its normalized bones, then update().
      vrm.humanoid.getNormalizedBoneNode("leftUpperArm")!.rotation.z = 1;
      vrm.expressionManager!.setValue("aa", 0.5);
      vrm.scene.position.set(1, 0, 2);
      vrm.update(0);
      const captured = capturePose(vrm);
      expect(captured.skeleton.rest).toEqual(atRest.skeleton.rest);
      expect([...captured.pose.blendShapes]).toEqual([0.5]);
      const avatar = bindAvatar(await load());
      avatar.apply(captured.skeleton, captured.pose);
      const nodes = NAMES.map((_, index) => `node_${index}`);
      expectPlaces(placesOf(avatar.object, nodes), placesOf(vrm.scene, nodes));
    });
  }

  test("is captured into the same arrays, and its skeleton stays while it has the same bones", () => {
    const model = withSkin(modelOf({ axes: anyAxes }));
    const first = capturePose(model);
    const { skeleton, pose } = first;
    const { root, bones } = pose;
    move(model, DANCING);
    const again = capturePose(model, first);
    expect(again).toBe(first);
    expect(again.skeleton).toBe(skeleton);
    expect([again.pose.root, again.pose.bones]).toEqual([root, bones]);
    expect(again.pose.bones).toBe(bones);
    expect(bones).not.toEqual(skeleton.rest!);
    const tail = new Bone();
    tail.name = "Tail";
    model.getObjectByName("Hips")!.add(tail);
    const longer = capturePose(model, again);
    expect(longer.skeleton.boneNames).toContain("Tail");
    expect(longer.pose.bones).toHaveLength((NAMES.length + 1) * 10);
    expect(capturePose(modelOf({ axes: anyAxes }), longer).skeleton).not.toBe(longer.skeleton);
  });

  test("of another scale is in metres; what it grows by later is the root's scale", () => {
    const model = modelOf({ axes: roomAxes, size: 100 });
    model.scale.setScalar(0.01);
    let captured: CapturedPose = capturePose(model);
    const { bones } = captured.pose;
    expect([...captured.pose.root.subarray(7)]).toEqual([1, 1, 1]);
    expect(bones[NAMES.indexOf("Hips") * 10 + 1]).toBeCloseTo(0.95, 5);
    const avatar = bindAvatar(modelOf({ axes: anyAxes }));
    avatar.apply(captured.skeleton, captured.pose);
    expectPlaces(placesOf(avatar.object), placesOf(model));
    model.scale.setScalar(0.02);
    captured = capturePose(model, captured);
    expect(captured.pose.root[7]).toBeCloseTo(2, 6);
    avatar.apply(captured.skeleton, captured.pose);
    expectPlaces(placesOf(avatar.object), placesOf(model));
  });

  test("may be a skinned mesh alone, whose bones hang beside it", () => {
    const model = withSkin(modelOf({ axes: alongBone }));
    const skin = model.getObjectByName("Skin")!;
    const captured = capturePose(skin);
    expect(captured.skeleton.boneNames).toEqual(capturePose(model).skeleton.boneNames);
    expect(capturePose(skin, captured)).toBe(captured);
  });

  test("has names of its own for bones of one name or none: parents are told by name", () => {
    const model = new Group();
    const names = ["arm", "arm", ""];
    let above: Object3D = model;
    for (const name of names) {
      const bone = new Bone();
      bone.name = name;
      above.add(bone);
      above = bone;
    }
    const { skeleton } = capturePose(model);
    expect(skeleton.boneNames).toEqual(["arm", "arm_2", "bone"]);
    expect(skeleton.boneParents).toEqual([null, "arm", "arm_2"]);
  });
});

test("a pose of another skeleton is refused, and the model stays as it is", () => {
  const avatar = bindAvatar(modelOf({ axes: roomAxes }));
  const skeleton = { boneNames: NAMES, blendShapeNames: [] };
  avatar.apply(skeleton, poseOf({ axes: roomAxes }, DANCING));
  const before = placesOf(avatar.object);
  const short = createPose({ boneNames: ["Hips"], blendShapeNames: ["jawOpen"] });
  expect(() => avatar.apply(skeleton, short)).toThrow(
    new RangeError(`the pose has 1 bones and 1 blend shapes; expected ${NAMES.length} and 0`),
  );
  expectPlaces(placesOf(avatar.object), before, 1e-9);
});

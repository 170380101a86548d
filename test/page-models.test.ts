// Models dropped on the page, in a real browser: their bones and faces move like the player's, and the page says
// why a model cannot be shown.
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { Matrix4, Object3D, Vector3 } from "three";
import { encodeJson, frameOf } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { usePages } from "./page-fixture.ts";
import { embeddedGltfOf, glbOf, vrm0Of, vrm1Of } from "./page-glb.ts";
import {
  dropFile,
  openStage,
  post,
  putInfo,
  waitForPlayers,
  waitForPosition,
  worldPosition,
} from "./page-stage.ts";
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
} from "./t-pose.ts";
import type { Motion, Player } from "./t-pose.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;

const executablePath = requireTool(CHROMIUM);

describe.skipIf(executablePath === undefined)("a model", () => {
  const { serve, newPage } = usePages({
    executablePath,
    waitMs: TEST_MS / 2,
    context: { viewport: { width: 640, height: 480 } },
  });

  /** A page that shows one player. */
  async function openPlayer(frame: AvatarFrame, info: object = {}): Promise<[Page, string]> {
    const { url } = await serve();
    const page = await openStage(newPage, `${url}/?format=binary`);
    await putInfo(`${url}/player1`, { coordinateSystem: "gltf", ...info });
    await post(`${url}/player1`, encodeJson(frame));
    await waitForPlayers(page, ["player1"]);
    return [page, `${url}/player1`];
  }

  const cardOf = (page: Page) => page.getByRole("article", { name: "player1" });

  test(
    "of the player's own skeleton is moved as it was posted, and what it lacks is said",
    async () => {
      const frame = frameFrom({ axes: alongBone }, DANCING);
      const avatarUrl = "https://models.example/me.vrm";
      const [page] = await openPlayer(frame, { avatarUrl });
      const loaded: string[] = [];
      page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
      const lacks = NAMES.filter((name) => /^Right(Hand|Index|Little)/.test(name));
      const names = NAMES.filter((name) => !lacks.includes(name));
      const buffer = Buffer.from(glbOf(modelOf({ axes: alongBone, lacks })));
      const card = cardOf(page);
      const choosing = page.waitForEvent("filechooser");
      await card.getByRole("button", { name: "Try a model" }).click();
      const file = { name: "mine.glb", mimeType: "model/gltf-binary", buffer };
      await (await choosing).setFiles(file);
      await card.getByText(`mine.glb: ${names.length} of ${NAMES.length} bones found`).waitFor();
      await card.getByText(/Not in the model: .*RightHand/).waitFor();
      for (const name of names) {
        await waitForPosition(page, "player1", name, worldPosition(frame, name), "modelPositionOf");
      }
      expect(await card.getByRole("button", { name: "Match rest pose" }).isVisible()).toBe(false);
      // What reads models came now, and nothing from anywhere else.
      expect(loaded.some((path) => path.includes("dropped-model-"))).toBe(true);
      // The avatar that the player names is offered, and was not fetched.
      const link = card.getByRole("link", { name: avatarUrl });
      expect(await link.getAttribute("rel")).toContain("noreferrer");

      await card.getByRole("button", { name: "Take it off" }).click();
      await card.getByText("mine.glb").waitFor({ state: "hidden" });
      // Dropped on the stage it goes to who stands nearest.
      await dropFile(page, "other.gltf", embeddedGltfOf(modelOf({ axes: roomAxes })));
      await card.getByText(`other.gltf: ${NAMES.length} of`).waitFor();
    },
    TEST_MS,
  );

  test(
    "in VRM 1 is found by its humanoid, turned whatever its axes, makes faces, and its hair falls",
    async () => {
      const model = modelOf({ axes: anyAxes, size: 0.8 });
      const bones = renamed(model);
      const hair = [new Object3D(), new Object3D()];
      hair.forEach((node, index) => (node.name = `hair_${index}`));
      bones["head"].add(hair[0].add(hair[1]));
      hair[1].position.y = 0.2;
      // Unity's weights and VRM 0's names, as VMC senders have them; ARKit's; one that only a mesh has.
      const frame = frameFrom({ axes: roomAxes }, DANCING, {
        A: 60,
        Blink_L: 100,
        Joy: 25,
        browInnerUp: 50,
        tongueOut: 80,
        jawForward: 10,
      });
      const [page] = await openPlayer(frame);
      const vrm = vrm1Of(model, {
        morphTargets: ["m_aa", "m_blink", "m_joy", "m_brow", "tongueOut"],
        bones,
        presets: { aa: "m_aa", blinkLeft: "m_blink", happy: "m_joy" },
        custom: { BrowInnerUp: "m_brow" },
        hair,
      });
      await dropFile(page, "mine.vrm", vrm);
      const card = cardOf(page);
      await card
        .getByText(`${NAMES.length} of ${NAMES.length} bones found, 5 of 6 blend`)
        .waitFor();
      await card.getByText("Blend shapes not in the model: jawForward.").waitFor();
      await waitForMorphs(page, {
        m_aa: 0.6,
        m_blink: 1,
        m_joy: 0.25,
        m_brow: 0.5,
        tongueOut: 0.8,
      });
      await expectLimbs(page, frame, bones);
      await page.waitForFunction(() => {
        const [root, tip] = ["hair_0", "hair_1"].map((name) =>
          globalThis.avatarSyncStage!.modelPositionOf("player1", name)!,
        );
        return root[1] - tip[1] > 0.9 * 0.2 * 0.8 * 0.8;
      });
    },
    TEST_MS,
  );

  test(
    "in VRM 0 faces the way the player does, and makes faces",
    async () => {
      // As VRM 0 has it: facing -z, and all axes those of the file.
      const upright = modelOf({ axes: roomAxes });
      const bones = renamed(upright);
      const model = modelOf({ axes: roomAxes });
      const turnedBones = renamed(model);
      for (const node of Object.values(turnedBones)) {
        node.position.x *= -1;
        node.position.z *= -1;
      }
      const frame = frameFrom({ axes: roomAxes }, STANDING, { aa: 0.5, joy: 1, fun: 0.75 });
      const [page, slot] = await openPlayer(frame);
      const vrm = vrm0Of(model, {
        morphTargets: ["mouth", "eyes"],
        bones: turnedBones,
        presets: { a: "mouth", joy: "eyes" },
      });
      await dropFile(page, "mine.vrm", vrm);
      await cardOf(page).getByText("2 of 3 blend shapes").waitFor();
      await waitForMorphs(page, { mouth: 0.5, eyes: 1 });
      await expectLimbs(page, frame, bones);
      const [heel, toes] = [bones["leftFoot"], bones["leftToes"]].map((node) => node.name);
      expect((await wayOf(page, heel, toes)).z).toBeGreaterThan(0.5);
      const dancing = frameFrom({ axes: roomAxes }, DANCING);
      await post(slot, encodeJson(dancing));
      await expectLimbs(page, dancing, bones);
    },
    TEST_MS,
  );

  test(
    "whose bones rest differently is guessed at, which is said, until somebody matches it",
    async () => {
      const placed = new Matrix4().makeRotationY(2);
      const frame = frameFrom({ axes: alongBone, placed }, DANCING);
      const [page, slot] = await openPlayer(frame);
      const model = modelOf({ axes: roomAxes });
      const bones = renamed(model);
      const vrm = { morphTargets: [], bones, presets: {} };
      await dropFile(page, "mine.vrm", vrm1Of(model, vrm));
      const card = cardOf(page);
      await card.getByText("Its rest pose differs from the player's").waitFor();
      await expectLimbs(page, frame, bones);
      const standing = frameFrom({ axes: alongBone, placed }, STANDING);
      await post(slot, encodeJson(standing));
      await expectLimbs(page, standing, bones);
      await card.getByRole("button", { name: "Match rest pose" }).click();
      await card.getByText("Its rest pose is matched.").waitFor();
      await card.getByText("Its rest pose differs").waitFor({ state: "hidden" });
      await expectLimbs(page, standing, bones);
      // With other blend shapes it is still the same body.
      await post(
        slot,
        encodeJson(frameFrom({ axes: alongBone, placed }, STANDING, { tongueOut: 1 })),
      );
      await card.getByText("0 of 1 blend shapes").waitFor();
      await card.getByText("Its rest pose is matched.").waitFor();
      // Not only limbs: the toes too point where the player's do.
      const [foot, toes] = [bones["leftFoot"].name, bones["leftToes"].name];
      const wanted = playersWay(standing, "LeftFoot", "LeftToes");
      expect((await wayOf(page, foot, toes)).angleTo(wanted)).toBeLessThan(0.005);
    },
    TEST_MS,
  );

  test(
    "that cannot be shown is told in a sentence that says why and what to do",
    async () => {
      const [page] = await openPlayer(frameFrom({ axes: roomAxes }, STANDING));
      const model = modelOf({ axes: roomAxes });
      const requires = (name: string) =>
        glbOf(model, { json: { extensionsUsed: [name], extensionsRequired: [name] } });
      const broken = glbOf(model, { json: { accessors: [{ bufferView: 9, count: 3 }] } });
      const bones = { hips: model.getObjectByName("Hips")! };
      for (const [name, bytes, sentence] of [
        ["draco.glb", requires("KHR_draco_mesh_compression"), "it is compressed with Draco"],
        ["broken.glb", broken, "it is damaged or not valid glTF: export it again."],
        [
          "bones.vrm",
          vrm1Of(model, { morphTargets: [], bones, presets: {} }),
          "it lacks bones that VRM requires: spine, head",
        ],
        ["notes.glb", new TextEncoder().encode("no model"), "it is not a glTF model"],
      ] as const) {
        await dropFile(page, name, bytes);
        const told = `${name} cannot be shown: ${sentence}`;
        await page.locator(".view").getByText(told).waitFor();
        await page.getByRole("status").getByText(told).waitFor();
      }
    },
    TEST_MS,
  );
});

function frameFrom(
  player: Player,
  motion: Motion,
  weights: Readonly<Record<string, number>> = {},
): AvatarFrame {
  const boneParents = NAMES.map((name) => T_POSE[name][0]);
  const pose = poseOf(player, motion);
  const blendShapes = Float32Array.from(Object.values(weights));
  const skeleton = { boneNames: NAMES, boneParents, blendShapeNames: Object.keys(weights) };
  return { ...frameOf(skeleton, { ...pose, blendShapes }), timestamp: Date.now() / 1000 };
}

/** Gives the nodes names that tell nothing; what they are, by VRM's names. */
function renamed(model: Object3D): Record<string, Object3D> {
  const bones: Record<string, Object3D> = {};
  for (const [index, name] of NAMES.entries()) {
    const node = model.getObjectByName(name)!;
    node.name = `node_${index}`;
    bones[name[0].toLowerCase() + name.slice(1)] = node;
  }
  return bones;
}

async function waitForMorphs(page: Page, weights: Readonly<Record<string, number>>): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      Object.entries(wanted).every(([name, weight]) => {
        const now = globalThis.avatarSyncStage!.modelMorphOf("player1", name);
        return now !== undefined && Math.abs(now - weight) < 1e-3;
      }),
    weights,
  );
}

function playersWay(frame: AvatarFrame, from: string, to: string): Vector3 {
  const [a, b] = [from, to].map((name) => new Vector3(...worldPosition(frame, name)));
  return b.sub(a).normalize();
}

/** Which way a node of the model is from another, in the room. */
async function wayOf(page: Page, from: string, to: string): Promise<Vector3> {
  const places = await page.evaluate(
    (names) => names.map((name) => globalThis.avatarSyncStage!.modelPositionOf("player1", name)!),
    [from, to],
  );
  const [a, b] = places.map((place) => new Vector3(...place));
  return b.sub(a).normalize();
}

/** Until interpolation has settled there: within a third of a degree of where the player's limbs point. */
async function expectLimbs(
  page: Page,
  frame: AvatarFrame,
  bones: Readonly<Record<string, Object3D>>,
): Promise<void> {
  const limbs = ["left", "right"].flatMap((side) => [
    [`${side}UpperArm`, `${side}LowerArm`],
    [`${side}LowerArm`, `${side}Hand`],
    [`${side}UpperLeg`, `${side}LowerLeg`],
    [`${side}LowerLeg`, `${side}Foot`],
  ]);
  const wanted = limbs.map(([from, to]) => {
    const capital = (name: string) => name[0].toUpperCase() + name.slice(1);
    const way = playersWay(frame, capital(from), capital(to));
    return { from: bones[from].name, to: bones[to].name, way: way.toArray() };
  });
  await page.waitForFunction(
    (all) =>
      all.every(({ from, to, way }) => {
        const stage = globalThis.avatarSyncStage!;
        const a = stage.modelPositionOf("player1", from);
        const b = stage.modelPositionOf("player1", to);
        if (a === undefined || b === undefined) return false;
        const length = Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
        const off = way.map((value, axis) => (b[axis] - a[axis]) / length - value);
        return Math.hypot(...off) < 0.005;
      }),
    wanted,
    { timeout: 10_000 },
  );
}

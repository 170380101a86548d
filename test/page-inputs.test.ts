// What users post and drop, in a real browser: the page says what it is, and shows what can be shown.
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { usePages } from "./page-fixture.ts";
import {
  dropFile,
  openStage,
  post,
  putInfo,
  waitForPlayers,
  waitForPosition,
} from "./page-stage.ts";
import type { Point } from "./page-stage.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const INPUTS = `${import.meta.dir}/inputs`;

const executablePath = requireTool(CHROMIUM);
const input = (name: string) => Bun.file(`${INPUTS}/${name}`).bytes();

describe.skipIf(executablePath === undefined)("the page", () => {
  const { serve, newPage } = usePages({
    executablePath,
    waitMs: TEST_MS / 2,
    context: { viewport: { width: 640, height: 480 } },
  });

  /** A page, and the address of a slot that a frame was posted to. */
  async function open(frame: Uint8Array<ArrayBuffer>): Promise<{ page: Page; slot: string }> {
    const { url } = await serve();
    const page = await openStage(newPage, url);
    await putInfo(`${url}/player1`, { coordinateSystem: "gltf" });
    await post(`${url}/player1`, frame);
    return { page, slot: `${url}/player1` };
  }

  const cardOf = (page: Page) => page.getByRole("article", { name: "player1" });
  const noteOf = (page: Page) => page.locator("#stage [data-field=note]");
  const inView = (page: Page, place: Point) =>
    page.evaluate((at) => globalThis.avatarSyncStage!.inView(at), place);

  test(
    "[13] a frame that only JSON holds: card and stage say why it is not shown",
    async () => {
      const hips = { name: "Hips", localPosition: { x: 0, y: 1, z: 0 } };
      const euler = { bones: [{ ...hips, localRotation: { x: 90, y: 0, z: 0 } }] };
      const encode = (frame: object) => new TextEncoder().encode(JSON.stringify(frame));
      const { page, slot } = await open(encode(euler));
      const reason = "$.bones[0].localRotation.w: this field is missing";
      await cardOf(page).getByText(`it is not shown: ${reason}`).waitFor();
      await noteOf(page).getByText(`player1 is not shown: ${reason}`).waitFor();
      expect(await page.getByText("Nobody has written").isVisible()).toBe(false);
      // An empty parent is none.
      await post(slot, encode({ bones: [{ ...hips, parent: "" }] }));
      await waitForPlayers(page, ["player1"]);
      await noteOf(page).getByText("player1 is not shown").waitFor({ state: "hidden" });
      await cardOf(page).getByText("it is not shown").waitFor({ state: "hidden" });
    },
    TEST_MS,
  );

  test(
    "[16] a file without a mesh has nothing to show, and the figure stays",
    async () => {
      const { page } = await open(await input("02-plain-mixamo.frame.json"));
      await waitForPlayers(page, ["player1"]);
      await dropFile(page, "motion.glb", await input("03-no-mesh.glb"));
      await noteOf(page)
        .getByText("motion.glb cannot be shown: there is nothing in it to show")
        .waitFor();
      expect(await cardOf(page).getByText("bones found").isVisible()).toBe(false);
      expect(await cardOf(page).getByRole("button", { name: "Take it off" }).isVisible()).toBe(
        false,
      );
    },
    TEST_MS,
  );

  test(
    "[16] an armature on its back with a root above the hips is upright",
    async () => {
      const { page } = await open(await input("01-root-above-hips.frame.json"));
      await waitForPlayers(page, ["player1"]);
      await dropFile(page, "armature.glb", await input("01-blender-armature.glb"));
      await cardOf(page).getByText("19 of 20 bones found").waitFor();
      await waitForPosition(page, "player1", "mixamorigHead", [0, 1.6, 0], "modelPositionOf");
    },
    TEST_MS,
  );

  test(
    "[16] a large head is in view, with the name above it",
    async () => {
      const { page } = await open(await input("02-plain-mixamo.frame.json"));
      await waitForPlayers(page, ["player1"]);
      // From 1.6 to 2.8 m.
      await dropFile(page, "head.glb", withHead(await input("03-box-man.glb"), 1.2));
      await cardOf(page).getByText("bones found").waitFor();
      // The camera glides there. The name is in the view, and its lower edge above the head.
      await page.waitForFunction(() => {
        const view = document.querySelector("#stage .view")!.getBoundingClientRect();
        const name = document.querySelector(".stage-labels p")!.getBoundingClientRect();
        const [, top] = globalThis.avatarSyncStage!.inView([0, 2.8, 0]);
        const headPx = view.top + ((1 - top) / 2) * view.height;
        return name.left > view.left && name.top > view.top && name.bottom < headPx + 1;
      });
    },
    TEST_MS,
  );

  test(
    "[17] a body in centimetres is told with its height, and seen whole",
    async () => {
      const { page } = await open(await input("07-centimetres.frame.json"));
      await waitForPlayers(page, ["player1"]);
      const text =
        "player1 is 160 m tall: positions are in metres, and these look like centimetres";
      await noteOf(page).getByText(text).waitFor();
      for (const place of [
        [0, 170, 0],
        [0, 0, 0],
        [60, 130, 0],
        [-60, 130, 0],
      ] as const) {
        await page.waitForFunction((at) => {
          const shown = globalThis.avatarSyncStage!.inView(at);
          return shown.every((value) => Math.abs(value) < 1);
        }, place);
      }
      // The body fills a good part of the view.
      const [, top] = await inView(page, [0, 160, 0]);
      const [, bottom] = await inView(page, [0, 0, 0]);
      expect(top - bottom).toBeGreaterThan(0.8);
      await page.getByRole("button", { name: "Follow" }).first().click();
      await page.waitForFunction(() => {
        const [, y, depth] = globalThis.avatarSyncStage!.inView([0, 160, 0]);
        return Math.abs(y) < 1 && depth < 1;
      });
    },
    TEST_MS,
  );
});

/** The model with what is on its head of another height, metres. */
function withHead(glb: Uint8Array, heightM: number): Uint8Array {
  const jsonBytes = new DataView(glb.buffer, glb.byteOffset).getUint32(12, true);
  const text = new TextDecoder().decode(glb.subarray(20, 20 + jsonBytes));
  const gltf = JSON.parse(text) as {
    nodes: { name: string; children?: number[]; translation?: number[]; scale?: number[] }[];
  };
  const head = gltf.nodes.find(({ name }) => name.endsWith("Head"))!;
  const box = gltf.nodes[head.children![0]];
  // Centimetres: the box is a cube of 8 around its node.
  box.translation = [0, heightM * 50, 0];
  box.scale = [10, (heightM * 100) / 8, 10];
  const json = new TextEncoder().encode(JSON.stringify(gltf));
  const padding = (4 - (json.length % 4)) % 4;
  const rest = glb.subarray(20 + jsonBytes);
  const bytes = new Uint8Array(20 + json.length + padding + rest.length).fill(0x20);
  bytes.set(glb.subarray(0, 20));
  bytes.set(json, 20);
  bytes.set(rest, 20 + json.length + padding);
  const header = new DataView(bytes.buffer);
  header.setUint32(8, bytes.length, true);
  header.setUint32(12, json.length + padding, true);
  return bytes;
}

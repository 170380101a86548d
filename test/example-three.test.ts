// The three.js example in a real browser, against a real server: who walks in one window walks in the other,
// on the default body and on a VRM.
import { describe, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import type { RoomAvatars } from "../src/three/index.ts";
import { startServer } from "../src/server.ts";
import { launchBrowser, takePicture } from "./browser.ts";
import { vrm0Of } from "./page-glb.ts";
import { modelOf, roomAxes } from "./t-pose.ts";
import { answerForCdn } from "./three-cdn.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 120_000;
const EXAMPLE = `file://${new URL("../examples/three/index.html", import.meta.url).pathname}`;
const VRM_URL = "https://models.test/ann.vrm";
const executablePath = requireTool(CHROMIUM);

/** What the example lets be looked at. */
interface Shown {
  readonly avatars: RoomAvatars;
}

describe.skipIf(executablePath === undefined)("examples/three", () => {
  test(
    "who walks in one window is seen walking in the others, on the default body and on a VRM",
    async () => {
      const server = await startServer({ host: "127.0.0.1", port: 0 });
      const browser = await launchBrowser(executablePath!);
      const problems: string[] = [];
      const open = async (player: string, query = ""): Promise<Page> => {
        const context: BrowserContext = await browser.newContext({
          viewport: { width: 480, height: 300 },
        });
        const page = await context.newPage();
        page.on("pageerror", (error) => problems.push(error.message));
        page.on("console", (message) => {
          if (message.type() === "error") problems.push(message.text());
        });
        await answerForCdn(page);
        await page.route(VRM_URL, (route) =>
          route.fulfill({
            body: Buffer.from(vrmFile()),
            headers: { "Access-Control-Allow-Origin": "*" },
          }),
        );
        await page.goto(`${EXAMPLE}?server=${server.url}&player=${player}${query}`);
        return page;
      };
      try {
        const ann = await open("ann");
        const bob = await open("bob");
        const carol = await open("carol", `&vrm=${VRM_URL}`);
        for (const [page, player] of [
          [ann, "bob"],
          [bob, "ann"],
          [carol, "ann"],
        ] as const) {
          await page.waitForFunction(
            (id) => (globalThis as unknown as Partial<Shown>).avatars?.get(id) !== undefined,
            player,
          );
        }
        await carol.waitForFunction(() =>
          (globalThis as unknown as Shown).avatars.get("ann")?.object.getObjectByName("Hips"),
        );
        await ann.keyboard.down("ArrowUp");
        for (const page of [bob, carol]) await waitForZ(page, "ann", 0.7);
        await Promise.all([takePicture(bob, "three-bob"), takePicture(carol, "three-carol")]);
        await takePicture(ann, "three-ann");
        await ann.keyboard.up("ArrowUp");
        await bob.keyboard.down("KeyS");
        await waitForZ(ann, "bob", -0.5);
        expect(problems).toEqual([]);
      } catch (e) {
        console.log(problems);
        throw e;
      } finally {
        await browser.close();
        await server.stop();
      }
    },
    TEST_MS,
  );
});

/** Until a player's body has come so far, metres. */
async function waitForZ(page: Page, player: string, z: number): Promise<void> {
  await page.waitForFunction(
    ([id, until]) => {
      const at = (globalThis as unknown as Shown).avatars.get(id)?.object.position.z ?? 0;
      return until < 0 ? at <= until : at >= until;
    },
    [player, z] as const,
  );
}

function vrmFile(): Uint8Array<ArrayBuffer> {
  const model = modelOf({ axes: roomAxes });
  const bones = Object.fromEntries(
    ["hips", "spine", "chest", "neck", "head", ...sided("leftUpperArm", "leftLowerArm", "leftHand")]
      .concat(sided("leftUpperLeg", "leftLowerLeg", "leftFoot"))
      .map((name) => [name, model.getObjectByName(name[0].toUpperCase() + name.slice(1))!]),
  );
  return vrm0Of(model, { morphTargets: ["mouth"], bones, presets: { aa: "mouth" } });
}

const sided = (...names: string[]) =>
  names.flatMap((name) => [name, name.replace("left", "right")]);

// The page's live 3D in a real browser, against a real server: who is there, where their bones are, and
// what happens when players and servers come and go.
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { encodeJson, identityFrame } from "../src/codec/index.ts";
import type { AvatarFrame, Bone } from "../src/codec/index.ts";
import { connect, mirrorFrame } from "../src/client/index.ts";
import { startServerProcess } from "../bench/server-process.ts";
import { accessibilityFaults } from "./page-accessibility.ts";
import { usePages } from "./page-fixture.ts";
import {
  nextFrames,
  openStage,
  positionOf,
  post,
  putInfo,
  setHidden,
  waitForPlayers,
  waitForPosition,
  worldPosition,
} from "./page-stage.ts";
import type { Point } from "./page-stage.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;

interface Restorable {
  restoreGraphics(): void;
}

const executablePath = requireTool(CHROMIUM);

describe.skipIf(executablePath === undefined)("the stage", () => {
  const { serve, newPage, atEnd, forgive } = usePages({
    executablePath,
    waitMs: TEST_MS / 2,
    context: { viewport: { width: 640, height: 480 } },
  });

  test(
    "draws both players of the demo, and they move",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openStage(newPage, url);
      await waitForPlayers(page, ["player1", "player2"]);
      for (const [id, bone] of [
        ["player1", "LeftHand"],
        ["player2", "Head"],
      ] as const) {
        const before = await positionOf(page, id, bone);
        await page.waitForFunction(
          ([player, name, [x, y, z]]) => {
            const now = globalThis.avatarSyncStage!.worldPositionOf(player, name);
            return now !== undefined && Math.hypot(now[0] - x, now[1] - y, now[2] - z) > 0.002;
          },
          [id, bone, before] as const,
        );
      }
      // [20] They are apart by themselves, so nobody has to be moved.
      expect(await page.getByText("Shown side by side").count()).toBe(0);
      const labels = page.locator(".stage-labels p");
      expect((await labels.allTextContents()).toSorted()).toEqual(["Dancer", "Headset"]);
      await expectPainted(page);
    },
    TEST_MS,
  );

  test(
    "[20] puts bodies that are inside each other side by side, and says so",
    async () => {
      const { url } = await serve();
      for (const id of ["player1", "player2"]) {
        await post(`${url}/${id}`, encodeJson(bodyFrame({ armDegrees: 0, x: 0 })));
      }
      const page = await openStage(newPage, url);
      await waitForPlayers(page, ["player1", "player2"]);
      await page.getByText("Shown side by side").waitFor();
      await page.getByRole("button", { name: "Side by side", pressed: true }).click();
      await page.getByText("Shown side by side").waitFor({ state: "hidden" });
    },
    TEST_MS,
  );

  test(
    "puts bones where they were posted, within a millimetre, from either handedness",
    async () => {
      const { url } = await serve();
      const page = await openStage(newPage, `${url}/?format=binary`);
      const frame = bodyFrame({ armDegrees: 33, x: 1.25 });
      // Mixamo's hips in a file of centimetres.
      const unity = mirrorFrame(bodyFrame({ armDegrees: -61, x: -0.5, hipsScale: 0.01 }));
      await putInfo(`${url}/player1`, { coordinateSystem: "gltf" });
      await post(`${url}/player1`, encodeJson(frame));
      // player2 says nothing of its coordinates: that is Unity's.
      await post(`${url}/player2`, encodeJson(unity));
      await waitForPlayers(page, ["player1", "player2"]);
      const expected = [
        ["player1", frame],
        ["player2", mirrorFrame(structuredClone(unity))],
      ] as const;
      for (const [id, posted] of expected) {
        for (const { name } of posted.bones) {
          await waitForPosition(page, id, name, worldPosition(posted, name));
        }
      }
      // The same bones without parents.
      for (const bone of frame.bones) delete bone.parent;
      frame.rootTransform.worldPosition.z += 0.75;
      await post(`${url}/player1`, encodeJson(frame));
      const moved = bodyFrame({ armDegrees: 33, x: 1.25 });
      moved.rootTransform.worldPosition.z += 0.75;
      await waitForPosition(page, "player1", "LeftHand", worldPosition(moved, "LeftHand"));
    },
    TEST_MS,
  );

  test(
    "follows players that join and leave, and shows bones of no convention as points",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openStage(newPage, url);
      await waitForPlayers(page, ["player1", "player2"]);
      const strange: AvatarFrame = {
        ...identityFrame(),
        bones: ["Fnord", "Quux"].map((name, index) => boneAt(name, undefined, [index, 1, 0])),
        timestamp: 1,
      };
      const third = connect(url, { player: "carol", info: { displayName: "<b>Carol</b>" } });
      atEnd(() => third.leave());
      await third.ready;
      third.publish(strange);
      await waitForPlayers(page, ["carol", "player1", "player2"]);
      await page.locator(".stage-labels").getByText("<b>Carol</b>", { exact: true }).waitFor();
      const at = await positionOf(page, "carol", "Quux");
      expect(at.map((value) => Math.round(value * 1000) / 1000)).toEqual([-1, 1, 0]);
      await page.getByLabel("Follow", { exact: true }).selectOption("carol");
      third.leave();
      await waitForPlayers(page, ["player1", "player2"]);
      expect(await page.evaluate(() => globalThis.avatarSyncStage!.followed())).toBeNull();
      await doubleClickBelow(page, "Headset");
      await page.waitForFunction(() => globalThis.avatarSyncStage!.followed() === "player2");
      await page.getByRole("status").getByText("Following Headset.").waitFor();
    },
    TEST_MS,
  );

  test(
    "comes back by itself when the server was restarted",
    async () => {
      // The browser logs requests and sockets that fail, whatever the page does about them.
      forgive(/net::ERR_|WebSocket connection/);
      const first = await serve({ demo: true });
      const page = await openStage(newPage, first.url);
      await waitForPlayers(page, ["player1", "player2"]);
      await first.stop();
      await page.getByText("The stream broke off").waitFor();
      await serve({ port: first.port });
      await post(`${first.url}/player1`, encodeJson(bodyFrame({ armDegrees: 0, x: 3 })));
      await page.getByText("The stream broke off").waitFor({ state: "hidden" });
      await page.waitForFunction(() => {
        const at = globalThis.avatarSyncStage!.worldPositionOf("player1", "Hips");
        return at !== undefined && Math.abs(at[0] + 3) < 0.01;
      });
    },
    TEST_MS,
  );

  test(
    "continues where it was when somebody looks again, without those who left meanwhile",
    async () => {
      const { url } = await serve();
      for (const player of ["ann", "ben"]) {
        const frame = bodyFrame({ armDegrees: 0, x: player === "ann" ? 4 : -4 });
        await post(`${url}/rooms/default/players/${player}`, encodeJson(frame));
      }
      const page = await openStage(newPage, url);
      await waitForPlayers(page, ["ann", "ben"]);
      await page.waitForFunction(
        () => document.querySelectorAll("#follow-picker option").length > 2,
      );
      await page.getByLabel("Follow", { exact: true }).selectOption("ann");
      await page.waitForFunction(() => globalThis.avatarSyncStage!.cameraTarget()[0] < -3.9);
      await setHidden(page, true);
      await fetch(`${url}/rooms/default/players/ben`, { method: "DELETE" });
      const connected = page.waitForEvent("websocket");
      await setHidden(page, false);
      await connected;
      await waitForPlayers(page, ["ann"]);
      const [followed, [x]] = await page.evaluate(() => {
        const stage = globalThis.avatarSyncStage!;
        return [stage.followed(), stage.cameraTarget()] as const;
      });
      expect(followed).toBe("ann");
      expect(x).toBeLessThan(-3.9);
    },
    TEST_MS,
  );

  test(
    "says so where WebGL is missing, and shows everything else",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await newPage();
      const loaded: string[] = [];
      page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
      await page.addInitScript(() => {
        // oxlint-disable-next-line typescript/unbound-method -- called with the canvas it is asked of.
        const { getContext } = HTMLCanvasElement.prototype;
        Object.defineProperty(HTMLCanvasElement.prototype, "getContext", {
          value(this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
            if (kind.startsWith("webgl")) return null;
            return Reflect.apply(getContext, this, [kind, ...rest]) as unknown;
          },
        });
      });
      await page.goto(url);
      await page.getByText("This browser shows no 3D: WebGL 2 is missing").waitFor();
      await page.getByText("2 of 2 connected").waitFor();
      await page.locator(".charts .uplot").first().waitFor();
      await page.getByText(/To this page \d/).waitFor();
      expect(loaded.filter((path) => path.includes("stage-"))).toEqual([]);
    },
    TEST_MS,
  );

  test(
    "connects once and draws once, however late the browser's first frame is",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await newPage();
      let sockets = 0;
      page.on("websocket", () => sockets++);
      await page.addInitScript(() => {
        const request = globalThis.requestAnimationFrame.bind(globalThis);
        // Three of the server's answers come before it.
        globalThis.requestAnimationFrame = (draw) => {
          globalThis.requestAnimationFrame = request;
          return setTimeout(() => {
            request(draw);
            request(() => Object.assign(globalThis, { hasDrawnLate: true }));
          }, 1600) as unknown as number;
        };
      });
      await page.goto(url);
      await page.waitForFunction(() => globalThis.avatarSyncStage !== undefined);
      await waitForPlayers(page, ["player1", "player2"]);
      await page.waitForFunction(() => "hasDrawnLate" in globalThis);
      await nextFrames(page, 10);
      expect(await page.locator("#stage .view > canvas").count()).toBe(1);
      expect(sockets).toBe(1);
    },
    TEST_MS,
  );

  test(
    "says that the browser took the graphics away, and draws on when they are back",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openStage(newPage, url);
      await waitForPlayers(page, ["player1", "player2"]);
      await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>("#stage canvas")!;
        const lost = canvas.getContext("webgl2")!.getExtension("WEBGL_lose_context")!;
        lost.loseContext();
        // Only from a later task on may it be asked back.
        Object.assign(globalThis, { restoreGraphics: () => lost.restoreContext() });
      });
      await page.getByText("The browser has taken the graphics away").waitFor();
      await page.getByText("2 of 2 connected").waitFor();
      await page.evaluate(() => (globalThis as unknown as Restorable).restoreGraphics());
      await page.getByText("The browser has taken the graphics away").waitFor({ state: "hidden" });
      await nextFrames(page, 2);
      await expectPainted(page);
    },
    TEST_MS,
  );

  test(
    "lets a keyboard pick a room and follow a player",
    async () => {
      const { url } = await serve();
      const far = bodyFrame({ armDegrees: 0, x: 0 });
      far.rootTransform.worldPosition.z = 40;
      for (const [id, frame] of [
        ["near", bodyFrame({ armDegrees: 0, x: 0 })],
        ["remote", far],
      ] as const) {
        await post(`${url}/rooms/lab/players/${id}`, encodeJson(frame));
      }
      const page = await openStage(newPage, url);
      await page.waitForFunction(() => document.querySelectorAll("#stage option").length >= 3);
      await tabTo(page, "room-picker");
      await page.keyboard.press("l");
      await waitForPlayers(page, ["near", "remote"]);
      expect(new URL(page.url()).searchParams.get("room")).toBe("lab");
      await page.getByRole("article", { name: "remote" }).waitFor();
      await page.waitForFunction(
        () => document.querySelectorAll("[data-field=follow-picker] option").length === 3,
      );
      await tabTo(page, "follow-picker");
      await page.keyboard.press("r");
      await page.waitForFunction(() => globalThis.avatarSyncStage!.followed() === "remote");
      await page.getByRole("status").getByText("Following remote.").waitFor();
      await page.waitForFunction(() => globalThis.avatarSyncStage!.cameraTarget()[2] > 39);
      expect(await page.getByText("Nobody has written").isVisible()).toBe(false);
    },
    TEST_MS,
  );

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `has no fault in an automated accessibility check, ${colorScheme}`,
      async () => {
        const { url } = await serve({ demo: true });
        const page = await openStage(newPage, url, { colorScheme, bypassCSP: true });
        await waitForPlayers(page, ["player1", "player2"]);
        await page.locator("figure").first().getByRole("listitem").first().waitFor();
        const faults = await accessibilityFaults(page);
        expect(faults).toEqual([]);
      },
      TEST_MS,
    );
  }

  test(
    "draws forty of a crowd in full and whoever is followed, the rest as stand-ins, with names that do not cover each other",
    async () => {
      const { url } = await serve();
      for (let index = 0; index < 102; index++) {
        const frame = identityFrame();
        frame.rootTransform.worldPosition = { x: (index % 10) - 5, y: 0, z: -(index / 10) };
        const bones = [boneAt("Head", undefined, [0, 1.6, 0])];
        await post(
          `${url}/rooms/crowd/players/p${index}`,
          encodeJson({ ...frame, bones, timestamp: 1 }),
        );
      }
      const page = await openStage(newPage, `${url}/?room=crowd&quality=3`);
      await page.getByText("40 of 102 players are drawn in full").waitFor();
      expect(await page.evaluate(() => globalThis.avatarSyncStage!.players().length)).toBe(40);
      expect(await page.evaluate(() => globalThis.avatarSyncStage!.standIns())).toBe(62);
      await nextFrames(page, 2);
      const covered = await page.evaluate(() => {
        const boxes = Array.from(document.querySelectorAll(".stage-labels p"), (label) =>
          label.getBoundingClientRect(),
        ).filter(({ right }) => right > 0);
        const pairs = boxes.flatMap((a, index) => boxes.slice(index + 1).map((b) => [a, b]));
        return {
          names: boxes.length,
          pairs: pairs.filter(
            ([a, b]) =>
              a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
          ).length,
        };
      });
      expect(covered.pairs).toBe(0);
      expect(covered.names).toBeGreaterThan(2);
      await page.getByLabel("Follow", { exact: true }).selectOption("p101");
      await page.waitForFunction(() => globalThis.avatarSyncStage!.players().includes("p101"));
    },
    TEST_MS,
  );

  test(
    "draws 300 players at 20 Hz: those close in full, the rest in one call, and tells its view once",
    async () => {
      const server = await startServerProcess([
        process.execPath,
        `${import.meta.dir}/crowd-server.ts`,
        "300",
        "20",
      ]);
      atEnd(() => server[Symbol.asyncDispose]());
      const page = await newPage({ viewport: { width: 320, height: 240 } });
      const views: string[] = [];
      page.on("websocket", (socket) =>
        socket.on("framesent", ({ payload }) => {
          if (typeof payload === "string" && payload.includes('"view"')) views.push(payload);
        }),
      );
      await page.goto(`${server.url}/?room=crowd&quality=3`);
      await page.waitForFunction(() => {
        const stage = globalThis.avatarSyncStage;
        return stage?.players().length === 40 && stage.standIns() === 260;
      });
      // Eight calls a body at most, the floor, the grid and the stand-ins.
      expect(
        await page.evaluate(() => globalThis.avatarSyncStage!.drawCalls()),
      ).toBeLessThanOrEqual(40 * 8 + 5);
      // A camera that has come to rest says no more.
      await nextFrames(page, 5);
      const told = new Set(views);
      expect(views.length).toBeGreaterThan(0);
      expect(told.size).toBe(views.length);
      expect(
        await page.evaluate(
          () => Array.from(document.querySelectorAll(".stage-labels p")).length <= 40,
        ),
      ).toBe(true);
    },
    2 * TEST_MS,
  );
});

/** More than one colour is on the canvas: something is drawn. */
async function expectPainted(page: Page): Promise<void> {
  const image = await page.locator("#stage canvas").first().screenshot();
  // A canvas of one colour is a PNG of next to nothing.
  expect(image.length).toBeGreaterThan(5000);
}

/** Two clicks on the player below a name, however slowly this machine draws. */
function doubleClickBelow(page: Page, name: string): Promise<void> {
  return page.evaluate((text) => {
    const labels = Array.from(document.querySelectorAll(".stage-labels p"));
    const label = labels.find((each) => each.textContent === text)!.getBoundingClientRect();
    const place = { clientX: label.x + label.width / 2, clientY: label.bottom + 40 };
    const canvas = document.querySelector("#stage canvas")!;
    for (let clicks = 0; clicks < 2; clicks++) canvas.dispatchEvent(new MouseEvent("click", place));
  }, name);
}

async function tabTo(page: Page, field: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    const focused = await page.evaluate(() =>
      document.activeElement instanceof HTMLElement
        ? document.activeElement.dataset["field"]
        : undefined,
    );
    if (focused === field) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached ${field}`);
}

function boneAt(name: string, parent: string | null | undefined, at: Point, degrees = 0): Bone {
  const half = (degrees * Math.PI) / 360;
  return {
    name,
    localPosition: { x: at[0], y: at[1], z: at[2] },
    localRotation: { x: 0, y: 0, z: Math.sin(half), w: Math.cos(half) },
    localScale: { x: 1, y: 1, z: 1 },
    ...(parent !== undefined && { parent }),
  };
}

interface BodyOptions {
  readonly armDegrees: number;
  readonly x: number;
  /** As in files of centimetres, whose hips bring them to metres. */
  readonly hipsScale?: number;
  readonly fingers?: boolean;
}

/** A body of Mixamo's names, right-handed. */
function bodyFrame({ armDegrees, x, hipsScale = 1, fingers = false }: BodyOptions): AvatarFrame {
  const s = 1 / hipsScale;
  const hips = boneAt("Hips", null, [0, 0.95, 0], 4);
  hips.localScale = { x: hipsScale, y: hipsScale, z: hipsScale };
  const bones = [
    hips,
    boneAt("Spine", "Hips", [0, 0.12 * s, 0], 2),
    boneAt("Spine1", "Spine", [0, 0.14 * s, 0]),
    boneAt("Neck", "Spine1", [0, 0.2 * s, 0]),
    boneAt("Head", "Neck", [0, 0.1 * s, 0]),
  ];
  for (const [side, sign] of [
    ["Left", 1],
    ["Right", -1],
  ] as const) {
    bones.push(
      boneAt(`${side}Arm`, "Spine1", [sign * 0.18 * s, 0.14 * s, 0], armDegrees * sign),
      boneAt(`${side}ForeArm`, `${side}Arm`, [sign * 0.28 * s, 0, 0], armDegrees * sign),
      boneAt(`${side}Hand`, `${side}ForeArm`, [sign * 0.26 * s, 0, 0]),
      boneAt(`${side}UpLeg`, "Hips", [sign * 0.09 * s, -0.05 * s, 0]),
      boneAt(`${side}Leg`, `${side}UpLeg`, [0, -0.43 * s, 0], 3),
      boneAt(`${side}Foot`, `${side}Leg`, [0, -0.43 * s, 0]),
      boneAt(`${side}ToeBase`, `${side}Foot`, [0, -0.05 * s, 0.13 * s]),
    );
    if (!fingers) continue;
    for (const [finger, name] of ["Thumb", "Index", "Middle", "Ring", "Pinky"].entries()) {
      for (let joint = 1; joint <= 4; joint++) {
        const parent = joint === 1 ? `${side}Hand` : `${side}Hand${name}${joint - 1}`;
        const at = joint === 1 ? [sign * 0.08, 0, 0.02 * (2 - finger)] : [sign * 0.03, 0, 0];
        bones.push(boneAt(`${side}Hand${name}${joint}`, parent, at as unknown as Point, 5));
      }
    }
  }
  const frame = identityFrame();
  frame.rootTransform.worldPosition = { x, y: 0.1, z: -0.3 };
  frame.rootTransform.worldRotation = { x: 0, y: 0.6, z: 0, w: 0.8 };
  return { ...frame, bones, timestamp: Date.now() / 1000 };
}

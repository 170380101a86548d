// /three.js in a page without a build: three lines, and everybody in the room is there and moves.
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { encodeJson } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { usePages } from "./page-fixture.ts";
import { post, putInfo, worldPosition } from "./page-stage.ts";
import type { Point } from "./page-stage.ts";
import { CHROMIUM, requireTool } from "./tools.ts";
import { takePicture } from "./browser.ts";

const TEST_MS = 60_000;
// Each begins a limb.
const BONES = ["Hips", "Neck", "LeftArm", "LeftForeArm", "RightUpLeg", "RightLeg"];
// The stream encoding rounds: a bone at the end of a chain is some millimetres off.
const WITHIN_M = 0.01;
const THREE_FILES = `${import.meta.dir}/../node_modules/three/build/`;

/** A page that is all set up for three.js but has nothing in its scene. */
const html = (url: string) => `<!doctype html>
<link rel="icon" href="data:," />
<style>body { margin: 0 }</style>
<script type="importmap">
  { "imports": { "three": "/three.module.js" } }
</script>
<script type="module">
  import { DirectionalLight, HemisphereLight, PerspectiveCamera, Scene, WebGLRenderer } from "three";
  import { connect } from "${url}/client.js";
  import { RoomAvatars } from "${url}/three.js";

  const renderer = new WebGLRenderer({ antialias: true });
  renderer.setSize(innerWidth, innerHeight);
  renderer.setClearColor("#e9ebf2");
  document.body.append(renderer.domElement);
  const scene = new Scene();
  scene.add(new HemisphereLight("white", "gray", 2), new DirectionalLight());
  const camera = new PerspectiveCamera(40, innerWidth / innerHeight);
  camera.position.set(0.5, 1.4, 4.5);
  camera.lookAt(0, 0.9, 0);

  const avatars = new RoomAvatars(connect("${url}", { coordinateSystem: "gltf" }));
  scene.add(avatars);
  renderer.setAnimationLoop((timeMs) => (avatars.update(timeMs), renderer.render(scene, camera)));

  // For the test: where the dancer's limbs begin, in the room, as they are drawn.
  globalThis.limbOrigins = () => {
    const origins = [];
    avatars.get("player1")?.object.traverse((mesh) => {
      for (let index = 0; index < (mesh.isInstancedMesh ? mesh.count : 0); index++) {
        const matrix = mesh.matrixWorld.clone();
        mesh.getMatrixAt(index, matrix);
        origins.push(matrix.premultiply(mesh.matrixWorld).elements.slice(12, 15));
      }
    });
    return origins;
  };
</script>`;

/** What the page lets the test look at. */
interface Shown {
  limbOrigins(): Point[];
}

const executablePath = requireTool(CHROMIUM);

describe.skipIf(executablePath === undefined)("/three.js", () => {
  const { serve, newPage, atEnd } = usePages({
    executablePath,
    waitMs: TEST_MS / 2,
    context: { viewport: { width: 640, height: 480 } },
  });

  /** The page's own server: three.js is beside the page, and avatar-sync elsewhere. */
  function serveHtml(text: string): string {
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) => {
        const { pathname } = new URL(url);
        if (pathname !== "/") return new Response(Bun.file(THREE_FILES + pathname.slice(1)));
        return new Response(text, { headers: { "Content-Type": "text/html" } });
      },
    });
    atEnd(() => server.stop(true));
    return server.url.href;
  }

  test(
    "shows the demo's dancer in three lines, moving as GET says",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await newPage();
      await page.goto(serveHtml(html(url)));
      await page.waitForFunction(
        () => ((globalThis as unknown as Partial<Shown>).limbOrigins?.().length ?? 0) > 0,
      );
      const before = await limbOrigins(page);
      await page.waitForFunction(
        ([x, y, z]) => {
          const [now] = (globalThis as unknown as Shown).limbOrigins();
          return Math.hypot(now[0] - x, now[1] - y, now[2] - z) > 0.02;
        },
        before[0] as [number, number, number],
      );
      await takePicture(page, "three-module");
      // The demo yields to anybody who posts: the dancer is held in a pose of its own. At 10 Hz, because a
      // motion continues for a moment after its last frame.
      const held = (await (await fetch(`${url}/player1`)).json()) as AvatarFrame;
      await putInfo(`${url}/player1`, { coordinateSystem: "gltf" });
      let posted = post(`${url}/player1`, encodeJson(held));
      const holding = setInterval(() => {
        posted = post(`${url}/player1`, encodeJson(held));
      }, 100);
      atEnd(async () => {
        clearInterval(holding);
        expect((await posted).status).toBe(200);
      });
      for (const bone of BONES) await waitForLimb(page, worldPosition(held, bone));
    },
    TEST_MS,
  );
});

const limbOrigins = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as Shown).limbOrigins());

/** Until a limb is drawn from a point of the room. */
async function waitForLimb(page: Page, point: Point): Promise<void> {
  await page.waitForFunction(
    ([[x, y, z], within]) =>
      (globalThis as unknown as Shown)
        .limbOrigins()
        .some((at) => Math.hypot(at[0] - x, at[1] - y, at[2] - z) < within),
    [point, WITHIN_M] as const,
  );
}

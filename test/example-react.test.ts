// The React example as a user has it: npm installs it with the packed package, Vite builds it, and a real
// browser shows another player's body, moving.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { InstancedMesh, Scene } from "three";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom } from "../src/client/index.ts";
import { startServer } from "../src/server.ts";
import { launchBrowser, takePicture } from "./browser.ts";
import { NAMES, poseOf, roomAxes, STANDING, T_POSE } from "./t-pose.ts";
import { CHROMIUM, NPM, requireTool } from "./tools.ts";

const ROOT = join(import.meta.dir, "..");
const SLOW_MS = 300_000;
const SKELETON = {
  boneNames: NAMES,
  boneParents: NAMES.map((name) => T_POSE[name][0]),
  blendShapeNames: [],
};

const npm = requireTool(NPM);
const chromium = requireTool(CHROMIUM);

/** What the page tells three.js's developer tools, which this test stands in for. */
interface Shown {
  scene: Scene;
}

describe.skipIf(npm === undefined || chromium === undefined)("examples/react", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "avatar-sync-react-"));
    const packed = await run([npm!, "pack", "--pack-destination", folder], ROOT);
    const tarball = basename(packed.trim().split("\n").at(-1)!);
    await cp(join(ROOT, "examples", "react"), folder, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const manifest = await Bun.file(join(folder, "package.json")).text();
    await Bun.write(
      join(folder, "package.json"),
      manifest.replace("file:../..", `file:./${tarball}`),
    );
    await run([npm!, "install", "--prefer-offline", "--no-audit", "--no-fund"], folder);
    await run([npm!, "run", "build"], folder);
  }, SLOW_MS);
  afterAll(() => rm(folder, { recursive: true }));

  test(
    "shows another player's body, which moves, and is gone when the player has left",
    async () => {
      const server = await startServer({ host: "127.0.0.1", port: 0 });
      const site = serveFolder(join(folder, "dist"));
      const browser = await launchBrowser(chromium!);
      const ann = connect(server.url, { player: "ann", coordinateSystem: "gltf" });
      await ann.ready;
      const walk = new Walk(ann);
      try {
        const page = await browser.newPage({ viewport: { width: 480, height: 360 } });
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(error.message));
        page.on("console", (message) => {
          if (message.type() === "error") problems.push(message.text());
        });
        await page.addInitScript(() => {
          const tools = new EventTarget();
          tools.addEventListener("observe", (event) => {
            const { detail } = event as CustomEvent<Scene>;
            if (detail.isScene) (globalThis as unknown as Shown).scene = detail;
          });
          Object.assign(globalThis, { __THREE_DEVTOOLS__: tools });
        });
        await page.goto(`${site.url.href}?server=${server.url}`);
        for (const x of [-1, 1]) {
          walk.x = x;
          await page.waitForFunction((wanted) => {
            const found: InstancedMesh[] = [];
            (globalThis as unknown as Partial<Shown>).scene?.traverse((object) => {
              if ("isInstancedMesh" in object) found.push(object as InstancedMesh);
            });
            const [limbs] = found;
            // The first limb begins at the hips.
            return limbs !== undefined && Math.abs(limbs.instanceMatrix.array[12] - wanted) < 0.02;
          }, x);
        }
        await takePicture(page, "react");
        walk.end();
        await page.waitForFunction(() => {
          let meshes = 0;
          (globalThis as unknown as Shown).scene.traverse((object) => {
            if ("isMesh" in object) meshes++;
          });
          return meshes === 0;
        });
        expect(problems).toEqual([]);
      } finally {
        walk.end();
        await browser.close();
        await site.stop(true);
        await server.stop();
      }
    },
    SLOW_MS,
  );
});

/** A player who stands at `x`, published 30 times a second. */
class Walk {
  x = 0;
  readonly #room: AvatarRoom;
  readonly #timer: Timer;

  constructor(room: AvatarRoom) {
    this.#room = room;
    const pose = poseOf({ axes: roomAxes }, STANDING);
    this.#timer = setInterval(() => {
      pose.root.set([this.x, 0, 0], 0);
      room.publishPose(SKELETON, pose);
    }, 1000 / 30);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#room.leave();
  }
}

function serveFolder(folder: string): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async ({ url }) => {
      const { pathname } = new URL(url);
      // Browsers ask for it, and log an error if it is missing.
      if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
      return new Response(Bun.file(join(folder, pathname === "/" ? "index.html" : pathname)));
    },
  });
}

/** Runs a program to its end; what it printed. */
async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, problems, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${out}${problems}`);
  return out;
}

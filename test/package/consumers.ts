// The packed package, as its users get it: each kind of consumer in a folder of its own compiles, builds or
// runs with it. Run by `npm run check:package`; not by `npm test`, because it needs npm's registry.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../src/server.ts";
import { ProcessGroup } from "../process-group.ts";
import { NODE, NODE_20, NPM, requireTool } from "../tools.ts";
import { install, pack, ROOT, run } from "./pack.ts";
import type { Consumer } from "./pack.ts";

const SLOW_MS = 120_000;
const SUCCESS = { code: 0, output: "" };
const BONE = { name: "Hips", localPosition: { x: 0, y: 1, z: 0 } };

const npm = requireTool(NPM);
const node20 = requireTool(NODE_20);
const node22 = requireTool(NODE);

describe.skipIf(npm === undefined)("the packed package", () => {
  let folder: string;
  let tarball: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "avatar-sync-package-"));
    tarball = await pack(npm!, folder);
  }, SLOW_MS);
  afterAll(() => rm(folder, { recursive: true }));

  const installed = (name: string, packages: Consumer["packages"]) =>
    install({ npm: npm!, tarball, folder, name, packages });
  const tool = (name: string) => join(ROOT, "node_modules", ".bin", name);

  test("publint finds nothing", async () => {
    const { code, output } = await run([tool("publint"), "--strict", tarball], folder);
    expect(output).toContain("All good!");
    expect(code).toBe(0);
  });

  test("attw finds nothing", async () => {
    const command = [tool("attw"), tarball, "--profile", "esm-only", "--quiet"];
    expect(await run(command, folder)).toEqual(SUCCESS);
  });

  test(
    "compiles in strict programs: NodeNext without DOM types, a bundler's resolution, TypeScript 5",
    async () => {
      const packages = ["@types/node", "@types/ws", "typescript", "typescript-5", "ws"] as const;
      const own = await installed("typescript", packages);
      const tsc = (compiler: string, ...args: string[]) =>
        run(["node", join(own, "node_modules", compiler, "bin", "tsc"), ...args], own);
      expect(await tsc("typescript", "-p", "tsconfig.nodenext.json")).toEqual(SUCCESS);
      expect(await tsc("typescript", "-p", "tsconfig.bundler.json")).toEqual(SUCCESS);
      // Checking Node's declarations too takes ten times as long, and they are not ours.
      const older = ["-p", "tsconfig.nodenext.json", "--skipLibCheck"];
      expect(await tsc("typescript-5", ...older)).toEqual(SUCCESS);
    },
    SLOW_MS,
  );

  test(
    "compiles and builds in a new Vite project with React and TypeScript",
    async () => {
      const own = await installed("vite-react-ts", [
        "@types/node",
        "@types/react",
        "@types/react-dom",
        "@types/three",
        "@vitejs/plugin-react",
        "react",
        "react-dom",
        "three",
        "typescript",
        "vite",
      ]);
      const bin = join(own, "node_modules", ".bin");
      expect(await run([join(bin, "tsc"), "-b"], own)).toEqual(SUCCESS);
      expect(await run([join(bin, "vite"), "build", "--logLevel", "error"], own)).toEqual(SUCCESS);
      expect(await readdir(join(own, "dist", "assets"))).toHaveLength(1);
    },
    SLOW_MS,
  );

  describe("in plain JavaScript", () => {
    let own: string;
    beforeAll(async () => {
      own = await installed("plain", ["ws"]);
      await cp(join(ROOT, "test", "runtimes"), join(own, "runtimes"), { recursive: true });
    }, SLOW_MS);

    test("an installed client has the server's small dependencies: no Bun, no three.js, no tests, no TypeScript sources", async () => {
      const modules = (await readdir(join(own, "node_modules"))).filter(
        (name) => !name.startsWith("."),
      );
      // prom-client and what it needs.
      expect(modules.toSorted()).toEqual([
        "@opentelemetry",
        "avatar-sync",
        "bintrees",
        "prom-client",
        "tdigest",
        "ws",
      ]);
      const files = await readdir(join(own, "node_modules", "avatar-sync"), { recursive: true });
      const unwanted = /\.test\.|\.spec\.|fake-|(?<!\.d)\.tsx?$|^(src|viewer|test|bench|vectors)$/;
      expect(files.filter((name) => unwanted.test(name))).toEqual([]);
    });

    const runtimes: [string, string | undefined, string[]][] = [
      ["Node 20 with a WebSocket of ws", node20, ["ws"]],
      ["Node 22 or newer", node22, []],
      ["Bun", process.execPath, []],
    ];
    for (const [name, runtime, args] of runtimes) {
      test.skipIf(runtime === undefined)(
        `a frame goes there and back and two players meet in ${name}`,
        async () => {
          const server = await startServer({ host: "127.0.0.1", port: 0 });
          try {
            const { code, output } = await run(
              [runtime!, "two-players.js", server.url, ...args],
              own,
            );
            expect(output).toStartWith("{");
            expect(JSON.parse(output)).toMatchObject({
              bone: BONE,
              isOneClass: true,
              seen: { jawOpen: 1, message: { from: "ann", body: { wave: true } }, left: "ann" },
            });
            expect(code).toBe(0);
          } finally {
            await server.stop();
          }
        },
        SLOW_MS,
      );
    }

    test.skipIf(node20 === undefined)(
      "Node 20 without a WebSocket is told what to pass",
      async () => {
        const { output } = await run([node20!, "error-of.js", "connect"], own);
        expect(output).toContain("use Node 22 or newer");
        expect(output).toContain("runtime.webSocket");
      },
    );

    for (const program of ["server", "named-import"]) {
      test.skipIf(node20 === undefined)(
        `Node is told that the server needs Bun (${program})`,
        async () => {
          const { output } = await run([node20!, "error-of.js", program], own);
          expect(output).toContain("needs Bun");
          expect(output).toContain("npx avatar-sync");
        },
      );
    }

    test("Bun embeds the server, with its page and the demo", async () => {
      const { output } = await run([process.execPath, "embed.js"], own);
      expect(output).toStartWith("{");
      expect(JSON.parse(output)).toEqual({
        "/": [200, "text/html; charset=utf-8"],
        "/client.js": [200, "text/javascript; charset=utf-8"],
        "/player1": [200, "application/json"],
        script: 200,
      });
    });

    describe.skipIf(process.platform !== "linux")(
      "npx, on a machine with Node and npm alone",
      () => {
        let env: Record<string, string>;
        let hasBun = false;
        beforeAll(async () => {
          env = await nodeAlone(join(folder, "node-alone"));
        });

        const endings = [
          ["SIGINT", "group"],
          ["SIGTERM", "first"],
          ["SIGHUP", "first"],
        ] as const;
        for (const [signal, to] of endings) {
          test(
            `serves the demo, and ${signal} ends it and leaves no process`,
            async () => {
              const command = [
                "npx",
                "avatar-sync",
                "--demo",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
              ];
              using group = new ProcessGroup(command, { cwd: own, env });
              const url = await group.url();
              // Told while npm downloads, and never again.
              expect(group.output.includes("npm downloads bun@")).toBe(!hasBun);
              hasBun = true;
              const bones = async () => (await (await fetch(`${url}/player1`)).json()).bones.length;
              while ((await bones()) === 0) await Bun.sleep(10);
              group.signal(signal, to);
              expect(await group.remaining()).toEqual([]);
            },
            SLOW_MS,
          );
        }
      },
    );
  });
});

/** An environment of nothing but Node, npm and the shell, with a home and a cache of its own. */
async function nodeAlone(folder: string): Promise<Record<string, string>> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  for (const name of ["node", "npm", "npx", "sh"]) await symlink(Bun.which(name)!, join(bin, name));
  const registry = await run([npm!, "config", "get", "registry"], folder);
  return { HOME: folder, PATH: bin, npm_config_registry: registry.output };
}

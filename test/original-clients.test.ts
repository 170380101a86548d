// The original's own clients, as its README shows them, run as real processes against a real server:
// Python in JSON, Go in binary, and both in the same slots of one server.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeBinary, identityFrame } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { GO, PYTHON, requireTool } from "./tools.ts";

const EXAMPLES = join(import.meta.dir, "../examples");
// A cold Go compiles the whole of net/http first.
const BUILD_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 60_000;
// Two rounds, because the second frame has numbers that f32 must round. No need to wait between them.
const ROUNDS = "2";
const ROUNDS_HZ = "1000";

const python = requireTool(PYTHON);
const go = requireTool(GO);

interface PostAnswer {
  status: string;
  player: string;
  revision: number;
  server_timestamp: number;
}

/** What a client prints: answer and avatar in turn. */
type Printed = (PostAnswer | AvatarFrame)[];

/** A reviver that rounds to f32 all but the time stamps, which are f64 in both formats. */
function toF32(key: string, value: unknown): unknown {
  return typeof value === "number" && !key.endsWith("timestamp") ? Math.fround(value) : value;
}

const inF32 = (frame: unknown) => JSON.parse(JSON.stringify(frame), toF32) as AvatarFrame;

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, {
    cwd,
    // No proxy between two processes of one machine, and no network for Go: it needs none.
    env: { ...process.env, no_proxy: "*", NO_PROXY: "*", GOPROXY: "off", GOTOOLCHAIN: "local" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    Bun.readableStreamToText(child.stdout),
    Bun.readableStreamToText(child.stderr),
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}\n${stdout}${stderr}`);
  return stdout;
}

async function runClient(command: string[]): Promise<Printed> {
  const stdout = await run(command, EXAMPLES);
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line, toF32) as PostAnswer | AvatarFrame);
}

function runPython(server: AvatarServer, player: string, read: string): Promise<Printed> {
  const options = ["--url", server.url, "--player", player, "--read", read];
  const rounds = ["--count", ROUNDS, "--hz", ROUNDS_HZ];
  return runClient([python!, "python/client.py", ...options, ...rounds]);
}

function runGo(server: AvatarServer, post: string, get: string, accept = ""): Promise<Printed> {
  const options = ["-url", server.url, "-post", post, "-get", get, "-accept", accept];
  return runClient([goClient, ...options, "-count", ROUNDS, "-hz", ROUNDS_HZ]);
}

/** A test's body with a server of its own. */
function withServer(format: "json" | "binary", action: (server: AvatarServer) => Promise<void>) {
  return async () => {
    const server = await startServer({ host: "127.0.0.1", port: 0, format });
    try {
      await action(server);
    } finally {
      await server.stop();
    }
  };
}

let goClient = "";
let buildDirectory = "";
beforeAll(async () => {
  if (go === undefined) return;
  buildDirectory = await mkdtemp(join(tmpdir(), "avatar-sync-go-"));
  goClient = join(buildDirectory, "client");
  // Files rather than the package: Go would ask git for the version, which fails in a checkout that
  // belongs to another user.
  const build = [go, "build", "-o", goClient, "main.go", "avatar.go"];
  await run(build, join(EXAMPLES, "go"));
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  if (buildDirectory !== "") await rm(buildDirectory, { recursive: true });
});

/** What each client sends in its second round, except the time. */
const [PYTHON_X, GO_X] = [1, -1];
function sentBy(x: number) {
  const halfAngle = 0.05 / 2;
  const localScale = { x: 1, y: 1, z: 1 };
  const still = { x: 0, y: 0, z: 0, w: 1 };
  const turned = { x: 0, y: Math.sin(halfAngle), z: 0, w: Math.cos(halfAngle) };
  return inF32({
    rootTransform: { worldPosition: { x, y: 2, z: 3 }, worldRotation: still, localScale },
    bones: [
      {
        name: "Hips",
        localPosition: { x: 0, y: 0.98, z: -0.015 },
        localRotation: still,
        localScale,
      },
      {
        name: "Head",
        localPosition: { x: 0, y: 0.6, z: 0.02 },
        localRotation: turned,
        localScale,
      },
    ],
    blendShapes: [{ name: "jawOpen", weight: 0.1 }],
  });
}

function expectOwnFrames(printed: Printed, player: string, x: number): void {
  const [firstAnswer, first, secondAnswer, second] = printed as [
    PostAnswer,
    AvatarFrame,
    PostAnswer,
    AvatarFrame,
  ];
  expect(firstAnswer).toMatchObject({ status: "success", player, revision: 1 });
  expect(secondAnswer).toMatchObject({ status: "success", player, revision: 2 });
  expect(first.server_timestamp).toBe(firstAnswer.server_timestamp);
  expect(second.server_timestamp).toBe(secondAnswer.server_timestamp);
  expect(first.blendShapes).toEqual([{ name: "jawOpen", weight: 0 }]);
  expect(second).toMatchObject(sentBy(x));
}

describe.skipIf(python === undefined)("the Python client and a JSON server", () => {
  test(
    "it reads back what it posts",
    withServer("json", async (server) => {
      expectOwnFrames(await runPython(server, "player1", "player1"), "player1", PYTHON_X);
    }),
    RUN_TIMEOUT_MS,
  );

  test(
    "it reads the identity frame of a slot that nobody has written",
    withServer("json", async (server) => {
      const [, frame] = await runPython(server, "player2", "player1");
      expect(frame).toEqual(identityFrame());
    }),
    RUN_TIMEOUT_MS,
  );
});

describe.skipIf(go === undefined)("the Go client and a binary server", () => {
  test(
    "it reads back what it posts",
    withServer("binary", async (server) => {
      expectOwnFrames(await runGo(server, "player1", "player1"), "player1", GO_X);
    }),
    RUN_TIMEOUT_MS,
  );

  test(
    "it reads the identity frame of a slot that nobody has written",
    withServer("binary", async (server) => {
      const [, frame] = await runGo(server, "player2", "player1");
      expect(frame).toEqual(identityFrame());
    }),
    RUN_TIMEOUT_MS,
  );

  test(
    "it reads what was posted in JSON without an Accept header",
    withServer("binary", async (server) => {
      const posted = { ...sentBy(PYTHON_X), timestamp: 1.5 };
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify(posted);
      await fetch(`${server.url}/player1`, { method: "POST", body, headers });
      const printed = await runGo(server, "player2", "player1");
      expect(printed.at(-1)).toMatchObject(posted);
    }),
    RUN_TIMEOUT_MS,
  );

  test(
    "it passes go vet and its own tests, the wire-format vectors among them",
    async () => {
      const directory = join(EXAMPLES, "go");
      await run([go!, "vet", "."], directory);
      await run([go!, "test", "."], directory);
    },
    BUILD_TIMEOUT_MS,
  );
});

describe.skipIf(python === undefined || go === undefined)("both clients and one server", () => {
  test(
    "each reads in its own format what the other posted in its",
    withServer("json", async (server) => {
      await runPython(server, "player1", "player2");
      const posted = await fetch(`${server.url}/player1`);
      const pythonFrame = inF32(await posted.json());
      expect(pythonFrame).toMatchObject(sentBy(PYTHON_X));

      const octets = "application/octet-stream";
      const seenByGo = await runGo(server, "player2", "player1", octets);
      expect(seenByGo.at(-1)).toEqual(pythonFrame);

      const answer = await fetch(`${server.url}/player2`, { headers: { Accept: octets } });
      const goFrame = inF32(decodeBinary(await answer.bytes()));
      expect(goFrame).toMatchObject(sentBy(GO_X));

      const seenByPython = await runPython(server, "player1", "player2");
      expect(seenByPython.at(-1)).toEqual(goFrame);
    }),
    RUN_TIMEOUT_MS,
  );
});

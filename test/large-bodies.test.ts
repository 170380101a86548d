// Bodies over the limit, sent by the programs that people send with. Each must see the answer, not a broken connection.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { CURL, GO, NODE, requireTool } from "./tools.ts";

const MEGABYTE = 1_000_000;
// The default limit is 1 MiB. Between 3 and 5 MB is what sockets hold without a reader.
const SIZES = [2, 5, 20, 60].map((megabytes) => megabytes * MEGABYTE);
// A cold Go compiles the whole of net/http first.
const BUILD_MS = 300_000;

const curl = requireTool(CURL);
const go = requireTool(GO);
// Any Node has fetch.
const node = requireTool({ ...NODE, name: "Node", commands: ["node"], probe: ["--version"] });

let server: AvatarServer;
let folder = "";
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
  folder = await mkdtemp(join(tmpdir(), "large-bodies-"));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function run(command: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    no_proxy: "*",
    NO_PROXY: "*",
    GOPROXY: "off",
    GOTOOLCHAIN: "local",
  };
  const child = Bun.spawn([...command], { env, stdout: "pipe", stderr: "pipe" });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    Bun.readableStreamToText(child.stdout),
    Bun.readableStreamToText(child.stderr),
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}

describe.skipIf(curl === undefined)("curl", () => {
  for (const bytes of SIZES) {
    test(`[18] [H7] [H7a] sees 413 for ${bytes / MEGABYTE} MB`, async () => {
      const file = join(folder, `${bytes}`);
      await Bun.write(file, new Uint8Array(bytes));
      const options = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", `@${file}`];
      const headers = ["-H", "Content-Type: application/json"];
      const url = `${server.url}/player1`;
      // By itself curl asks first, with Expect: 100-continue.
      for (const more of [
        [],
        ["-H", "Expect:"],
        ["-H", "Expect:", "-H", "Transfer-Encoding: chunked"],
      ]) {
        expect(await run([curl!, ...options, ...headers, ...more, url])).toBe("413");
      }
    });
  }
});

describe.skipIf(node === undefined)("Node's fetch", () => {
  const program = `
    const [url, bytes] = process.argv.slice(1);
    const answer = await fetch(url, { method: "POST", body: new Uint8Array(Number(bytes)) });
    console.log(answer.status, (await answer.json()).error.code);`;
  for (const bytes of SIZES) {
    test(`[18] [H7] [H7a] sees 413 for ${bytes / MEGABYTE} MB`, async () => {
      const command = [node!, "--input-type=module", "-e", program];
      const printed = await run([...command, `${server.url}/player1`, `${bytes}`]);
      expect(printed).toBe("413 body_too_large");
    });
  }
});

describe.skipIf(go === undefined)("Go", () => {
  const binary = () => join(folder, "post-zeros");
  beforeAll(async () => {
    await run([go!, "build", "-o", binary(), join(import.meta.dir, "runtimes/post-zeros.go")]);
  }, BUILD_MS);
  for (const bytes of SIZES) {
    test(`[18] [H7] [H7a] sees 413 for ${bytes / MEGABYTE} MB`, async () => {
      expect(await run([binary(), `${server.url}/player1`, `${bytes}`])).toBe("413\n413");
    });
  }
});

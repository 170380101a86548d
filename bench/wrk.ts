// Runs wrk (https://github.com/wg/wrk) against a URL with requests of our own making.
import { join } from "node:path";
import { requireProgram, runProgram, temporaryDirectory } from "./programs.ts";

// One thread keeps a core for the server on a machine with two; 16 connections keep it busy.
const FLAGS = ["-t1", "-c16"];
const GRACE_MS = 10_000;

/** One request; wrk sends those of a list in turn. */
export interface WrkRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** @throws {UsageError} if wrk is not installed. */
export function requireWrk(): string {
  return requireProgram("wrk", "apt-get install wrk, or https://github.com/wg/wrk");
}

/** Loads `url` for whole seconds; requests a second. @throws {Error} if any request failed. */
export async function runWrk(
  url: string,
  requests: readonly WrkRequest[],
  seconds: number,
): Promise<number> {
  using directory = temporaryDirectory();
  const script = await writeScript(directory.path, requests);
  const command = [requireWrk(), ...FLAGS, "-d", `${seconds}s`, "-s", script, url];
  const output = await runProgram(command, { timeoutMs: seconds * 1000 + GRACE_MS });
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(output)?.[1];
  const failure = /Non-2xx.*|Socket errors:.*/.exec(output)?.[0];
  if (rate === undefined || failure !== undefined) {
    throw new Error(`wrk ${url}: ${failure ?? output}`);
  }
  return Number(rate);
}

/** All requests are laid out before the first is sent, so that Lua costs next to nothing. */
async function writeScript(directory: string, requests: readonly WrkRequest[]): Promise<string> {
  const lines = requests.map(({ method, path, headers, body }, index) => {
    const pairs = Object.entries(headers).map(([name, value]) => `["${name}"] = "${value}"`);
    const content = body === undefined ? "nil" : `read("${join(directory, `body-${index}`)}")`;
    return `requests[${index}] = wrk.format("${method}", "${path}", {${pairs.join(", ")}}, ${content})`;
  });
  await Promise.all(
    requests.map(async ({ body }, index) => {
      if (body !== undefined) await Bun.write(join(directory, `body-${index}`), body);
    }),
  );
  const script = `
local requests = {}
local at = 0
local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end
function init(args)
  ${lines.join("\n  ")}
end
function request()
  at = (at + 1) % ${requests.length}
  return requests[at]
end
`;
  const path = join(directory, "script.lua");
  await Bun.write(path, script);
  return path;
}

// The servers that the HTTP benchmark compares, and the check that each returns what was posted.
import { join } from "node:path";
import { BinaryEncoder, createPose, MEDIA_TYPES, poseOf } from "../src/codec/index.ts";
import type { AvatarFrame, Format } from "../src/codec/index.ts";
import type { BenchClip } from "./clips.ts";
import { requireProgram, runProgram, temporaryDirectory } from "./programs.ts";
import { startServerProcess } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

const ROOT = join(import.meta.dir, "..");
const REFERENCE = join(import.meta.dir, "reference");
// The first build on a machine compiles the standard library too.
const BUILD_MS_MAX = 180_000;
const SLOT = "/player1";

// The offset of the server time in the binary format: the one field that a server changes.
const SERVER_TIME = { start: 48, end: 56 };

/** Starts the server of this checkout, or of another one. */
export function startAvatarSync(checkout = ROOT): Promise<ServerProcess> {
  const main = join(checkout, "src", "cli", "main.ts");
  return startServerProcess([process.execPath, main, "--host", "127.0.0.1", "--port", "0"]);
}

/** Builds the reference server and starts it. @throws {UsageError} without Go. */
export async function startGoReference(): Promise<ServerProcess> {
  const go = requireProgram("go", "it builds the reference server; apt-get install golang-go");
  // A running program no longer needs its file.
  using directory = temporaryDirectory();
  const program = join(directory.path, "server");
  const source = join(REFERENCE, "go", "main.go");
  await runProgram([go, "build", "-o", program, source], { timeoutMs: BUILD_MS_MAX });
  return await startServerProcess([program]);
}

/** Starts the reference server. @throws {UsageError} without Python. */
export async function startPythonReference(): Promise<ServerProcess> {
  const python = requireProgram("python3", "it runs the reference server");
  return startServerProcess([python, join(REFERENCE, "python", "server.py")]);
}

/** The bodies that clients post: frames without the server's time. */
export function bodiesOf(
  { skeleton }: BenchClip,
  frames: readonly AvatarFrame[],
  format: Format,
): Uint8Array<ArrayBuffer>[] {
  if (format === "binary") {
    const encoder = new BinaryEncoder(skeleton);
    return frames.map((frame) => encoder.encode(poseOf(frame, createPose(skeleton))));
  }
  const textEncoder = new TextEncoder();
  return frames.map((frame) => {
    return textEncoder.encode(JSON.stringify({ ...frame, server_timestamp: undefined }));
  });
}

export const slotRequests = {
  post: (format: Format, body: Uint8Array<ArrayBuffer>) =>
    ({
      method: "POST",
      path: SLOT,
      headers: { "Content-Type": MEDIA_TYPES[format] },
      body,
    }) as const,
  get: (format: Format) =>
    ({ method: "GET", path: SLOT, headers: { Accept: MEDIA_TYPES[format] } }) as const,
};

/** Posts one frame. */
export async function postFrame(url: string, format: Format, body: Uint8Array<ArrayBuffer>) {
  const { method, headers } = slotRequests.post(format, body);
  const signal = AbortSignal.timeout(5000);
  const response = await fetch(url + SLOT, { method, headers, body, signal });
  if (!response.ok) throw new Error(`${url}: POST answers ${response.status}`);
  await response.arrayBuffer();
}

/** @throws {Error} if the server at `url` returns anything but what was posted and its time. */
export async function assertReturnsPosted(
  url: string,
  format: Format,
  bodies: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  for (const body of bodies) {
    await postFrame(url, format, body);
    const { headers } = slotRequests.get(format);
    const response = await fetch(url + SLOT, { headers, signal: AbortSignal.timeout(5000) });
    const returned = new Uint8Array(await response.arrayBuffer());
    if (isSameFrame(format, returned, body)) continue;
    throw new Error(`${url}: GET does not return the ${format} frame that was posted`);
  }
}

function isSameFrame(format: Format, returned: Uint8Array, posted: Uint8Array): boolean {
  if (format === "binary") {
    const withoutTime = returned.slice();
    withoutTime.fill(0, SERVER_TIME.start, SERVER_TIME.end);
    return Bun.deepEquals(withoutTime, posted);
  }
  const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as AvatarFrame;
  return Bun.deepEquals({ ...decode(returned), server_timestamp: undefined }, decode(posted));
}

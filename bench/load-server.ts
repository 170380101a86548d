// The servers to load: ours and the bare relay, each in its own process.
import { join } from "node:path";
import { startServerProcess } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

const MAIN = join(import.meta.dir, "..", "src", "cli", "main.ts");
const RELAY = join(import.meta.dir, "relay.ts");

export interface LoadServer extends AsyncDisposable {
  /** `ws://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
}

const EVERYONE_SEES_EVERYONE = ["--crowd-above=2000"];

/** avatar-sync with these flags; by default everyone is sent everyone, however large a room is. */
export async function startAvatarServer(flags = EVERYONE_SEES_EVERYONE): Promise<LoadServer> {
  const command = [process.execPath, MAIN, "--host", "127.0.0.1", "--port", "0", ...flags];
  return asLoadServer(await startServerProcess(command));
}

export async function startRelay(): Promise<LoadServer> {
  return asLoadServer(await startServerProcess([process.execPath, RELAY]));
}

function asLoadServer(server: ServerProcess): LoadServer {
  const end = () => server[Symbol.asyncDispose]();
  return { url: server.url.replace("http", "ws"), pid: server.pid, [Symbol.asyncDispose]: end };
}

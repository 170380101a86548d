// `avatar-sync`: serves until a signal, or until the process that started it is gone.
import { lookup } from "node:dns/promises";
import { parseConfig, settingsHelp } from "../config.ts";
import type { ServerConfig } from "../config.ts";
import { startServer, VERSION } from "../server.ts";
import type { AvatarServer, PageAssets } from "../server.ts";

const HELP = `avatar-sync ${VERSION}: keeps avatars in step between machines

  avatar-sync [flags]       serves, as does avatar-sync serve [flags]
  avatar-sync load [flags]  puts a server under load; see avatar-sync load --help

${settingsHelp()}
  --help     this text
  --version  the version

Every flag has an environment variable, e.g. AVATAR_SYNC_PORT for --port.`;

/** Resolves to the exit code: 0 after a signal, 1 if the server cannot listen. */
export async function serve(args: readonly string[], page?: PageAssets): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return 0;
  }
  if (args.includes("--version")) {
    console.log(VERSION);
    return 0;
  }
  const config = parseConfig(args, process.env);
  let server: AvatarServer;
  try {
    server = await startServer(page === undefined ? config : { ...config, page });
  } catch (error) {
    console.error(`avatar-sync: ${await startFailure(error, config)}`);
    return 1;
  }
  // Whoever reads the addresses may end the server at once.
  const end = untilEnd();
  console.log(networkInformation(server, config));
  await end;
  await server.stop();
  return 0;
}

function networkInformation(server: AvatarServer, config: ServerConfig): string {
  const rows = server.addresses.map(({ name, url }) => `  ${`${name}:`.padEnd(10)}${url}`);
  // The address that is bound comes last. One that means all networks is not one to open.
  const isAny = config.host === "0.0.0.0" || config.host === "::";
  const networks = isAny ? " (every network of this machine)" : "";
  const demo = config.demo ? ", playing the demo" : "";
  const pages = config.allowOrigins.length === 0 ? "any web page" : config.allowOrigins.join(", ");
  const narrow = config.allowOrigins.length === 0 ? ": narrow it with --allow-origin" : "";
  return [
    `avatar-sync ${VERSION}, format ${config.format}${demo}`,
    ...rows.slice(0, -1),
    rows.at(-1) + networks,
    `  Pages:    ${pages} may read and write${narrow}`,
  ].join("\n");
}

async function startFailure(error: unknown, { host, port }: ServerConfig): Promise<string> {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const expected = "--host takes an address of this machine, or 0.0.0.0 for every network";
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is taken: stop what listens there, or choose another with --port`;
    case "EACCES":
      return `port ${port} needs rights that this user does not have: choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
      return `${host} is no address of this machine: ${expected}`;
    default:
      // Bun says EINVAL for a name that leads nowhere.
      if (!(await isHost(host))) return `there is no host ${host}: ${expected}`;
      return `cannot listen on ${host} port ${port}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function isHost(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch {
    return false;
  }
}

function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    // Ctrl+C comes from the terminal and from npm: the second must not cut short what the first has begun.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve());
    // bin/avatar-sync.js holds the other end of a channel: it has died without a signal to us.
    process.once("disconnect", () => resolve());
  });
}

#!/usr/bin/env bun
// The command line. `avatar-sync [command] [flags]`; without a command it serves.
import { UsageError } from "../flags.ts";
import type { PageAssets } from "../server.ts";

/** Resolves to the process's exit code, or never while a server runs. @throws {UsageError} */
type Command = (args: readonly string[], page?: PageAssets) => Promise<number>;

/** Each command is imported only when it runs, so that it does not delay the start of another. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serve,
  load: async () => (await import("./load.ts")).load,
};

/** Runs one command; resolves to the process's exit code, or never while a server runs. */
export async function main(args: readonly string[], page?: PageAssets): Promise<number> {
  const [name = ""] = args;
  const isNamed = Object.hasOwn(COMMANDS, name);
  try {
    const run = await COMMANDS[isNamed ? name : "serve"]();
    return await run(isNamed ? args.slice(1) : args, page);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const asked = isNamed ? `avatar-sync ${name}` : "avatar-sync";
    console.error(`${asked}: ${error.message}. Try ${asked} --help.`);
    return 2;
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));

#!/usr/bin/env bun
// The command line. `avatar-sync [command] [flags]`; without a command it serves.
import { UsageError } from "../config.ts";
import type { PageAssets } from "../server.ts";
import { load } from "./load.ts";
import { serve } from "./serve.ts";

/** Runs one command; resolves to the process's exit code, or never while a server runs. */
export async function main(args: readonly string[], page?: PageAssets): Promise<number> {
  try {
    return args[0] === "load" ? await load(args.slice(1)) : await serve(args, page);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`avatar-sync: ${error.message}. Try --help.`);
    return 2;
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));

// The benchmarks' command line: `npm run bench [-- command] [args]`; without a command, `formats`.
import { UsageError } from "../src/flags.ts";
import { bodies } from "./bodies.ts";
import type { Command } from "./command.ts";
import { compare } from "./compare.ts";
import { crowdCost } from "./crowd-cost.ts";
import { crowd } from "./crowd.ts";
import { fanout } from "./fanout.ts";
import { formats } from "./formats.ts";
import { http } from "./http.ts";
import { interest } from "./interest.ts";
import { overload } from "./overload.ts";
import { page } from "./page.ts";
import { join, resume, stall } from "./recovery.ts";
import { restart } from "./restart.ts";
import { sizes } from "./sizes.ts";
import { start } from "./start.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  formats,
  sizes,
  http,
  bodies,
  start,
  fanout,
  join,
  stall,
  resume,
  restart,
  overload,
  crowd,
  "crowd-cost": crowdCost,
  interest,
  page,
  compare,
};
const DEFAULT_COMMAND = "formats";

const HELP = `npm run bench [-- command] [args]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join("\n")}

Without a command: ${DEFAULT_COMMAND}. Each command has its own --help.`;

/** Runs one command; resolves to the process's exit code. */
async function main(args: readonly string[]): Promise<number> {
  const isHelp = (arg: string | undefined) => arg === "--help" || arg === "-h";
  const [first, ...others] = args;
  if (isHelp(first)) {
    console.log(HELP);
    return 0;
  }
  // Flags alone are the default command's.
  const isNamed = first !== undefined && !first.startsWith("-");
  const name = isNamed ? first : DEFAULT_COMMAND;
  const rest = isNamed ? others : args;
  try {
    if (!Object.hasOwn(COMMANDS, name)) {
      const known = Object.keys(COMMANDS).join(", ");
      throw new UsageError(`unknown command ${name}: expected one of ${known}`);
    }
    if (rest.some(isHelp)) console.log(COMMANDS[name].help);
    else await COMMANDS[name].run(rest);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}. Try --help.`);
    return 2;
  }
}

process.exit(await main(process.argv.slice(2)));

// How long the server takes from the start of its process until it listens.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseFlags } from "../src/flags.ts";
import type { Command } from "./command.ts";
import { median } from "./measure.ts";
import { startServerProcess } from "./server-process.ts";

const ROOT = join(import.meta.dir, "..");
const STARTS = 10;
const FLAGS = ["--host", "127.0.0.1", "--port", "0"];

const HELP = `npm run bench -- start [flags]

Milliseconds from spawn to listening, median of ${STARTS}: from source, and for dist/avatar-sync where it
has been built.

  --json  print one JSON array: [{name, medianMs, minMs, maxMs}]`;

export const start: Command = {
  summary: "milliseconds from spawn to listening",
  help: HELP,
  async run(args) {
    const { values } = parseFlags(args, {
      options: { json: { type: "boolean", default: false } },
    });
    const executable = join(ROOT, "dist", "avatar-sync");
    const commands = [
      { name: "source", command: [process.execPath, join(ROOT, "src", "cli", "main.ts")] },
      ...(existsSync(executable) ? [{ name: "executable", command: [executable] }] : []),
    ];
    const times = commands.map((): number[] => []);
    // Start 0 fills the file cache and does not count.
    for (let round = 0; round <= STARTS; round++) {
      for (const [index, { command }] of commands.entries()) {
        const startMs = await timeStart([...command, ...FLAGS]);
        if (round > 0) times[index].push(startMs);
      }
    }
    const rows = commands.map(({ name }, index) => ({
      name,
      medianMs: median(times[index]),
      minMs: Math.min(...times[index]),
      maxMs: Math.max(...times[index]),
    }));
    if (values.json) return console.log(JSON.stringify(rows));
    for (const { name, medianMs, minMs, maxMs } of rows) {
      const range = `${minMs.toFixed(0)}-${maxMs.toFixed(0)}`;
      console.log(`${name.padEnd(11)}${medianMs.toFixed(0)} ms (${range}, ${STARTS} starts)`);
    }
  },
};

/** Milliseconds until the server says where it listens. @throws {Error} if it does not answer there. */
async function timeStart(command: readonly string[]): Promise<number> {
  await using server = await startServerProcess(command);
  const response = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${server.url}/healthz answers ${response.status}`);
  return server.startMs;
}

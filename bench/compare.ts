// This checkout against another one, in alternating rounds of one run: what a change costs. The noise of the
// machine is what a checkout of the same commit differs by.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Format } from "../src/codec/index.ts";
import { parseFlags, parseWhole, UsageError } from "../src/flags.ts";
import { LARGEST_COMMITTED_CLIP, readClip, spread } from "./clips.ts";
import { parseSeconds } from "./command.ts";
import type { Command } from "./command.ts";
import { bodiesOf, postFrame, slotRequests, startAvatarSync } from "./http-contenders.ts";
import { median } from "./measure.ts";
import { runProgram } from "./programs.ts";
import type { ServerProcess } from "./server-process.ts";
import { requireWrk, runWrk } from "./wrk.ts";

const HELP = `npm run bench -- compare CHECKOUT [flags]

This checkout against another one (a folder with its packages installed), in turns: CPU of a request
over HTTP (needs wrk), and of a fan-out, as a multiple of the bare relay's in the same round.

  --rounds N   1 to 20 (5)
  --seconds S  of each measurement (3)`;

const BODIES = 16;
const FANOUTS = [
  ["--format", "stream", "--players", "100"],
  ["--format", "binary", "--players", "50"],
] as const;
// A fan-out measures two servers, each after a warm-up of 6 s.
const FANOUT_MS_MAX = 120_000;

/** What one round measured of this checkout and of the other. */
type Round = readonly [ours: number, other: number];

export const compare: Command = {
  summary: "this checkout against another, in alternating rounds (needs wrk)",
  help: HELP,
  async run(args) {
    const { values, positionals } = parseFlags(args, {
      options: {
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "3" },
      },
      allowPositionals: true,
    });
    if (positionals.length !== 1)
      throw new UsageError("compare: expected the folder of a checkout");
    const other = resolve(positionals[0]);
    if (!existsSync(join(other, "bench", "main.ts"))) {
      throw new UsageError(`${positionals[0]}: expected a checkout of avatar-sync`);
    }
    const seconds = parseSeconds(values.seconds, "--seconds");
    if (!Number.isInteger(seconds)) throw new UsageError("--seconds: wrk takes whole seconds");
    const rounds = parseWhole(values.rounds, "--rounds", { min: 1, max: 20 });
    requireWrk();
    const checkouts = [join(import.meta.dir, ".."), other] as const;
    console.log("| | this | the other | ratio | ratio of each round |\n|---|---|---|---|---|");
    for (const [name, turns] of await requests(checkouts, rounds, seconds)) {
      console.log(row(`${name}, us of CPU`, turns));
    }
    for (const flags of FANOUTS) {
      const turns = await alternate(rounds, (turn) => fanout(checkouts[turn], flags, seconds));
      console.log(row(`fan-out ${flags[3]} x 20 Hz, ${flags[1]}, x bare relay`, turns));
    }
  },
};

/** Each round measures both, and begins with the one that the round before ended with. */
async function alternate(
  rounds: number,
  measure: (turn: 0 | 1) => Promise<number>,
): Promise<Round[]> {
  const turns: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const ours = await measure(0);
      turns.push([ours, await measure(1)]);
    } else {
      const other = await measure(1);
      turns.push([await measure(0), other]);
    }
  }
  return turns;
}

async function requests(
  [ours, other]: readonly [string, string],
  rounds: number,
  seconds: number,
): Promise<[string, Round[]][]> {
  const clip = await readClip(LARGEST_COMMITTED_CLIP);
  const frames = spread(clip.frames, BODIES);
  await using first = await startAvatarSync(ours);
  await using second = await startAvatarSync(other);
  const servers = [first, second] as const;
  const results: [string, Round[]][] = [];
  for (const format of ["json", "binary"] as const) {
    const bodies = bodiesOf(clip, frames, format);
    const posts = bodies.map((body) => slotRequests.post(format, body));
    for (const server of servers) await postFrame(server.url, format, bodies[0]);
    const loads = { POST: posts, GET: [slotRequests.get(format)] };
    for (const [name, load] of Object.entries(loads)) {
      const measure = (server: ServerProcess) => cpuOfRequest(server, load, seconds);
      for (const server of servers) await measure(server);
      const turns = await alternate(rounds, (turn) => measure(servers[turn]));
      results.push([`${name} ${format satisfies Format}`, turns]);
    }
  }
  return results;
}

/** Microseconds of the server's CPU. */
async function cpuOfRequest(
  server: ServerProcess,
  load: Parameters<typeof runWrk>[1],
  seconds: number,
): Promise<number> {
  const before = server.cpuSeconds();
  const rate = await runWrk(server.url, load, seconds);
  const after = server.cpuSeconds();
  if (before === undefined || after === undefined) {
    throw new UsageError("compare: this system does not tell the CPU time of a process");
  }
  return ((after - before) * 1e6) / (rate * seconds);
}

async function fanout(checkout: string, flags: readonly string[], seconds: number) {
  const command = [process.execPath, join(checkout, "bench", "main.ts"), "fanout", ...flags];
  const output = await runProgram([...command, "--seconds", String(seconds), "--json"], {
    timeoutMs: FANOUT_MS_MAX,
    cwd: checkout,
  });
  const report = JSON.parse(output) as { serverCores: number; bareServerCores: number };
  return report.serverCores / report.bareServerCores;
}

function row(name: string, turns: readonly Round[]): string {
  const ratios = turns.map(([ours, other]) => ours / other);
  const [ours, other] = [0, 1].map((turn) => median(turns.map((round) => round[turn])));
  const each = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
  return `| ${name} | ${ours.toFixed(2)} | ${other.toFixed(2)} | ${median(ratios).toFixed(2)} | ${each} |`;
}

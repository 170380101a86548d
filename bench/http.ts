// HTTP throughput of full frames: our server against one in Go (binary) and one in Python (JSON), each
// in its own process, loaded by wrk in turns within one run.
import type { Format } from "../src/codec/index.ts";
import { parseFlags, UsageError } from "../src/flags.ts";
import { LARGEST_COMMITTED_CLIP, readClip, spread } from "./clips.ts";
import type { BenchClip } from "./clips.ts";
import { parseSeconds } from "./command.ts";
import type { Command } from "./command.ts";
import {
  assertReturnsPosted,
  bodiesOf,
  postFrame,
  slotRequests,
  startAvatarSync,
  startGoReference,
  startPythonReference,
} from "./http-contenders.ts";
import { median } from "./measure.ts";
import type { ServerProcess } from "./server-process.ts";
import { requireWrk, runWrk } from "./wrk.ts";
import type { WrkRequest } from "./wrk.ts";

const SECONDS_DEFAULT = 2;
const ROUNDS = 5;
// Frames that differ, so that no server sees the same body twice in a row.
const BODIES = 16;

/** What wrk sends: POSTs of changing frames, GETs of a slot at rest, and both in turn. */
const LOADS = ["post", "get", "both"] as const;
type Load = (typeof LOADS)[number];

const LOAD_NAMES: Readonly<Record<Load, string>> = {
  post: "POST",
  get: "GET",
  both: "POST, GET in turn",
};

const HELP = `npm run bench -- http [CLIP.ndjson[.gz]] [flags]

Requests a second of our server, of Go's net/http + encoding/binary and of Python's threaded
http.server, with frames of the clip (without one: dcl-dance). Needs wrk, Go and Python.

  --seconds S  for each server and load in each of ${ROUNDS} rounds (${SECONDS_DEFAULT})
  --json       print one JSON object: {clip, seconds, rounds, servers: [{name, format,
               requestsPerSecond, cpuUs}], ratios: [{format, post, get, both}]}`;

/** A server with one format. Each list has one figure a round. */
interface Contender {
  readonly name: string;
  readonly format: Format;
  readonly server: ServerProcess;
  readonly rates: Readonly<Record<Load, number[]>>;
  /** Microseconds of CPU that the server used for one request. */
  readonly cpuUs: Readonly<Record<Load, number[]>>;
}

export const http: Command = {
  summary: "requests a second against Go and Python servers (needs wrk)",
  help: HELP,
  async run(args) {
    const { values, positionals } = parseFlags(args, {
      options: {
        seconds: { type: "string", default: String(SECONDS_DEFAULT) },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const seconds = parseSeconds(values.seconds, "--seconds");
    if (!Number.isInteger(seconds)) throw new UsageError("--seconds: wrk takes whole seconds");
    if (positionals.length > 1) throw new UsageError("http: expected one clip");
    const clip = await readClip(positionals[0] ?? LARGEST_COMMITTED_CLIP);

    requireWrk();
    await using ours = await startAvatarSync();
    await using go = await startGoReference();
    await using python = await startPythonReference();
    const pairs: Pair[] = [
      [contender("avatar-sync", "binary", ours), contender("Go net/http", "binary", go)],
      [contender("avatar-sync", "json", ours), contender("Python http.server", "json", python)],
    ];
    await measure(clip, pairs, seconds);
    console.log(values.json ? JSON.stringify(report(clip, pairs, seconds)) : table(clip, pairs));
  },
};

/** Our server, and the one that it is compared with. */
type Pair = readonly [Contender, Contender];

function contender(name: string, format: Format, server: ServerProcess): Contender {
  const perLoad = () => ({ post: [], get: [], both: [] });
  return { name, format, server, rates: perLoad(), cpuUs: perLoad() };
}

async function measure(clip: BenchClip, pairs: readonly Pair[], seconds: number) {
  const contenders = pairs.flat();
  const frames = spread(clip.frames, BODIES);
  const bodies = {
    json: bodiesOf(clip, frames, "json"),
    binary: bodiesOf(clip, frames, "binary"),
  };
  for (const { server, format } of contenders) {
    await assertReturnsPosted(server.url, format, bodies[format]);
  }
  // Round 0 warms up and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const load of LOADS) {
      for (const { server, format, rates, cpuUs } of contenders) {
        await postFrame(server.url, format, bodies[format][0]);
        const requests = requestsOf(load, format, bodies[format]);
        const before = server.cpuSeconds();
        const rate = await runWrk(server.url, requests, round === 0 ? 1 : seconds);
        const after = server.cpuSeconds();
        if (round === 0) continue;
        rates[load].push(rate);
        if (before === undefined || after === undefined) continue;
        cpuUs[load].push(((after - before) * 1e6) / (rate * seconds));
      }
    }
    process.stderr.write(round === 0 ? "warmed up" : `, round ${round} of ${ROUNDS}`);
  }
  process.stderr.write("\n");
}

function requestsOf(
  load: Load,
  format: Format,
  bodies: readonly Uint8Array<ArrayBuffer>[],
): WrkRequest[] {
  const get = slotRequests.get(format);
  if (load === "get") return [get];
  const posts = bodies.map((body) => slotRequests.post(format, body));
  return load === "post" ? posts : posts.flatMap((post) => [post, get]);
}

/** How many times faster the first of a pair is: rounds are compared one by one. */
function ratio([ours, other]: Pair, load: Load): number {
  return median(ours.rates[load].map((rate, round) => rate / other.rates[load][round]));
}

function report(clip: BenchClip, pairs: readonly Pair[], seconds: number) {
  const medians = (figures: Contender["rates"]) =>
    Object.fromEntries(LOADS.map((load) => [load, median(figures[load])]));
  return {
    clip: clip.name,
    seconds,
    rounds: ROUNDS,
    servers: pairs.flat().map(({ name, format, rates, cpuUs }) => {
      const cpu = cpuUs.get.length > 0 ? medians(cpuUs) : null;
      return { name, format, requestsPerSecond: medians(rates), cpuUs: cpu };
    }),
    ratios: pairs.map((pair) => ({
      format: pair[0].format,
      ...Object.fromEntries(LOADS.map((load) => [load, ratio(pair, load)])),
    })),
  };
}

function table(clip: BenchClip, pairs: readonly Pair[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const figures = ({ name, format, rates, cpuUs }: Contender) => {
    const cells = LOADS.map((load) => {
      const rate = Math.round(median(rates[load])).toLocaleString("en");
      return cpuUs[load].length > 0 ? `${rate} (${median(cpuUs[load]).toFixed(0)} us)` : rate;
    });
    return row([`${name}, ${format}`, ...cells]);
  };
  const rows = pairs.flatMap((pair) => [
    ...pair.map(figures),
    row(["ratio", ...LOADS.map((load) => `${ratio(pair, load).toFixed(1)}x`)]),
  ]);
  return [
    `${clip.name}: requests a second (and microseconds of the server's CPU for one)`,
    "",
    row(["Server", ...LOADS.map((load) => LOAD_NAMES[load])]),
    row(["---", ...LOADS.map(() => "---")]),
    ...rows,
  ].join("\n");
}

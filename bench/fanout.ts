// One room in which everyone sees everyone: what the server delivers, how late, and what it costs compared
// with a bare relay under the same load in the same run.
import { STREAM_FORMATS } from "../src/codec/format.ts";
import type { StreamFormat } from "../src/codec/index.ts";
import { parseFlags, parseWhole, UsageError } from "../src/flags.ts";
import type { LoadResult } from "../src/load/load-result.ts";
import { LoadSession } from "../src/load/load-session.ts";
import { parseSeconds } from "./command.ts";
import type { Command } from "./command.ts";
import { startAvatarServer, startRelay } from "./load-server.ts";
import type { LoadServer } from "./load-server.ts";
import { clipToPublish } from "./made-up-face.ts";
import { median } from "./measure.ts";

// The least share of delivered frames that are decoded and compared with what was sent.
const CHECKED_SHARE_MIN = 0.05;

// Until the engine has compiled what runs 2000 times a second: a server that has run for a while does not pay for it.
const WARM_UP_MS = 6000;

const HELP = `npm run bench -- fanout [flags]

Publishers in one room, all of them receivers too, on a server of its own process and on a bare relay.

  --players N  2 to 2000 (50)
  --hz HZ      frames a second of each, 1 to 120 (20)
  --seconds S  time measured on each of the two, after a warm-up (10)
  --format F   ${STREAM_FORMATS.join(", ")} (binary)
  --clip FILE  what they publish (dcl-dance; of stream: with a face of 52 blend shapes, all of
               which move by themselves, smoothly and made up, the same in every run)
  --workers N  processes that generate the load (one less than there are cores)
  --json       print one JSON object: {players, hz, format, expected, delivered, superseded,
               serverCores, bareServerCores, latencyMs, gapMs, serverRssMb, generatorLimited};
               of stream: bytesPerFrame and subscriberMbitPerSecond too`;

interface FanoutLoad {
  readonly players: number;
  readonly hz: number;
  readonly format: StreamFormat;
  readonly clip: string;
  readonly workers: number | undefined;
}

export const fanout: Command = {
  summary: "everyone sees everyone: updates, latency, CPU beside a bare relay",
  help: HELP,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        players: { type: "string", default: "50" },
        hz: { type: "string", default: "20" },
        seconds: { type: "string", default: "10" },
        format: { type: "string", default: "binary" },
        clip: { type: "string" },
        workers: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { workers } = values;
    const format = parseFormat(values.format);
    await using clip = await clipToPublish(format, values.clip);
    const load = {
      players: parseWhole(values.players, "--players", { min: 2, max: 2000 }),
      hz: parseWhole(values.hz, "--hz", { min: 1, max: 120 }),
      format,
      clip: clip.path,
      workers:
        workers === undefined ? undefined : parseWhole(workers, "--workers", { min: 1, max: 16 }),
    };
    const seconds = parseSeconds(values.seconds, "--seconds");
    const ours = await measure(() => startAvatarServer(), load, seconds);
    const bare = await measure(startRelay, load, seconds);
    const report = reportOf(load, ours, bare);
    console.log(values.json ? JSON.stringify(report) : tableOf(report, ours, bare));
  },
};

/** @throws {UsageError} */
export function parseFormat(text: string): StreamFormat {
  const format = STREAM_FORMATS.find((each) => each === text);
  if (format !== undefined) return format;
  throw new UsageError(`--format ${text}: expected ${STREAM_FORMATS.join(", ")}`);
}

async function measure(
  start: () => Promise<LoadServer>,
  load: FanoutLoad,
  seconds: number,
): Promise<LoadResult> {
  await using server = await start();
  const options = {
    ...load,
    url: server.url,
    rooms: 1,
    serverPid: server.pid,
    warmUpMs: WARM_UP_MS,
  };
  await using session = await LoadSession.start(options);
  const result = await session.measure(seconds);
  assertRight(result);
  return result;
}

/** @throws {Error} if what arrived is not what was sent. */
function assertRight({ checked, delivered, wrong, closed }: LoadResult): void {
  if (wrong > 0) throw new Error(`${wrong} of ${checked} frames differ from what was sent`);
  if (checked < delivered * CHECKED_SHARE_MIN) {
    throw new Error(`only ${checked} of ${delivered} frames were checked`);
  }
  if (closed.length > 0) throw new Error(`the server closed connections: ${closed[0]}`);
}

function reportOf({ players, hz, format }: FanoutLoad, ours: LoadResult, bare: LoadResult) {
  const { expected, delivered, superseded, latencyMs, gapMs, server, generator } = ours;
  const { bytesPerFrame, subscriberMbitPerSecond } = ours;
  return {
    players,
    hz,
    format,
    expected,
    delivered,
    superseded,
    serverCores: rounded(server?.cores),
    bareServerCores: rounded(bare.server?.cores),
    latencyMs: { p50: latencyMs.p50, p99: latencyMs.p99 },
    gapMs: { p50: gapMs.p50, p99: gapMs.p99 },
    serverRssMb: server === undefined ? null : Math.round(median(server.rssMb)),
    generatorLimited: generator.limits.length > 0,
    ...(format === "stream" ? { bytesPerFrame, subscriberMbitPerSecond } : {}),
  };
}

/** Rounded to a thousandth of a core; null if the system does not tell. */
function rounded(cores: number | undefined): number | null {
  return cores === undefined ? null : Math.round(cores * 1000) / 1000;
}

export type FanoutReport = ReturnType<typeof reportOf>;

function tableOf(report: FanoutReport, ours: LoadResult, bare: LoadResult): string {
  const { players, hz, format, serverCores, bareServerCores, serverRssMb } = report;
  const rows = (["avatar-sync", "bare relay"] as const).map((name) => {
    const { expected, delivered, superseded, latencyMs, gapMs, server, generator } =
      name === "bare relay" ? bare : ours;
    const share = ((100 * delivered) / expected).toFixed(2);
    const cores = server?.cores.toFixed(3) ?? "-";
    const generatorCores = generator.cores.map((each) => each.toFixed(2)).join("+");
    return `| ${name} | ${expected} | ${share} % | ${superseded} | ${latencyMs.p50} / ${latencyMs.p99} | ${gapMs.p50} / ${gapMs.p99} | ${cores} | ${generatorCores} |`;
  });
  const ratio = ((serverCores ?? NaN) / (bareServerCores ?? NaN)).toFixed(2);
  const limits = [...ours.generator.limits, ...bare.generator.limits];
  return [
    `${players} publishers x ${hz} Hz, ${format}`,
    "",
    "| server | expected | delivered | superseded | latency p50 / p99 ms | gap p50 / p99 ms | cores | generator |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    `cores: ${ratio} times the bare relay's; resident: ${serverRssMb} MB`,
    `a frame: ${ours.bytesPerFrame} bytes; to each: ${ours.subscriberMbitPerSecond} Mbit/s`,
    ...limits.map((limit) => `limited by the generator: ${limit}`),
  ].join("\n");
}

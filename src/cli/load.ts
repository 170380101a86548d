// `avatar-sync load`: loads a server with players from separate processes, and reports how it does.
import danceClip from "../../clips/dcl-dance.30hz.ndjson.gz" with { type: "file" };
import { STREAM_FORMATS } from "../codec/format.ts";
import type { StreamFormat } from "../codec/index.ts";
import { parseFlags, parseWhole, UsageError } from "../flags.ts";
import { loadMotion } from "../load/motion-file.ts";
import { LoadSession } from "../load/load-session.ts";
import type { LoadOptions } from "../load/load-session.ts";
import { crowdReport } from "../load/crowd-report.ts";
import { loadReport } from "../load/load-report.ts";
import { pidListeningOn } from "../load/process-usage.ts";
import { runLoadWorker } from "../load/worker.ts";

// The most that one command may start: more players need more than one machine.
const ROOMS_MAX = 1000;
const PLAYERS_MAX = 2000;
const CLIENTS_MAX = 2000;
const HZ_MAX = 120;
const SECONDS_MAX = 600;
const WORKERS_MAX = 16;

const HELP = `avatar-sync load: fills rooms with players and measures what reaches them

  avatar-sync load [flags]

  --url URL         the server (ws://127.0.0.1:8080)
  --rooms N         rooms, 1 to ${ROOMS_MAX} (1)
  --players N       players of each room, 2 to ${PLAYERS_MAX}; ${CLIENTS_MAX} in all (10)
  --hz HZ           frames a second of each player, 1 to ${HZ_MAX} (20)
  --seconds S       time measured, after a warm-up of 2 s, 1 to ${SECONDS_MAX} (10)
  --format F        ${STREAM_FORMATS.join(", ")} (binary; with --walk stream)
  --walk            players wander between groups, as a crowd does. In rooms so large that each receiver is sent only
                    whom it has in sight, what it is sent is checked against where everybody really is
  --clip FILE       NDJSON, gzipped or not (the dance of the demo)
  --workers N       processes, 1 to ${WORKERS_MAX} (one less than there are cores, one for 500 players at least)
  --server-pid PID  process whose CPU and memory to measure (the one that listens on the URL's port)
  --allow-remote    allow the URL of another machine; only with its owner's consent
  --json            print one JSON object
  --help            this text

Exits with 0 if every update was delivered or superseded by a newer one, else with 1; with --walk if nearest players
were in sight, nobody in sight was without an update for a second, and no receiver was sent more than its budget.`;

const OPTIONS = {
  url: { type: "string", default: "ws://127.0.0.1:8080" },
  rooms: { type: "string", default: "1" },
  players: { type: "string", default: "10" },
  hz: { type: "string", default: "20" },
  seconds: { type: "string", default: "10" },
  format: { type: "string" },
  walk: { type: "boolean", default: false },
  clip: { type: "string", default: danceClip },
  workers: { type: "string" },
  "server-pid": { type: "string" },
  "allow-remote": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

interface LoadCommand {
  readonly options: LoadOptions;
  readonly seconds: number;
  readonly isJson: boolean;
}

export async function load(args: readonly string[]): Promise<number> {
  if (args.includes("--worker")) return await runLoadWorker();
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return 0;
  }
  const { options, seconds, isJson } = parseLoad(args);
  await checkClip(options.clip, options.format);
  try {
    await using session = await LoadSession.start(options);
    if (options.isWalking === true) {
      const result = await session.measureCrowd(seconds);
      console.log(isJson ? JSON.stringify(result) : crowdReport(options, seconds, result));
      return result.broken.length === 0 && result.closed.length === 0 ? 0 : 1;
    }
    const result = await session.measure(seconds);
    console.log(isJson ? JSON.stringify(result) : loadReport(options, seconds, result));
    return result.lost === 0 && result.wrong === 0 && result.closed.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`avatar-sync: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** @throws {UsageError} */
function parseLoad(args: readonly string[]): LoadCommand {
  const { values } = parseFlags(args, { options: OPTIONS });
  const whole = (flag: string, text: string, min: number, max: number) =>
    parseWhole(text, `--${flag}`, { min, max });
  const rooms = whole("rooms", values.rooms, 1, ROOMS_MAX);
  const players = whole("players", values.players, 2, PLAYERS_MAX);
  if (rooms * players > CLIENTS_MAX) {
    throw new UsageError(`--players ${players}: expected ${CLIENTS_MAX} or fewer in all rooms`);
  }
  const url = serverUrl(values.url, values["allow-remote"]);
  const { workers } = values;
  const serverPid = values["server-pid"];
  return {
    options: {
      url: url.origin.replace(/^http/, "ws"),
      rooms,
      players,
      hz: whole("hz", values.hz, 1, HZ_MAX),
      format: formatOf(values.format, values.walk),
      isWalking: values.walk,
      clip: values.clip,
      workers: workers === undefined ? undefined : whole("workers", workers, 1, WORKERS_MAX),
      serverPid:
        serverPid === undefined ? localServer(url) : whole("server-pid", serverPid, 1, 2 ** 22),
    },
    seconds: whole("seconds", values.seconds, 1, SECONDS_MAX),
    isJson: values.json,
  };
}

function serverUrl(text: string, isRemoteAllowed: boolean): URL {
  const url = URL.parse(text.replace(/^ws/, "http"));
  if (url === null || !/^(ws|http):/.test(text)) {
    throw new UsageError(`--url ${text}: expected one like ws://127.0.0.1:8080`);
  }
  if (!isRemoteAllowed && !isLoopback(url)) {
    throw new UsageError(`--url ${text}: expected this machine, or --allow-remote beside it`);
  }
  return url;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function formatOf(text: string | undefined, isWalking: boolean): StreamFormat {
  if (isWalking && text !== undefined && text !== "stream") {
    throw new UsageError(`--format ${text}: expected stream with --walk`);
  }
  if (text === undefined) return isWalking ? "stream" : "binary";
  const format = STREAM_FORMATS.find((each) => each === text);
  if (format !== undefined) return format;
  throw new UsageError(`--format ${text}: expected ${STREAM_FORMATS.join(", ")}`);
}

function localServer(url: URL): number | undefined {
  return isLoopback(url) ? pidListeningOn(Number(url.port || 80)) : undefined;
}

async function checkClip(path: string, format: StreamFormat): Promise<void> {
  try {
    void loadMotion(await Bun.file(path).bytes(), format);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--clip ${path}: ${message}`);
  }
}

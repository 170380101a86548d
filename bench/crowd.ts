// A crowd: a room with more players than the bound, in which each receiver is sent only whom it has in sight. What the
// server costs, how late its nearest players reach a receiver, and whether it keeps what it promises.
import { parseFlags, parseWhole } from "../src/flags.ts";
import type { CrowdResult } from "../src/load/crowd-result.ts";
import { LoadSession } from "../src/load/load-session.ts";
import { cpuSecondsOf } from "../src/load/process-usage.ts";
import type { RoomStatus } from "../src/protocol/index.ts";
import { parseSeconds, rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { startAvatarServer } from "./load-server.ts";
import { clipToPublish } from "./made-up-face.ts";
import { median } from "./measure.ts";

// By then the bursts of joining are spent, 500 kB for each receiver, and the engine has compiled what runs for every receiver.
const WARM_UP_MS = 8000;
const WARM_UP_MS_PER_PLAYER = 12;
const STATUS_MS_MAX = 10_000;

const HELP = `npm run bench -- crowd [flags]

Players with full bodies and faces wander between groups in one room. All publish and all receive.

  --players N      2 to 2000 (1000)
  --hz HZ          frames a second of each, 1 to 120 (20)
  --seconds S      time measured, after a warm-up (20)
  --crowd-above N  players up to which the server sends everybody to everybody (100)
  --workers N      processes that generate the load (one less than there are cores, one for 500 players at least)
  --clip FILE      what they publish (dcl-dance with a face of 52 blend shapes, all of which move)
  --json           print one JSON object: {players, hz, serverCores, serverRssMb, nearLatencyMs: {p50, p99},
                   bytesPerReceiverPerSecond: {mean, p99}, inSightMean, starvedMsMax, generatorLimited,
                   selectionShare} and, to read them by: publishedHz, the rate that the generator carried;
                   cpuUsPerUpdate and cpuMsPerReceiverSecond, the server's CPU time for a frame that it sends
                   to a receiver, and for all that a receiver is sent in a second; waitedShare, of the time for which
                   other work had the cores; nearest, the share of a receiver's ten
                   nearest players that were in sight, and of their frames that came; broken, promises not kept`;

export const crowd: Command = {
  summary: "a crowd that walks: cost, latency of who is near, bytes to each",
  help: HELP,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        players: { type: "string", default: "1000" },
        hz: { type: "string", default: "20" },
        seconds: { type: "string", default: "20" },
        "crowd-above": { type: "string", default: "100" },
        workers: { type: "string" },
        clip: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { workers } = values;
    const players = parseWhole(values.players, "--players", { min: 2, max: 2000 });
    const hz = parseWhole(values.hz, "--hz", { min: 1, max: 120 });
    const seconds = parseSeconds(values.seconds, "--seconds");
    const crowdAbove = parseWhole(values["crowd-above"], "--crowd-above", { min: 1, max: 2000 });
    await using clip = await clipToPublish("stream", values.clip);
    await using server = await startAvatarServer([
      `--max-players=${players}`,
      `--crowd-above=${crowdAbove}`,
      // All of them come from this address.
      "--address-share=100",
      "--max-joins-per-second=2000",
    ]);
    await using session = await LoadSession.start({
      url: server.url,
      rooms: 1,
      players,
      hz,
      format: "stream",
      clip: clip.path,
      isWalking: true,
      workers:
        workers === undefined ? undefined : parseWhole(workers, "--workers", { min: 1, max: 16 }),
      serverPid: server.pid,
      warmUpMs: WARM_UP_MS + players * WARM_UP_MS_PER_PLAYER,
    });
    const roomUrl = `${server.url.replace("ws", "http")}/rooms/${session.roomIds[0]}`;
    const before = await selectionUsage(roomUrl, server.pid);
    const result = await session.measureCrowd(seconds);
    const after = await selectionUsage(roomUrl, server.pid);
    if (result.closed.length > 0) {
      throw new Error(`the server closed connections: ${result.closed[0]}`);
    }
    const report = reportOf({ players, hz, seconds }, result, selectionShare(before, after));
    console.log(values.json ? JSON.stringify(report) : rowsOf(report));
  },
};

interface SelectionUsage {
  readonly selectionSeconds: number;
  readonly cpuSeconds: number | undefined;
}

/** What the server has used so far: for its choices of whom each receiver has in sight, and for everything. */
async function selectionUsage(roomUrl: string, pid: number): Promise<SelectionUsage> {
  const response = await fetch(roomUrl, { signal: AbortSignal.timeout(STATUS_MS_MAX) });
  const { selectionSeconds } = (await response.json()) as RoomStatus;
  return { selectionSeconds, cpuSeconds: cpuSecondsOf(pid) };
}

function selectionShare(before: SelectionUsage, after: SelectionUsage): number | null {
  const seconds = after.selectionSeconds - before.selectionSeconds;
  return rounded(seconds / ((after.cpuSeconds ?? NaN) - (before.cpuSeconds ?? NaN)), 3);
}

function reportOf(
  { players, hz, seconds }: { players: number; hz: number; seconds: number },
  result: CrowdResult,
  selectionShareOfCpu: number | null,
) {
  const { sent, delivered, server, nearLatencyMs, bytesPerReceiverPerSecond, generator } = result;
  const cpuUs = (server?.cores ?? NaN) * seconds * 1e6;
  return {
    players,
    hz,
    serverCores: rounded(server?.cores, 3),
    serverRssMb: server === undefined ? null : Math.round(median(server.rssMb)),
    nearLatencyMs: { p50: nearLatencyMs.p50, p99: nearLatencyMs.p99 },
    bytesPerReceiverPerSecond: {
      mean: bytesPerReceiverPerSecond.mean,
      p99: bytesPerReceiverPerSecond.p99,
    },
    inSightMean: rounded(result.inSightMean ?? undefined, 1),
    starvedMsMax: result.starvedMsMax,
    generatorLimited: generator.limits.length > 0,
    selectionShare: selectionShareOfCpu,
    publishedHz: rounded(sent / players / seconds, 2),
    cpuUsPerUpdate: rounded(cpuUs / delivered, 2),
    cpuMsPerReceiverSecond: rounded(cpuUs / 1000 / players / seconds, 3),
    nearest: result.nearest,
    generatorCores: generator.cores.map((cores) => rounded(cores, 2)),
    waitedShare: {
      server: rounded(server?.waitedShare, 2),
      generator: generator.waitedShares.map((share) => rounded(share, 2)),
    },
    limits: generator.limits,
    isCrowd: result.placesCount > 0,
    checked: result.checked,
    broken: result.broken,
  };
}

/** Null if the system does not tell. */
function rounded(value: number | undefined, digits: number): number | null {
  return value === undefined || Number.isNaN(value) ? null : Number(value.toFixed(digits));
}

export type CrowdReport = ReturnType<typeof reportOf>;

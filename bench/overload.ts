// A server with a quarter of a core: its capacity, and what happens at twice that load.
import { parseFlags, parseWhole } from "../src/flags.ts";
import type { LoadResult } from "../src/load/load-result.ts";
import { LoadSession } from "../src/load/load-session.ts";
import { LARGEST_COMMITTED_CLIP } from "./clips.ts";
import { parseSeconds, rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { confine } from "./confine.ts";
import { startAvatarServer } from "./load-server.ts";

const CORES = 0.25;
const HZ = 20;
const PLAYERS_MIN = 16;
// A slow server takes longer to compile its hot paths and to settle at a rate.
const WARM_UP_MS = 5000;
const PLAYERS_MAX = 250;
// Duration of one step of the search for the capacity.
const SEARCH_SECONDS = 3;
// The search ends when it knows the capacity to this many players.
const SEARCH_STEP = 2;
const DELIVERED_SHARE_MIN = 0.99;
const LATENCY_MS_MAX = 100;

const HELP = `npm run bench -- overload [flags]

Confines the server to ${CORES} of a core and finds the largest room of publishers at ${HZ} Hz (binary, dcl-dance)
of which it delivers ${DELIVERED_SHARE_MIN * 100} % with a p99 of latency under ${LATENCY_MS_MAX} ms. Then puts twice as many updates
a second on it (1.41 times the players: everyone sees everyone).

  --seconds S   time measured under the double load (20)
  --capacity N  skip the search: the server carries N players
  --factor F    load, as a multiple of the capacity in updates a second, up to 10 (2)
  --json        print one JSON object`;

export const overload: Command = {
  summary: "a server confined to a quarter of a core under twice the load that it carries",
  help: HELP,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        seconds: { type: "string", default: "20" },
        capacity: { type: "string" },
        factor: { type: "string", default: "2" },
        json: { type: "boolean", default: false },
      },
    });
    const seconds = parseSeconds(values.seconds, "--seconds");
    const factor = parseWhole(values.factor, "--factor", { min: 1, max: 10 });
    const range = { min: PLAYERS_MIN, max: PLAYERS_MAX };
    const given = values.capacity;
    const capacity =
      given === undefined ? await findCapacity() : parseWhole(given, "--capacity", range);
    const players = playersFor(factor * updatesPerSecond(capacity));
    const { method, result } = await measure(players, seconds);
    const report = reportOf({ method, capacity, players, seconds, result });
    console.log(values.json ? JSON.stringify(report) : rowsOf(report));
  },
};

/** Updates a second of a room in which everyone sees everyone. */
function updatesPerSecond(players: number): number {
  return players * (players - 1) * HZ;
}

/** The number of players whose room makes `updates` a second. */
function playersFor(updates: number): number {
  return Math.round((1 + Math.sqrt(1 + (4 * updates) / HZ)) / 2);
}

/** The largest room that the confined server carries: grows by half until it fails, then bisects. */
async function findCapacity(): Promise<number> {
  let [carried, tooMany] = [0, PLAYERS_MIN];
  while (tooMany <= PLAYERS_MAX && (await carriesSurely(tooMany))) {
    [carried, tooMany] = [tooMany, Math.ceil(tooMany * 1.5)];
  }
  if (carried === 0) throw new Error(`the confined server does not carry ${PLAYERS_MIN} players`);
  while (tooMany - carried > SEARCH_STEP) {
    const middle = (carried + tooMany) >> 1;
    if (await carriesSurely(middle)) carried = middle;
    else tooMany = middle;
  }
  return carried;
}

/** Tries twice: on a machine with other work, one failure may be due to that. */
async function carriesSurely(players: number): Promise<boolean> {
  return (await carries(players)) || (await carries(players));
}

async function carries(players: number): Promise<boolean> {
  const { result } = await measure(players, SEARCH_SECONDS);
  const { expected, delivered, skipped, latencyMs } = result;
  // Frames that the server's rate kept back count as not delivered.
  const offered = expected + skipped.rate * (players - 1);
  const isCarried =
    delivered >= offered * DELIVERED_SHARE_MIN && (latencyMs.p99 ?? Infinity) < LATENCY_MS_MAX;
  const share = ((100 * delivered) / offered).toFixed(1);
  console.error(`${players} players: ${share} % delivered, p99 ${latencyMs.p99} ms`);
  return isCarried;
}

async function measure(players: number, seconds: number) {
  await using server = await startAvatarServer();
  using confinement = confine(server.pid, CORES);
  const load = {
    rooms: 1,
    players,
    hz: HZ,
    format: "binary",
    clip: LARGEST_COMMITTED_CLIP,
  } as const;
  await using session = await LoadSession.start({
    ...load,
    url: server.url,
    serverPid: server.pid,
    warmUpMs: WARM_UP_MS,
  });
  const result = await session.measure(seconds);
  if (result.wrong > 0) throw new Error(`${result.wrong} frames differ from what was sent`);
  return { method: confinement.method, result };
}

function reportOf(measured: {
  method: string;
  capacity: number;
  players: number;
  seconds: number;
  result: LoadResult;
}) {
  const { method, capacity, players, seconds, result } = measured;
  const { expected, delivered, superseded, lost, skipped, latencyMs, gapMs, server } = result;
  const rssMb = server?.rssMb ?? [];
  const { cores: generatorCores, limits } = result.generator;
  return {
    confinement: method,
    capacity: { players: capacity, updatesPerSecond: updatesPerSecond(capacity) },
    load: { players, updatesPerSecond: updatesPerSecond(players) },
    expected,
    delivered,
    superseded,
    lost,
    deliveredPerSecond: Math.round(delivered / seconds),
    skippedForRate: skipped.rate,
    rates: result.rates.map(({ atMs, rateHz }) => ({ atMs: Math.round(atMs), rateHz })),
    latencyMs,
    gapMs,
    frozenStreams: result.frozenStreams,
    closed: result.closed.length,
    serverCores: round(server?.cores ?? NaN, 1000),
    rssMb: {
      first: Math.round(rssMb[0]),
      last: Math.round(rssMb.at(-1) ?? NaN),
      perMinute: round(slopePerMinute(rssMb, seconds), 10),
    },
    generatorCores: generatorCores.map((cores) => round(cores, 1000)),
    generatorLimits: limits,
  };
}

function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}

/** The slope of the straight line nearest to the values. */
function slopePerMinute(values: readonly number[], seconds: number): number {
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const times = values.map((_, index) => ((index + 1) / values.length) * (seconds / 60));
  const [meanTime, meanValue] = [mean(times), mean(values)];
  const covariance = mean(
    times.map((time, index) => (time - meanTime) * (values[index] - meanValue)),
  );
  return covariance / mean(times.map((time) => (time - meanTime) ** 2));
}

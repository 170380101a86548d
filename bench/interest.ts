// What it costs to decide what the receivers of a crowd are sent: interest alone, without composing and sending.
import { Interest } from "../src/hub/interest/interest.ts";
import { Selection } from "../src/hub/interest/selection.ts";
import type { Sight } from "../src/hub/interest/sight.ts";
import { parseFlags, UsageError } from "../src/flags.ts";
import { layerOf } from "../src/codec/stream/index.ts";
import { Random } from "../test/random.ts";
import { parseSeconds, rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { heapBytes, median } from "./measure.ts";

const SIZES_DEFAULT = "100,1000,5000";
const HZ = 20;
const TICK_MS = 1000 / HZ;
const WARM_UP_TICKS = 60;
// Players in groups of about this many, who wander from one to another.
const GROUP_PLAYERS = 20;
const GROUP_METRES = 4;
const GROUP_DISTANCE_METRES = 12;
const WALK_METRES_PER_TICK = 1.4 / HZ;
// Bytes of entries by layer: a dancer with a face, benchmarks.md.
const ENTRY_BYTES = [112, 68, 92];
const STATE_BYTES = 190;
const PLACES_BYTES_PER_SECOND = 15_000;

const HELP = `npm run bench -- interest [flags]

Decides, for every player of a crowd, what it is sent of the others at 20 Hz: grid, ranks, classes, budgets, entries.

  --players N,N  sizes of the crowd (${SIZES_DEFAULT})
  --seconds S    of the crowd's time, for each size (5)
  --json         print one JSON array, an object a size:
                 {players, tickMs: {min, p50, max}, selectUs, cores, inSight, near, entriesPerTick,
                  bytesPerReceiverPerSecond, memoryBytesPerReceiver, heapGrowthBytes}`;

/** What one size costs. `cores`: the share of a core that it takes at 20 Hz. */
interface InterestReport {
  readonly players: number;
  readonly tickMs: { readonly min: number; readonly p50: number; readonly max: number };
  /** Mean CPU time for one receiver and tick, everything included. */
  readonly selectUs: number;
  readonly cores: number;
  readonly inSight: number;
  readonly near: number;
  readonly entriesPerTick: number;
  readonly bytesPerReceiverPerSecond: number;
  readonly memoryBytesPerReceiver: number;
  readonly heapGrowthBytes: number;
}

export const interest: Command = {
  summary: "what it costs to decide who is sent what in a crowd",
  help: HELP,
  run(args) {
    const { values } = parseFlags(args, {
      options: {
        players: { type: "string", default: SIZES_DEFAULT },
        seconds: { type: "string", default: "5" },
        json: { type: "boolean", default: false },
      },
    });
    const seconds = parseSeconds(values.seconds, "--seconds");
    const sizes = values.players.split(",").map(parsePlayers);
    const reports = sizes.map((players) => {
      const report = measure(players, seconds);
      if (!values.json) console.log(`${rowsOf(report)}\n`);
      return report;
    });
    if (values.json) console.log(JSON.stringify(reports));
    return Promise.resolve();
  },
};

function parsePlayers(text: string): number {
  const players = Number(text);
  if (Number.isInteger(players) && players >= 2 && players <= 10_000) return players;
  throw new UsageError(`--players ${text}: expected whole numbers from 2 to 10000`);
}

function measure(players: number, seconds: number): InterestReport {
  const crowd = new Crowd(players);
  for (let tick = 0; tick < WARM_UP_TICKS; tick++) crowd.tick();
  crowd.forgetCounts();
  const before = heapBytes();
  const ticks = Math.round(seconds * HZ);
  const times = Array.from({ length: ticks }, () => crowd.tick());
  const heapGrowthBytes = heapBytes() - before;
  const mean = crowd.cpuMs / ticks;
  const round = (value: number): number => Number(value.toPrecision(3));
  return {
    players,
    tickMs: {
      min: round(Math.min(...times)),
      p50: round(median(times)),
      max: round(Math.max(...times)),
    },
    selectUs: round((1000 * mean) / players),
    cores: round(mean / TICK_MS),
    ...crowd.seen(),
    entriesPerTick: round(crowd.entries / ticks / players),
    bytesPerReceiverPerSecond: Math.round(
      crowd.bytes / seconds / players + PLACES_BYTES_PER_SECOND,
    ),
    memoryBytesPerReceiver: Math.round(crowd.memoryBytes / players),
    heapGrowthBytes,
  };
}

/** Everybody publishes at 20 Hz, in phases that are spread evenly, and receives. */
class Crowd {
  entries = 0;
  bytes = 0;
  /** User and system time: other work on the machine does not count. */
  cpuMs = 0;
  readonly memoryBytes: number;
  readonly #random = new Random(1);
  readonly #players: number;
  readonly #interest: Interest;
  readonly #frames;
  readonly #sights: Sight[] = [];
  readonly #selection = new Selection();
  readonly #costs = { stateBytes: () => STATE_BYTES };
  readonly #positions: Float64Array;
  readonly #targets: Float64Array;
  #ticks = 0;

  constructor(players: number) {
    this.#players = players;
    this.#interest = new Interest({ indexCount: players });
    this.#frames = this.#interest.createFrames({ areIndependent: false });
    this.#positions = new Float64Array(2 * players);
    this.#targets = new Float64Array(2 * players);
    for (let player = 0; player < players; player++) this.#setTarget(player);
    this.#positions.set(this.#targets);
    const before = heapBytes();
    for (let own = 0; own < players; own++) {
      this.#sights.push(this.#interest.createSight({ own, nowMs: 0 }));
    }
    this.memoryBytes = heapBytes() - before;
  }

  forgetCounts(): void {
    this.cpuMs = 0;
    this.entries = 0;
    this.bytes = 0;
  }

  /** Means over all receivers. */
  seen(): { inSight: number; near: number } {
    const mean = (count: (sight: Sight) => number): number =>
      Math.round(this.#sights.reduce((sum, sight) => sum + count(sight), 0) / this.#players);
    return { inSight: mean(({ inSight }) => inSight), near: mean((sight) => sight.near) };
  }

  /** @returns milliseconds that interest took. */
  tick(): number {
    const nowMs = 1000 + this.#ticks * TICK_MS;
    this.#ticks++;
    this.#walk();
    const startedMs = performance.now();
    const before = process.cpuUsage();
    this.#interest.beginTick(nowMs);
    this.#frames.begin(nowMs);
    for (let player = 0; player < this.#players; player++) {
      const layer = layerOf(this.#ticks + player);
      this.#frames.add(player, layer, ENTRY_BYTES[layer]);
    }
    for (const sight of this.#sights) {
      sight.select(this.#frames, this.#costs, nowMs, this.#selection);
      sight.budget.charge(this.#bytesOfSelection() + PLACES_BYTES_PER_SECOND / HZ);
    }
    const { user, system } = process.cpuUsage(before);
    this.cpuMs += (user + system) / 1000;
    return performance.now() - startedMs;
  }

  /** As a crowd audience would know from what it has copied. */
  #bytesOfSelection(): number {
    const { count, kinds, frames } = this.#selection;
    let bytes = 13;
    for (let at = 0; at < count; at++) {
      bytes += kinds[at] === 2 ? this.#frames.bytes[frames[at]] : kinds[at] === 1 ? STATE_BYTES : 2;
    }
    this.entries += count;
    this.bytes += bytes;
    return bytes;
  }

  #setTarget(player: number): void {
    const groups = Math.ceil(this.#players / GROUP_PLAYERS);
    const side = Math.ceil(Math.sqrt(groups));
    const group = this.#random.below(groups);
    const jitter = (): number => this.#random.between(-GROUP_METRES, GROUP_METRES);
    this.#targets[2 * player] = (group % side) * GROUP_DISTANCE_METRES + jitter();
    this.#targets[2 * player + 1] = Math.floor(group / side) * GROUP_DISTANCE_METRES + jitter();
  }

  #walk(): void {
    for (let player = 0; player < this.#players; player++) {
      const x = this.#targets[2 * player] - this.#positions[2 * player];
      const z = this.#targets[2 * player + 1] - this.#positions[2 * player + 1];
      const far = Math.hypot(x, z);
      const step = Math.min(1, WALK_METRES_PER_TICK / Math.max(far, WALK_METRES_PER_TICK));
      this.#positions[2 * player] += x * step;
      this.#positions[2 * player + 1] += z * step;
      // Half a minute in a group, and then another.
      if (this.#random.chance(1 / (30 * HZ))) this.#setTarget(player);
      // Places come with frames of layer 0.
      if (layerOf(this.#ticks + player) !== 0) continue;
      this.#interest.grid.set(
        player,
        this.#positions[2 * player],
        0,
        this.#positions[2 * player + 1],
      );
    }
  }
}

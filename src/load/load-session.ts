// A load on a server: worker processes that play rooms full of publishers, and what they measure.
//
//   await using session = await LoadSession.start({ url, rooms: 1, players: 50, hz: 20, ... });
//   const result = await session.measure(10);
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { extname, join } from "node:path";
import { nowMs } from "./clock.ts";
import { roomIdOf } from "./load-client.ts";
import { summarizeCrowd } from "./crowd-result.ts";
import type { CrowdResult } from "./crowd-result.ts";
import { summarize } from "./load-result.ts";
import type { LoadResult, Measured } from "./load-result.ts";
import type { FromWorker, LoadShape, MeasuredPart, Seat, ToWorker } from "./messages.ts";
import { cpuSecondsOf, rssMbOf, waitedSecondsOf } from "./process-usage.ts";
import type { ServerUsage } from "./process-usage.ts";

const WARM_UP_MS = 2000;
const DRAIN_MS = 1000;
// The workers hear of a measurement this long before it begins.
const NOTICE_MS = 200;
// A receiver of a crowd takes about 1.5 ms of CPU a second, and encoding what it publishes 0.4 ms.
const WORKER_PLAYERS_MAX = 500;
const SAMPLE_INTERVAL_MS = 250;
// Besides 60 ms for each player: everybody is told of everybody.
const JOIN_MS_MAX = 30_000;
const JOIN_MS_MAX_PER_PLAYER = 60;
const REPLY_MS_MAX = 15_000;
const END_MS_MAX = 2000;

export interface LoadOptions extends Omit<LoadShape, "prefix" | "isWalking"> {
  /** Players wander, as in a crowd: `measureCrowd` measures it. Of the stream format only. */
  readonly isWalking?: boolean;
  /** The server's process, if it runs on this machine: its CPU and memory are measured. */
  readonly serverPid?: number | undefined;
  /** Number of worker processes. Default: one less than there are cores, to leave one to the server, and one for 500 players at least. */
  readonly workers?: number | undefined;
  readonly warmUpMs?: number;
}

export class LoadSession implements AsyncDisposable {
  readonly #shape: LoadShape;
  readonly #serverPid: number | undefined;
  readonly #workers: readonly WorkerProcess[];

  /** Joins all players and publishes until the warm-up is over. @throws {Error} if a client cannot join. */
  static async start(options: LoadOptions): Promise<LoadSession> {
    const session = new LoadSession(options);
    try {
      await session.#begin(options.warmUpMs ?? WARM_UP_MS);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: LoadOptions) {
    const {
      serverPid,
      workers,
      url,
      rooms,
      players,
      hz,
      format,
      clip,
      isWalking = false,
    } = options;
    const prefix = `load-${crypto.randomUUID().slice(0, 8)}`;
    this.#shape = { url, rooms, players, hz, format, clip, isWalking, prefix };
    this.#serverPid = serverPid;
    const seatCount = rooms * players;
    const count = Math.min(workers ?? defaultWorkers(seatCount), seatCount);
    this.#workers = Array.from({ length: count }, () => new WorkerProcess());
  }

  get roomIds(): readonly string[] {
    return Array.from({ length: this.#shape.rooms }, (_, room) => roomIdOf(this.#shape, room));
  }

  /** Measures the frames that are sent in the next `seconds`. @throws {Error} if a worker fails. */
  async measure(seconds: number): Promise<LoadResult> {
    return summarize(await this.#measure(seconds));
  }

  /** The same where players are walking. @throws {Error} if a worker fails. */
  async measureCrowd(seconds: number): Promise<CrowdResult> {
    return summarizeCrowd(await this.#measure(seconds));
  }

  async #measure(seconds: number): Promise<Measured> {
    const startMs = nowMs() + NOTICE_MS;
    const endMs = startMs + seconds * 1000;
    const message = { type: "measure", startMs, endMs, drainMs: DRAIN_MS } as const;
    const timeoutMs = NOTICE_MS + seconds * 1000 + DRAIN_MS + REPLY_MS_MAX;
    const [server, ...parts] = await Promise.all([
      this.#observeServer(startMs, endMs),
      ...this.#workers.map((worker) => worker.measure(message, timeoutMs)),
    ]);
    return { shape: this.#shape, server, parts, seconds };
  }

  /** Ends the workers: first asked to, so that the players leave, then by force. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  async #begin(warmUpMs: number): Promise<void> {
    const { rooms, players } = this.#shape;
    const seats = Array.from({ length: rooms * players }, (_, place): Seat => {
      return { room: Math.floor(place / players), player: place % players };
    });
    const count = this.#workers.length;
    await Promise.all(
      this.#workers.map((worker, index) =>
        worker.join(
          {
            type: "join",
            shape: this.#shape,
            // Worker i takes every n-th player, which keeps the phases even within each process.
            seats: seats.filter((_, place) => place % count === index),
          },
          JOIN_MS_MAX + seats.length * JOIN_MS_MAX_PER_PLAYER,
        ),
      ),
    );
    const epochMs = nowMs() + NOTICE_MS;
    for (const worker of this.#workers) worker.send({ type: "publish", epochMs });
    await Bun.sleep(NOTICE_MS + warmUpMs);
  }

  async #observeServer(startMs: number, endMs: number): Promise<ServerUsage | undefined> {
    const pid = this.#serverPid;
    if (pid === undefined) return undefined;
    await Bun.sleep(startMs - nowMs());
    const [before, waitedBefore, beganMs] = [cpuSecondsOf(pid), waitedSecondsOf(pid), nowMs()];
    const rssMb: number[] = [];
    while (nowMs() < endMs) {
      await Bun.sleep(Math.min(SAMPLE_INTERVAL_MS, Math.max(0, endMs - nowMs())));
      rssMb.push(rssMbOf(pid) ?? 0);
    }
    const [after, waitedAfter, endedMs] = [cpuSecondsOf(pid), waitedSecondsOf(pid), nowMs()];
    if (before === undefined || after === undefined) return undefined;
    const seconds = (endedMs - beganMs) / 1000;
    const waited = (waitedAfter ?? NaN) - (waitedBefore ?? NaN);
    const waitedShare = Number.isNaN(waited) ? undefined : waited / seconds;
    return { cores: (after - before) / seconds, waitedShare, rssMb };
  }
}

function defaultWorkers(players: number): number {
  return Math.max(1, availableParallelism() - 1, Math.ceil(players / WORKER_PLAYERS_MAX));
}

// From source (.ts) and in the package (.js) the worker is bun with the command line's module. Compiled, it is
// this same program.
const COMMAND_LINE = join(import.meta.dir, "..", "cli", `main${extname(import.meta.path)}`);

function workerCommand(): string[] {
  const fromSource = existsSync(COMMAND_LINE) ? [COMMAND_LINE] : [];
  return [process.execPath, ...fromSource, "load", "--worker"];
}

class WorkerProcess {
  readonly #child: Bun.Subprocess;
  readonly #failed: Promise<never>;
  readonly #waiting = new Map<FromWorker["type"], (message: FromWorker) => void>();

  constructor() {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    this.#failed = failed;
    // A failure is thrown to whoever waits for an answer. Unhandled, it would end the process.
    failed.catch(() => {});
    this.#child = Bun.spawn(workerCommand(), {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (message: FromWorker) => {
        if (message.type === "failed") reject(new Error(message.message));
        else this.#waiting.get(message.type)?.(message);
      },
      onExit: (_, code) => reject(new Error(`a worker process ended with ${code}`)),
    });
    process.once("exit", this.#kill);
  }

  async join(message: ToWorker, timeoutMs: number): Promise<void> {
    await this.#reply("ready", timeoutMs);
    this.send(message);
    await this.#reply("joined", timeoutMs);
  }

  async measure(message: ToWorker, timeoutMs: number): Promise<MeasuredPart> {
    this.send(message);
    const reply = await this.#reply("measured", timeoutMs);
    if (reply.type !== "measured") throw new Error(`expected measured, got ${reply.type}`);
    return reply.part;
  }

  send(message: ToWorker): void {
    this.#child.send(message);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null) this.send({ type: "end" });
    await Promise.race([this.#child.exited, Bun.sleep(END_MS_MAX)]);
    this.#kill();
    await this.#child.exited;
    process.off("exit", this.#kill);
  }

  readonly #kill = (): void => this.#child.kill("SIGKILL");

  #reply(type: FromWorker["type"], timeoutMs: number): Promise<FromWorker> {
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
    this.#waiting.set(type, resolve);
    const timeout = setTimeout(
      () => reject(new Error(`a worker is silent: no ${type}`)),
      timeoutMs,
    );
    return Promise.race([promise, this.#failed]).finally(() => clearTimeout(timeout));
  }
}

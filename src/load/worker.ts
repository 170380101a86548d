// A worker process of a load: a share of its clients, driven by the coordinator's messages.
import { nowMs } from "./clock.ts";
import { Histogram } from "./histogram.ts";
import { CrowdReceivers } from "./crowd-receivers.ts";
import { LoadClient } from "./load-client.ts";
import type { LoadReceivers } from "./load-receivers.ts";
import { loadMotion } from "./motion-file.ts";
import type { LoadMotion } from "./load-motion.ts";
import type { FromWorker, LoadShape, MeasuredPart, RateTold, Seat, ToWorker } from "./messages.ts";
import { waitedSecondsOf } from "./process-usage.ts";
import { RoomReceivers } from "./room-receivers.ts";
import { Walks } from "./walk.ts";
import { Window } from "./window.ts";

const ACKNOWLEDGE_INTERVAL_MS = 50;
const PING_INTERVAL_MS = 2000;
// Where publishing takes all that there is of a core, what has arrived is read in between.
const PUBLISH_MS_MAX = 5;

// Handshakes under way at once: a burst of hundreds would overflow the listener's queue.
const JOINS_AT_ONCE = 16;

/** Works for the process that started this one, and ends with it. */
export function runLoadWorker(): Promise<never> {
  let worker: LoadWorker | undefined;
  const say = (message: FromWorker) => process.send?.(message);
  const handle = async (message: ToWorker): Promise<void> => {
    switch (message.type) {
      case "join":
        worker = await LoadWorker.start(message.shape, message.seats);
        await worker.join(message.seats);
        return void say({ type: "joined" });
      case "publish":
        return worker?.publish(message.epochMs);
      case "measure":
        if (worker === undefined) return;
        return void say({ type: "measured", part: await worker.measure(message) });
      case "end":
        await worker?.end();
        process.exit(0);
    }
  };
  process.on("message", (message) => {
    handle(message as ToWorker).catch((error: unknown) => {
      say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    });
  });
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C in a terminal reaches this process too. The coordinator handles it and ends the workers.
  process.on("SIGINT", () => {});
  say({ type: "ready" });
  return new Promise(() => {});
}

class LoadWorker {
  readonly #shape: LoadShape;
  readonly #intervalMs: number;
  readonly #motion: LoadMotion;
  readonly #receivers: LoadReceivers;
  readonly #lateness = new Histogram();
  readonly #clients: LoadClient[] = [];
  #rates: { room: number; ms: number; rateHz: number }[] = [];
  #epochMs = 0;
  // The client whose turn is next: clients send in turn, each at its own phase.
  #turn = 0;
  #round = 0;
  #skippedLate = 0;
  #isEnding = false;

  static async start(shape: LoadShape, seats: readonly Seat[]): Promise<LoadWorker> {
    const walks = shape.isWalking ? new Walks(shape.players) : undefined;
    const motion = loadMotion(await Bun.file(shape.clip).bytes(), shape.format, walks);
    const receivers =
      walks === undefined
        ? new RoomReceivers(shape, seats, motion)
        : new CrowdReceivers(shape, motion, walks);
    return new LoadWorker(shape, motion, receivers);
  }

  private constructor(shape: LoadShape, motion: LoadMotion, receivers: LoadReceivers) {
    this.#shape = shape;
    this.#intervalMs = 1000 / shape.hz;
    this.#motion = motion;
    this.#receivers = receivers;
  }

  async join(seats: readonly Seat[]): Promise<void> {
    const [shape, motion, measured] = [this.#shape, this.#motion, this.#receivers];
    // Sorted by phase.
    const inTurn = seats.toSorted((a, b) => a.player - b.player || a.room - b.room);
    for (let start = 0; start < inTurn.length; start += JOINS_AT_ONCE) {
      const clients = inTurn.slice(start, start + JOINS_AT_ONCE).map((seat) => {
        return new LoadClient({ shape, seat, motion, receiver: measured.create(seat), measured });
      });
      this.#clients.push(...clients);
      await Promise.all(clients.map(({ joined }) => joined));
    }
    // All receivers of a room are sent the same, so one of them is enough to watch it.
    for (const client of this.#clients) {
      const { room, player } = client.seat;
      if (player > 0) continue;
      client.onRate = (rateHz) => this.#rates.push({ room, ms: nowMs(), rateHz });
    }
    setInterval(
      () => this.#clients.forEach((client) => client.acknowledge()),
      ACKNOWLEDGE_INTERVAL_MS,
    );
    setInterval(() => this.#clients.forEach((client) => client.ping()), PING_INTERVAL_MS);
  }

  publish(epochMs: number): void {
    this.#epochMs = epochMs;
    this.#receivers.begin(epochMs);
    this.#publishDue();
  }

  async measure({ startMs, endMs, drainMs }: { startMs: number; endMs: number; drainMs: number }) {
    const { rooms, players } = this.#shape;
    const phasesMs = Array.from({ length: rooms * players }, (_, place) =>
      this.#phaseMs({ room: Math.floor(place / players), player: place % players }),
    );
    const intervalMs = this.#intervalMs;
    this.#clear();
    this.#receivers.window = new Window({
      epochMs: this.#epochMs,
      startMs,
      endMs,
      phasesMs,
      intervalMs,
    });
    await Bun.sleep(Math.max(0, startMs - nowMs()));
    this.#lateness.clear();
    const cpuBefore = process.cpuUsage();
    const waitedBefore = waitedSecondsOf(process.pid) ?? 0;
    const beganMs = nowMs();
    await Bun.sleep(Math.max(0, endMs - nowMs()));
    const cpu = process.cpuUsage(cpuBefore);
    const ms = nowMs() - beganMs;
    const cores = (cpu.user + cpu.system) / 1000 / ms;
    const waitedShare = (((waitedSecondsOf(process.pid) ?? 0) - waitedBefore) * 1000) / ms;
    const lateness = this.#lateness.counts();
    await Bun.sleep(drainMs);
    return this.#part({ startMs, cores, waitedShare, lateness });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    for (const client of this.#clients) client.leave();
    // The goodbyes go out before the process does.
    await Bun.sleep(100);
  }

  #clear(): void {
    this.#receivers.clear();
    this.#skippedLate = 0;
    for (const client of this.#clients) client.clear();
  }

  /** Phases differ between rooms too, so that their players 0 do not send at the same moment. */
  #phaseMs({ room, player }: { room: number; player: number }): number {
    const { rooms, players } = this.#shape;
    return ((player + room / rooms) / players) * this.#intervalMs;
  }

  #dueMs(): number {
    return (
      this.#epochMs + this.#round * this.#intervalMs + this.#phaseMs(this.#clients[this.#turn].seat)
    );
  }

  #publishDue(): void {
    if (this.#isEnding) return;
    let dueMs = this.#dueMs();
    const untilMs = nowMs() + PUBLISH_MS_MAX;
    for (let now = nowMs(); dueMs <= now && now < untilMs; now = nowMs()) {
      const client = this.#clients[this.#turn];
      if (now - dueMs < this.#intervalMs) {
        this.#lateness.add(now - dueMs);
        client.publish();
      } else {
        // A whole interval late: the next one is due already.
        client.skip();
        this.#skippedLate++;
      }
      this.#turn = (this.#turn + 1) % this.#clients.length;
      if (this.#turn === 0) this.#round++;
      dueMs = this.#dueMs();
    }
    setTimeout(() => this.#publishDue(), Math.max(0, dueMs - nowMs()));
  }

  #part(measured: {
    startMs: number;
    cores: number;
    waitedShare: number;
    lateness: MeasuredPart["lateness"];
  }): MeasuredPart {
    const { startMs, cores, waitedShare, lateness } = measured;
    const clients = this.#clients;
    const sum = (count: (client: LoadClient) => number) =>
      clients.reduce((total, client) => total + count(client), 0);
    return {
      sent: clients.map(({ seat, sent }) => ({ seat, count: sent })),
      sentBytes: sum((client) => client.sentBytes),
      receipts: this.#receivers.part(),
      rates: this.#rates.map(({ room, ms, rateHz }): RateTold => ({
        room,
        atMs: ms - startMs,
        rateHz,
      })),
      skipped: {
        backpressure: sum((client) => client.skippedForBackpressure),
        rate: sum((client) => client.skippedForRate),
        late: this.#skippedLate,
      },
      lateness,
      cores,
      waitedShare,
      closed: clients.flatMap(({ closedBy }) => closedBy ?? []),
    };
  }
}

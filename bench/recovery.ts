// Joining a large room, stalling in it, and losing the connection: what it takes to recover, and whether the
// others notice.
import { join as joinPath } from "node:path";
import type { StreamFormat } from "../src/codec/index.ts";
import { parseFlags, parseWhole } from "../src/flags.ts";
import { nowMs } from "../src/load/clock.ts";
import { loadMotion } from "../src/load/motion-file.ts";
import type { LoadMotion } from "../src/load/load-motion.ts";
import type { LoadResult } from "../src/load/load-result.ts";
import { LoadSession } from "../src/load/load-session.ts";
import { low32Us } from "../src/load/window.ts";
import { BatchReader, EntryKind, revisionByNumber } from "../src/protocol/index.ts";
import { atEnd } from "./at-end.ts";
import { rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { startAvatarServer } from "./load-server.ts";
import type { LoadServer } from "./load-server.ts";
import { parseFormat } from "./fanout.ts";
import { measureJoinBytes } from "./join-bytes.ts";
import { clipToPublish } from "./made-up-face.ts";
import { median } from "./measure.ts";
import { Watcher } from "./watcher.ts";
import type { BatchNote } from "./watcher.ts";

const HZ = 20;
// Shorter than the 10 s after which the server gives a silent receiver up.
const STALL_SECONDS = 5;
// With --per-second 6 % of the payloads are compared, so that comparing does not keep the machine busy. A prime.
const CHECK_EVERY = 17;
// A newcomer stays for a few batches, or as long as a busy machine needs to send one.
const STAY_MS = 150;
const NEXT_BATCH_MS_MAX = 5000;
const RECEIVER = joinPath(import.meta.dir, "stalling-receiver.ts");

interface Room {
  readonly server: LoadServer;
  readonly session: LoadSession;
  readonly roomId: string;
  readonly players: number;
  readonly format: StreamFormat;
  readonly motion: LoadMotion;
}

/** A room in which `players` publish the clip at `path`, else the dance, in the stream encoding with a face. */
async function inRoom<T>(
  players: number,
  format: StreamFormat,
  use: (room: Room) => Promise<T>,
  path?: string,
): Promise<T> {
  await using server = await startAvatarServer();
  await using clip = await clipToPublish(format, path);
  await using session = await LoadSession.start({
    rooms: 1,
    players,
    hz: HZ,
    format,
    clip: clip.path,
    url: server.url,
    serverPid: server.pid,
  });
  const motion = loadMotion(await Bun.file(clip.path).bytes(), format);
  return await use({ server, session, roomId: session.roomIds[0], players, format, motion });
}

function assert(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/**
 * Milliseconds from the connect of a newcomer until it has read everyone's state. The frames of every
 * `checkEvery`-th player, in full state and after it, are compared with what was sent.
 */
async function timeJoin(
  room: Room,
  newcomer: number,
  checkEvery: number,
): Promise<{ connectMs: number; joinMs: number }> {
  const { server, roomId, players, format, motion } = room;
  const inspector = motion.inspector(players);
  const newest = new Map<number, { revision: number; number: number }>();
  const seen = { players: 0, wrong: 0 };
  let joinedMs = 0;
  const onBatch = (bytes: Uint8Array<ArrayBuffer>) => {
    const batch = new BatchReader(bytes);
    if (joinedMs === 0 && !batch.isFullState) seen.wrong++;
    while (batch.next()) {
      const { playerIndex, kind } = batch;
      const isChecked = (playerIndex + newcomer) % checkEvery === 0;
      if (kind === EntryKind.Skeleton) {
        // Another player's entry may be of the same skeleton, without its payload.
        inspector.inspect(isChecked ? playerIndex : -1, { batch, revision: 0 }, false);
      } else if (kind === EntryKind.Frame) {
        const last = newest.get(playerIndex) ?? { revision: -1, number: 0 };
        const { number } = batch.frame;
        const revision = batch.revision ?? revisionByNumber(last, number);
        if (revision <= last.revision) continue;
        newest.set(playerIndex, { revision, number });
        const entry = { batch, revision };
        if (isChecked && inspector.inspect(playerIndex, entry, true) !== true) seen.wrong++;
      }
    }
    if (joinedMs > 0) return;
    joinedMs = nowMs();
    seen.players = newest.size;
  };
  const startedMs = nowMs();
  const player = `newcomer-${newcomer}`;
  const watcher = new Watcher({ url: server.url, room: roomId, player, format, onBatch });
  await watcher.welcome;
  const welcomedMs = nowMs();
  await watcher.firstBatch;
  assert(seen.players === players, `the full state has ${seen.players} of ${players} players`);
  const deadlineMs = nowMs() + NEXT_BATCH_MS_MAX;
  do await Bun.sleep(STAY_MS);
  while (watcher.batches.length < 2 && nowMs() < deadlineMs);
  assert(watcher.batches.length > 1, "nothing came after the full state");
  const [full, next] = watcher.batches;
  assert(next.sequence > full.sequence, "the batch after the full state is not newer");
  watcher.leave();
  assert(seen.wrong === 0, `${seen.wrong} frames are not what was sent`);
  return { connectMs: welcomedMs - startedMs, joinMs: joinedMs - startedMs };
}

/** Newcomers at a steady rate; measures what the others receive before and meanwhile. */
async function joinSteadily(room: Room, joins: number, perSecond: number) {
  const seconds = Math.ceil(joins / perSecond);
  const undisturbed = await room.session.measure(seconds);
  const measuring = room.session.measure(seconds);
  const startMs = nowMs();
  const joining: ReturnType<typeof timeJoin>[] = [];
  for (let each = 0; each < joins; each++) {
    await Bun.sleep(Math.max(0, startMs + (each * 1000) / perSecond - nowMs()));
    joining.push(timeJoin(room, each, CHECK_EVERY));
  }
  const times = await Promise.all(joining);
  const meanwhile = await measuring;
  for (const { wrong } of [undisturbed, meanwhile])
    assert(wrong === 0, `${wrong} frames are wrong`);
  const others = ({ expected, delivered, latencyMs, server, generator }: LoadResult) => ({
    p99Ms: latencyMs.p99,
    missed: expected - delivered,
    serverCores: server === undefined ? null : Math.round(server.cores * 1000) / 1000,
    generatorLimited: generator.limits.length > 0,
  });
  return {
    players: room.players,
    joins,
    perSecond,
    welcomeMs: quantilesOf(times.map(({ connectMs }) => connectMs)),
    fullStateMs: quantilesOf(times.map(({ joinMs }) => joinMs)),
    others: { undisturbed: others(undisturbed), meanwhile: others(meanwhile) },
  };
}

/** Starts a receiver that can be stopped; `stop` and `go` are signals to its process. */
async function startReceiver({ server, roomId }: Room) {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let onNotes: (notes: BatchNote[]) => void = () => {};
  const child = Bun.spawn([process.execPath, RECEIVER, server.url, roomId], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message: "ready" | BatchNote[]) => (message === "ready" ? resolve() : onNotes(message)),
  });
  const kill = atEnd(() => child.kill("SIGKILL"));
  await ready;
  return {
    stop: () => child.kill("SIGSTOP"),
    go: () => child.kill("SIGCONT"),
    notes() {
      const { promise, resolve: resolveNotes } = Promise.withResolvers<BatchNote[]>();
      onNotes = resolveNotes;
      child.send("notes");
      return promise;
    },
    async [Symbol.asyncDispose]() {
      kill();
      await child.exited;
    },
  };
}

interface StallTurn {
  readonly undisturbed: LoadResult;
  readonly stalled: LoadResult;
  readonly inFlight: number;
  readonly fullStateMs: number;
}

/** What a receiver got after a stall. @throws {Error} if a rule was broken. */
function checkReturn(notes: readonly BatchNote[], stoppedMs: number, wentOnMs: number) {
  const after = notes.filter(({ atMs }) => atMs > stoppedMs);
  const fullAt = after.findIndex(({ isFullState }) => isFullState);
  assert(fullAt >= 0, "no full state came after the stall");
  const [inFlight, full, next] = [after.slice(0, fullAt), after[fullAt], after[fullAt + 1]];
  assert(
    inFlight.every(({ sequence }) => sequence <= full.sequence),
    "a batch in flight is newer than the full state",
  );
  assert(next.sequence === full.sequence + 1, "a batch is missing after the full state");
  return { inFlight: inFlight.length, fullStateMs: full.atMs - wentOnMs };
}

/** Cuts a publisher's connection within a frame and resumes. Returns milliseconds until full state. */
async function timeResume(room: Room, player: string): Promise<number> {
  const { server, roomId, motion } = room;
  const publication = motion.publication(0, 0);
  using proxy = startCuttingProxy({ port: Number(new URL(server.url).port), now: nowMs });
  const publish = (watcher: Watcher) => {
    const send = () => watcher.send(publication.next(low32Us(nowMs())));
    return setInterval(send, 1000 / HZ);
  };
  const before = new Watcher({ url: `ws://127.0.0.1:${proxy.port}`, room: roomId, player });
  const { resumeKey } = await before.welcome;
  const timer = publish(before);
  await Bun.sleep(200);
  const cutMs = await proxy.cut();
  clearInterval(timer);
  await before.closed;
  const resume = { resumeKey: resumeKey ?? "" };
  const after = new Watcher({ url: server.url, room: roomId, player, ...resume });
  const { resumed } = await after.welcome;
  assert(resumed, "the session did not resume");
  const batch = new BatchReader(await after.firstBatch);
  assert(batch.isFullState, "the first batch after the resume is not full state");
  const resumedMs = nowMs() - cutMs;
  const publishing = publish(after);
  await Bun.sleep(200);
  clearInterval(publishing);
  after.leave();
  return resumedMs;
}

const quantilesOf = (values: readonly number[]) => ({
  p50: round(median(values)),
  // With about 50 values the p99 is the largest.
  p99: round(values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]),
});

const round = (value: number) => Math.round(value * 10) / 10;

function print(isJson: boolean, report: object): void {
  console.log(isJson ? JSON.stringify(report) : rowsOf(report));
}

const ROOM_FLAGS = {
  players: { type: "string", default: "50" },
  json: { type: "boolean", default: false },
} as const;

const playersOf = (text: string) => parseWhole(text, "--players", { min: 5, max: 500 });

export const join: Command = {
  summary: "a newcomer to a full room: milliseconds until it sees everyone",
  help: `npm run bench -- join [--players N] [--joins N] [--format F] [--clip FILE] [--per-second N] [--json]

Newcomers join a room of N publishers (50), one after another (50). The first batch must be everyone's full
state; every payload in it, and of the batches after it, is compared with what was sent. In the stream format
it also prints the bytes of a join, first and with known skeletons. With --per-second
they join at that rate instead, 1 of ${CHECK_EVERY} payloads is compared, and what the others receive is measured
without them and with them.`,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        ...ROOM_FLAGS,
        joins: { type: "string", default: "50" },
        format: { type: "string", default: "binary" },
        clip: { type: "string" },
        "per-second": { type: "string" },
      },
    });
    const joins = parseWhole(values.joins, "--joins", { min: 1, max: 1000 });
    const rate = values["per-second"];
    const perSecond =
      rate === undefined ? undefined : parseWhole(rate, "--per-second", { min: 1, max: 200 });
    const measure = async (room: Room) => {
      if (perSecond !== undefined) {
        return print(values.json, await joinSteadily(room, joins, perSecond));
      }
      const times: Awaited<ReturnType<typeof timeJoin>>[] = [];
      for (let each = 0; each < joins; each++) times.push(await timeJoin(room, each, 1));
      const { format, roomId } = room;
      const joined = { url: room.server.url, room: roomId, format };
      print(values.json, {
        players: room.players,
        joins,
        welcomeMs: quantilesOf(times.map(({ connectMs }) => connectMs)),
        fullStateMs: quantilesOf(times.map(({ joinMs }) => joinMs)),
        ...(format === "stream" && { bytes: await measureJoinBytes(joined) }),
      });
    };
    await inRoom(playersOf(values.players), parseFormat(values.format), measure, values.clip);
  },
};

export const stall: Command = {
  summary: "a receiver that stops reading: what the others notice, and how it comes back",
  help: `npm run bench -- stall [--players N] [--rounds N] [--json]

A receiver's process is stopped for ${STALL_SECONDS} s and a little in a room of N publishers (50), which are measured in turns
without and with that (3 rounds; medians count).`,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        ...ROOM_FLAGS,
        rounds: { type: "string", default: "3" },
      },
    });
    const rounds = parseWhole(values.rounds, "--rounds", { min: 1, max: 20 });
    await inRoom(playersOf(values.players), "binary", async (room) => {
      await using receiver = await startReceiver(room);
      const turns: StallTurn[] = [];
      for (let each = 0; each < rounds; each++) {
        const undisturbed = await room.session.measure(STALL_SECONDS);
        const stoppedMs = nowMs();
        receiver.stop();
        const stalled = await room.session.measure(STALL_SECONDS);
        const wentOnMs = nowMs();
        receiver.go();
        await Bun.sleep(1000);
        const back = checkReturn(await receiver.notes(), stoppedMs, wentOnMs);
        turns.push({ undisturbed, stalled, ...back });
      }
      const p99 = (kind: "undisturbed" | "stalled") =>
        median(turns.map((turn) => turn[kind].latencyMs.p99 ?? NaN));
      const ratio = p99("stalled") / p99("undisturbed");
      print(values.json, {
        players: room.players,
        rounds,
        p99Ms: { undisturbed: p99("undisturbed"), stalled: p99("stalled") },
        ratio: Math.round(ratio * 100) / 100,
        othersMissed: turns.reduce(
          (sum, { stalled }) => sum + stalled.expected - stalled.delivered,
          0,
        ),
        batchesInFlight: Math.max(...turns.map(({ inFlight }) => inFlight)),
        fullStateMs: quantilesOf(turns.map(({ fullStateMs }) => fullStateMs)),
        serverRssMb: Math.round(
          Math.max(...turns.flatMap(({ stalled }) => stalled.server?.rssMb ?? [])),
        ),
      });
    });
  },
};

export const resume: Command = {
  summary: "a connection that breaks within a frame: milliseconds until it is back, unseen",
  help: `npm run bench -- resume [--players N] [--drops N] [--json]

A publisher in a room of N (50) loses its connection in the middle of a frame and resumes its session, again
and again (20). Nobody may be told that it left or joined meanwhile.`,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        ...ROOM_FLAGS,
        drops: { type: "string", default: "20" },
      },
    });
    const drops = parseWhole(values.drops, "--drops", { min: 1, max: 1000 });
    await inRoom(playersOf(values.players), "binary", async (room) => {
      const observer = new Watcher({ url: room.server.url, room: room.roomId });
      await observer.firstBatch;
      const times: number[] = [];
      for (let each = 0; each < drops; each++) {
        times.push(await timeResume(room, "dropped"));
        const told = observer.controls.map(({ type }) => type);
        const joined = told.filter((type) => type === "joined").length;
        assert(joined === each + 1, `others were told of ${joined} joins, expected ${each + 1}`);
        observer.send(JSON.stringify({ type: "ping", id: each }));
      }
      observer.leave();
      print(values.json, { players: room.players, drops, resumeMs: quantilesOf(times) });
    });
  },
};

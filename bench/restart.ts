// A server that is killed and started again under connected clients: how long until all are back.
import { join } from "node:path";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom } from "../src/client/index.ts";
import { parseFlags, parseWhole } from "../src/flags.ts";
import { nowMs } from "../src/load/clock.ts";
import { rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { median } from "./measure.ts";
import { startServerProcess } from "./server-process.ts";

const MAIN = join(import.meta.dir, "..", "src", "cli", "main.ts");
// Longer than the longest wait between two attempts: nobody comes back early because it has just begun to try.
const AWAY_MS = 5000;
const BACK_MS_MAX = 30_000;
const WINDOW_MS = 500;

const startOn = (port: number) =>
  startServerProcess([process.execPath, MAIN, "--host", "127.0.0.1", "--port", String(port)]);

/** Kills the server under these clients; milliseconds from when it listens again until each has joined. */
async function timeRestart(clients: number): Promise<number[]> {
  const first = await startOn(0);
  const options = (index: number) => ({ room: "crowd", player: `p${index}` });
  const rooms = Array.from({ length: clients }, (_, index) => connect(first.url, options(index)));
  await Promise.all(rooms.map(({ ready }) => ready));
  const keys = rooms.map(({ resumeKey }) => resumeKey);
  // SIGKILL.
  await first[Symbol.asyncDispose]();
  await Bun.sleep(AWAY_MS);
  const joined = rooms.map(timeJoined);
  await using second = await startOn(Number(new URL(first.url).port));
  const startedMs = nowMs();
  if (second.url !== first.url) throw new Error("the server has another address");
  const joinedMs = await Promise.all(joined);
  if (rooms.some(({ resumeKey }, index) => resumeKey !== keys[index])) {
    throw new Error("a client has lost its key");
  }
  for (const room of rooms) room.leave();
  // A client that joins between listening and its message counts as 0.
  return joinedMs.map((each) => Math.max(0, each - startedMs));
}

function timeJoined(room: AvatarRoom): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("a client is not back")),
      AWAY_MS + BACK_MS_MAX,
    );
    room.on("state", ({ name }) => {
      if (name !== "joined") return;
      clearTimeout(timer);
      resolve(nowMs());
    });
  });
}

export const restart: Command = {
  summary: "a server that is killed and started again: milliseconds until all are back",
  help: `npm run bench -- restart [--clients N] [--rounds N] [--json]

N clients (50) are in a room. The server's process is killed and started again ${AWAY_MS / 1000} s later, in a few
rounds (3). Counted from the moment when it listens: when half of the clients and when the last has joined, and
how many joined within the busiest ${WINDOW_MS} ms.`,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        clients: { type: "string", default: "50" },
        rounds: { type: "string", default: "3" },
        json: { type: "boolean", default: false },
      },
    });
    const clients = parseWhole(values.clients, "--clients", { min: 1, max: 500 });
    const rounds = parseWhole(values.rounds, "--rounds", { min: 1, max: 20 });
    const turns: number[][] = [];
    for (let each = 0; each < rounds; each++) turns.push(await timeRestart(clients));
    const busiest = (times: readonly number[]) =>
      Math.max(
        ...times.map((from) => times.filter((at) => at >= from && at < from + WINDOW_MS).length),
      );
    const report = {
      clients,
      rounds,
      halfBackMs: Math.round(median(turns.flat())),
      lastBackMs: turns.map((times) => Math.round(Math.max(...times))),
      busiestHalfSecond: Math.max(...turns.map(busiest)),
    };
    console.log(values.json ? JSON.stringify(report) : rowsOf(report));
  },
};

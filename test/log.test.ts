// The log of a running server: a line a connection event, and nothing that is a stranger's or a secret.
import { expect, test } from "bun:test";
import { WebSocket } from "ws";
import { encodeJson } from "../src/codec/index.ts";
import { smallFrame } from "./frames.ts";
import { startCommandLine } from "./process.ts";
import type { CommandLine } from "./process.ts";

const SECRET = "a-resume-key-that-nobody-may-read";

/** Joins, publishes nothing, and ends the connection. */
async function visit(server: CommandLine, message: object): Promise<void> {
  const url = `${server.url.replace("http", "ws")}/rooms/lobby/stream`;
  const socket = new WebSocket(url, "avatar-sync.v1.json");
  await new Promise((resolve, reject) => {
    socket.on("open", () => socket.send(JSON.stringify({ type: "join", ...message })));
    socket.on("message", resolve);
    socket.on("error", reject);
  });
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.send('{"type":"leave"}');
  await closed;
}

test("a connection is a line when it joins and a line when it ends, without keys, infos or poses", async () => {
  const server = await startCommandLine(["--port", "0"], { keepsLog: true });
  await visit(server, { player: "ann", resumeKey: SECRET, info: { displayName: "Secret Name" } });
  await visit(server, {});
  for (const body of [encodeJson(smallFrame(7)), "refused"]) {
    await fetch(`${server.url}/player1`, { method: "POST", body });
  }
  expect(await server.end()).toBe(0);
  const lines = server
    .log()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  const joined = {
    level: "info",
    event: "joined",
    room: "lobby",
    format: "json",
    address: "127.0.0.1",
  };
  const closed = { ...joined, event: "closed", code: 1000 };
  const time = expect.stringMatching(/^20\d\d-.*Z$/) as unknown;
  const seconds = expect.any(Number) as unknown;
  expect(lines).toEqual([
    {
      time,
      level: "info",
      event: "listening",
      url: server.url,
      version: expect.any(String) as unknown,
    },
    { time, ...joined, player: "ann" },
    { time, ...closed, player: "ann", seconds },
    { time, ...joined },
    { time, ...closed, seconds },
    { time, level: "info", event: "stopping" },
  ]);
  expect(server.log()).not.toContain(SECRET);
});

test("a flood of refused requests writes nothing, and --log-level warn nothing of connections", async () => {
  const server = await startCommandLine(["--port", "0", "--log-level", "warn"], { keepsLog: true });
  await visit(server, { player: "ann" });
  for (let index = 0; index < 50; index++) {
    await fetch(`${server.url}/player1`, { method: "POST", body: "{" });
    await fetch(`${server.url}/nowhere`);
  }
  expect(await server.end()).toBe(0);
  expect(server.log()).toBe("");
});

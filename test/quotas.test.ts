// Quotas over real sockets: a greedy address, and another one that gets in all the same. Loopback has many addresses.
import { afterEach, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { startServer } from "../src/server.ts";
import type { AvatarServer, ServerOptions } from "../src/server.ts";

const GREEDY = "127.0.0.66";
const OTHER = "127.0.0.77";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function serve(options: ServerOptions): Promise<AvatarServer> {
  const server = await startServer({ host: "127.0.0.1", port: 0, ...options });
  ends.push(() => server.stop());
  return server;
}

/** Opens a connection from an address and sends the beginning of a request. */
function begin({ port }: AvatarServer, localAddress: string, text: string): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress }, () => socket.write(text));
  socket.on("error", () => {});
  ends.push(() => socket.destroy());
  return socket;
}

/** The status line and headers of the answer to a whole request. */
function ask(server: AvatarServer, from: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = begin(server, from, text);
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(answer));
  });
}

const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
/** A body that never ends. */
const slowPost = (length: number) =>
  `POST /player1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n{`;

/** Opens a stream from an address; resolves to 101, or to the status that refuses it. */
function open({ port }: AvatarServer, localAddress: string): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rooms/a/stream`, "avatar-sync.v1.json", {
    localAddress,
  });
  ends.push(() => socket.terminate());
  return new Promise((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_, { statusCode = 0 }) => resolve(statusCode));
    socket.on("error", () => {});
  });
}

const quota = async (server: AvatarServer, metric: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`avatar_sync_${metric} `));
  return Number(line?.split(" ").at(-1) ?? 0);
};

test("[H30] one address has four fifths of the connections; another one still gets in", async () => {
  const server = await serve({ connectionsMax: 5 });
  for (let index = 0; index < 4; index++) expect(await open(server, GREEDY)).toBe(101);
  expect(await open(server, GREEDY)).toBe(429);
  expect(await open(server, OTHER)).toBe(101);
  // The server itself is full now.
  expect(await open(server, OTHER)).toBe(503);
  expect(await quota(server, 'quota_refusals_total{quota="connections"}')).toBe(1);
  expect(await quota(server, 'quota_most_held{quota="connections"}')).toBe(4);
});

test("[H30] a connection that ends gives its place back", async () => {
  const server = await serve({ connectionsMax: 1 });
  expect(await open(server, GREEDY)).toBe(101);
  expect(await open(server, GREEDY)).not.toBe(101);
  await ends.pop()!();
  await ends.pop()!();
  while ((await quota(server, 'quota_most_held{quota="connections"}')) > 0) await Bun.sleep(5);
  expect(await open(server, GREEDY)).toBe(101);
});

test("[H30] slow bodies of one address leave room for the requests of others, and for health", async () => {
  const server = await serve({ requestsMax: 10 });
  for (let index = 0; index < 12; index++) begin(server, GREEDY, slowPost(100));
  while ((await quota(server, 'quota_refusals_total{quota="bodies"}')) < 4) {
    await Bun.sleep(5);
  }
  expect(await ask(server, GREEDY, slowPost(100))).toStartWith("HTTP/1.1 429 ");
  expect(await ask(server, GREEDY, get("/healthz"))).toStartWith("HTTP/1.1 200 ");
  expect(await ask(server, OTHER, get("/status"))).toStartWith("HTTP/1.1 200 ");
});

test("[H31] bytes of bodies are counted as they are declared, and given back", async () => {
  const server = await serve({ bodyBytesMax: 1000, bodyBytesUnderWayMax: 10_000 });
  const slow = Array.from({ length: 8 }, () => begin(server, GREEDY, slowPost(1000)));
  while ((await quota(server, "body_bytes_under_way")) < 8000) await Bun.sleep(5);
  const refused = await ask(server, GREEDY, slowPost(1000));
  expect(refused).toStartWith("HTTP/1.1 429 ");
  expect(refused.toLowerCase()).toContain("retry-after: 1");
  const frame = '{"bones":[]}';
  const post = `POST /player1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${frame.length}\r\n\r\n${frame}`;
  expect(await ask(server, OTHER, post)).toStartWith("HTTP/1.1 200 ");
  for (const socket of slow) socket.destroy();
  while ((await quota(server, "body_bytes_under_way")) > 0) await Bun.sleep(5);
  expect(await ask(server, GREEDY, post)).toStartWith("HTTP/1.1 200 ");
});

test("[H30] with a trusted proxy the last forwarded address counts, without one the header is ignored", async () => {
  const from = (address: string) =>
    slowPost(100).replace("Host: a\r\n", `Host: a\r\nX-Forwarded-For: 9.9.9.9, ${address}\r\n`);
  const frame = '{"bones":[]}';
  const whole = from("10.0.0.2").replace("Content-Length: 100", `Content-Length: ${frame.length}`);
  for (const trustProxy of [true, false]) {
    const server = await serve({ requestsMax: 4, addressSharePercent: 50, trustProxy });
    for (let index = 0; index < 2; index++) begin(server, OTHER, from("10.0.0.1"));
    while ((await quota(server, "bodies_under_way")) < 2) await Bun.sleep(5);
    expect(await ask(server, OTHER, from("10.0.0.1"))).toStartWith("HTTP/1.1 429 ");
    // Its last byte was the beginning of a slow body.
    const another = await ask(server, OTHER, whole.slice(0, -1) + frame);
    expect(another).toStartWith(trustProxy ? "HTTP/1.1 200 " : "HTTP/1.1 429 ");
  }
});

// What the server tells about itself: /metrics, /healthz and /readyz over real sockets.
import { afterEach, describe, expect, test } from "bun:test";
import { WebSocket } from "ws";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer, ServerOptions } from "../src/server.ts";
import { smallFrame } from "./frames.ts";
import { heldBody } from "./held-body.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function serve(options: ServerOptions = {}): Promise<AvatarServer> {
  const server = await startServer({ host: "127.0.0.1", port: 0, ...options });
  ends.push(() => server.stop());
  return server;
}

/** Samples by name and labels, as Prometheus reads them. */
async function scrape(server: AvatarServer): Promise<Map<string, number>> {
  const answer = await fetch(`${server.url}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  const lines = (await answer.text()).split("\n").filter((line) => !/^(#|$)/.test(line));
  return new Map(
    lines.map((line) => {
      const [, name = "", value = ""] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      expect([line, name]).not.toEqual([line, ""]);
      return [name, Number(value)];
    }),
  );
}

const post = (server: AvatarServer, path: string, body: BodyInit, type: string) =>
  fetch(server.url + path, { method: "POST", body, headers: { "Content-Type": type } });

/** Joins, and resolves when the server has said `welcome`. */
function join(server: AvatarServer, message: string): Promise<WebSocket> {
  const socket = new WebSocket(
    `${server.url.replace("http", "ws")}/rooms/lobby/stream`,
    "avatar-sync.v1.json",
  );
  ends.push(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on("open", () => socket.send(message));
    socket.on("message", () => resolve(socket));
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
    socket.on("error", reject);
  });
}

describe("[H28] /metrics", () => {
  test("counts frames and bytes by format and direction, rooms, players and connections", async () => {
    const server = await serve({ connectionsMax: 7 });
    const json = encodeJson(smallFrame(1));
    const binary = encodeBinary(smallFrame(2));
    await post(server, "/rooms/lobby/players/ann", json, "application/json");
    await post(server, "/player1", binary, "application/octet-stream");
    await post(server, "/player1", binary, "application/octet-stream");
    const read = await (await fetch(`${server.url}/player1`)).bytes();
    await join(server, '{"type":"join"}');
    const samples = await scrape(server);
    const way = (name: string, format: string, direction: string) =>
      samples.get(`avatar_sync_${name}{format="${format}",direction="${direction}"}`);
    expect(way("frames_total", "json", "in")).toBe(1);
    expect(way("frame_bytes_total", "json", "in")).toBe(json.length);
    expect(way("frames_total", "binary", "in")).toBe(2);
    expect(way("frame_bytes_total", "binary", "in")).toBe(2 * binary.length);
    // One over HTTP, and Ann's to the newcomer.
    expect(way("frames_total", "json", "out")).toBe(2);
    expect(way("frame_bytes_total", "json", "out")).toBeGreaterThan(read.length);
    expect(samples.get("avatar_sync_rooms")).toBe(2);
    expect(samples.get("avatar_sync_players")).toBe(2);
    expect(samples.get("avatar_sync_connections")).toBe(1);
    expect(samples.get('avatar_sync_joined_connections{format="json"}')).toBe(1);
    expect(samples.get('avatar_sync_limit{of="connections"}')).toBe(7);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(samples.get("avatar_sync_heap_used_bytes")).toBeGreaterThan(1e5);
    expect(samples.get("process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  test("counts refusals by reason and closes by code", async () => {
    const server = await serve();
    await post(server, "/player1", "{", "application/json");
    await post(server, "/player1", "[".repeat(100), "application/json");
    await fetch(`${server.url}/nowhere`);
    await fetch(`${server.url}/player1`, { method: "PATCH" });
    const socket = await join(server, '{"type":"join"}');
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    socket.removeAllListeners("message");
    socket.send('{"type":"dance"}');
    expect(await closed).toBe(4001);
    const samples = await scrape(server);
    for (const reason of ["syntax", "too_deep", "not_found", "method_not_allowed"]) {
      expect(samples.get(`avatar_sync_refusals_total{reason="${reason}"}`)).toBe(1);
    }
    expect(samples.get('avatar_sync_closes_total{code="4001"}')).toBe(1);
  });

  test("has ticks, their lateness and the event loop's as histograms", async () => {
    const server = await serve();
    await join(server, '{"type":"join"}');
    await post(server, "/rooms/lobby/players/ann", encodeJson(smallFrame(1)), "application/json");
    let samples = await scrape(server);
    while ((samples.get("avatar_sync_tick_duration_seconds_count") ?? 0) < 1) {
      samples = await scrape(server);
    }
    for (const name of ["tick_duration", "tick_lateness"]) {
      const of = (suffix: string) => samples.get(`avatar_sync_${name}_seconds${suffix}`)!;
      expect(of("_count")).toBeGreaterThan(0);
      expect(of('_bucket{le="+Inf"}')).toBe(of("_count"));
      expect(of("_sum")).toBeGreaterThanOrEqual(0);
      expect(of('_bucket{le="0.001"}')).toBeLessThanOrEqual(of('_bucket{le="2.5"}'));
    }
    expect(samples.has('avatar_sync_event_loop_lag_seconds_bucket{le="+Inf"}')).toBe(true);
  });
});

describe("[H29] /readyz", () => {
  const ready = async (server: AvatarServer) => {
    const answer = await fetch(`${server.url}/readyz`);
    const body = (await answer.json()) as { ready: boolean; reasons: string[] };
    return { status: answer.status, ...body };
  };

  test("is 200 while there is room for more", async () => {
    expect(await ready(await serve())).toEqual({ status: 200, ready: true, reasons: [] });
  });

  test("is 503 with every reason while there is none, and health is answered all the same", async () => {
    const server = await serve({ connectionsMax: 1, roomsMax: 1, requestsMax: 2 });
    await join(server, '{"type":"join"}').catch(() => {});
    expect((await ready(server)).reasons).toContain("all 1 rooms are taken");
    const held = [1, 2].map(() => {
      const { body, sendRest } = heldBody(encodeJson(smallFrame()));
      const answer = fetch(`${server.url}/player1`, { method: "POST", body });
      return { sendRest, answer };
    });
    // Two are under way when a third is refused.
    while ((await fetch(`${server.url}/status`)).status !== 503) await Bun.sleep(5);
    expect((await ready(server)).reasons).toContain("2 requests are under way");
    for (const path of ["/healthz", "/metrics"]) {
      expect((await fetch(server.url + path)).status).toBe(200);
    }
    for (const { sendRest } of held) sendRest();
    for (const { answer } of held) expect((await answer).status).toBe(200);
    expect(await (await fetch(`${server.url}/healthz`)).text()).toBe("ok\n");
  });

  test("says that all streaming connections are taken", async () => {
    const server = await serve({ connectionsMax: 1 });
    await join(server, '{"type":"join"}');
    expect(await ready(server)).toEqual({
      status: 503,
      ready: false,
      reasons: ["all 1 streaming connections are taken"],
    });
  });
});

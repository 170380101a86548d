// Hosts and origins over real sockets: what is refused on every path, and that nothing shows our source.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { ROUTES } from "../src/http/routes.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { runCommandLine, startCommandLine } from "./process.ts";

/** Sends a request line and a Host, and gives back the whole answer. */
function raw(url: string, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(head));
    let text = "";
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

const get = (url: string, path: string, host: string) =>
  raw(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

const PATHS = Object.keys(ROUTES)
  .map((path) => path.replace(":room", "default").replace(":player", "player1"))
  .concat("/nowhere");

describe("[H32] a Host that is no name", () => {
  test("is answered in our own words on every path, in development too", async () => {
    const server = await startCommandLine(["--port", "0"], { env: { NODE_ENV: "development" } });
    try {
      for (const path of PATHS) {
        const answer = await get(server.url, path, "[");
        expect(answer).toStartWith("HTTP/1.1 400 ");
        expect(answer).toContain('"code":"bad_host"');
      }
      for (const host of ["a b", "a@b", "%zz", "[::1", "a/b", "a,b", "x:999999"]) {
        const answer = await get(server.url, "/status?room=a", host);
        expect(answer).toStartWith("HTTP/1.1 400 ");
        expect(answer.toLowerCase()).not.toContain("<html");
      }
      // Without a Host, as HTTP/1.0 allows.
      for (const path of ["/", "/status?room=default", "/nowhere", "//["]) {
        const answer = await raw(server.url, `GET ${path} HTTP/1.0\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 (200|404) /);
      }
      // Only what it prints at its start.
      expect(server.output().trim().split("\n").length).toBeLessThan(6);
    } finally {
      expect(await server.end()).toBe(0);
    }
  });
});

describe("with --allow-host", () => {
  let server: AvatarServer;
  beforeAll(async () => {
    server = await startServer({ host: "127.0.0.1", port: 0, allowHosts: ["avatars.test"] });
  });
  afterAll(() => server.stop());

  for (const path of PATHS) {
    test(`[H32a] ${path} is refused for another Host`, async () => {
      const answer = await get(server.url, path, "rebound.test");
      expect(answer).toStartWith("HTTP/1.1 403 ");
      expect(answer).toContain('"code":"host_not_allowed"');
      expect(await get(server.url, path, "avatars.test")).not.toStartWith("HTTP/1.1 403 ");
    });
  }
});

describe("with --allow-origin", () => {
  let server: AvatarServer;
  beforeAll(async () => {
    server = await startServer({ host: "127.0.0.1", port: 0, allowOrigins: ["https://app.test"] });
  });
  afterAll(() => server.stop());

  const ask = (method: string, origin: string | null, contentType = "text/plain") =>
    fetch(`${server.url}/player1`, {
      method,
      ...(method === "POST" && { body: '{"bones":[]}' }),
      headers: { "Content-Type": contentType, ...(origin !== null && { Origin: origin }) },
    });

  test("[H27a] a write of a foreign page is 403 whatever its type, and changes nothing", async () => {
    for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"]) {
      const answer = await ask("POST", "https://evil.test", type);
      expect(answer.status).toBe(403);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(((await answer.json()) as { error: { code: string } }).error.code).toBe(
        "origin_not_allowed",
      );
    }
    expect((await ask("DELETE", "https://evil.test")).status).toBe(403);
    const status = (await (await fetch(`${server.url}/status`)).json()) as {
      players: { revision: number }[];
    };
    expect(status.players.map(({ revision }) => revision)).toEqual([0, 0]);
  });

  test("[H27] reads carry the header for that origin alone, and say so to caches", async () => {
    const own = await ask("GET", "https://app.test");
    expect(own.headers.get("access-control-allow-origin")).toBe("https://app.test");
    expect(own.headers.get("vary")).toBe("Accept, Origin");
    const foreign = await ask("GET", "https://evil.test");
    expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([
      200,
      null,
    ]);
    expect((await ask("POST", "https://app.test")).status).toBe(200);
    expect((await ask("POST", null)).status).toBe(200);
  });

  test("[H27a] a stream of a foreign page is refused before it begins", async () => {
    const open = (origin: string) =>
      new Promise<boolean>((resolve) => {
        const url = `${server.url.replace("http", "ws")}/rooms/a/stream`;
        const socket = new WebSocket(url, "avatar-sync.v1.stream", { origin });
        socket.on("open", () => {
          socket.close();
          resolve(true);
        });
        socket.on("error", () => resolve(false));
      });
    expect(await open("https://app.test")).toBe(true);
    expect(await open("https://evil.test")).toBe(false);
  });
});

test("[H27] the start says which pages may write", async () => {
  for (const [args, said] of [
    [[], "any web page may read and write: narrow it with --allow-origin"],
    [
      ["--allow-origin", "https://a.test", "--allow-origin", "http://b.test:*"],
      "https://a.test, http://b.test:* may read",
    ],
  ] as const) {
    const server = await startCommandLine(["--port", "0", ...args]);
    expect(await server.end()).toBe(0);
    expect(server.output()).toContain(said);
  }
  const { code, stderr } = await runCommandLine(["--allow-origin", "app.test"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--allow-origin app.test: expected origins such as https://");
});

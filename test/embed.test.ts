// The server as a part of another Bun server, and behind a proxy that shows it under a path.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "../src/client/index.ts";
import { encodeJson } from "../src/codec/index.ts";
import { createAvatarServer, startServer } from "../src/server.ts";
import type { EmbeddedServer } from "../src/server.ts";
import { SourcePage } from "../src/page/source-page.ts";
import { smallFrame } from "./frames.ts";
import { usePages } from "./page-fixture.ts";
import { startStrippingProxy } from "./stripping-proxy.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const page = new SourcePage();

let avatars: EmbeddedServer;
let others: EmbeddedServer;
let app: Bun.Server<unknown>;

/** Who handles a socket; undefined for one of the application's own. */
function handlerOf(socket: Bun.ServerWebSocket<unknown>) {
  const owner = [avatars, others].find((server) => server.owns(socket));
  return owner?.websocket as Bun.WebSocketHandler<unknown> | undefined;
}

/** An application with pages and sockets of its own, and two avatar servers. */
beforeAll(() => {
  avatars = createAvatarServer({ prefix: "/avatars", page });
  others = createAvatarServer({ prefix: "/deep/other.avatars", page });
  app = Bun.serve<unknown>({
    hostname: "127.0.0.1",
    port: 0,
    routes: { ...avatars.routes, ...others.routes, "/": new Response("the application") },
    fetch: (request, server) =>
      server.upgrade(request, { data: "the application's" })
        ? undefined
        : new Response("the application knows nothing of this", { status: 404 }),
    websocket: {
      // The settings of one server hold for all sockets.
      ...(avatars.websocket as Bun.WebSocketHandler<unknown>),
      open(socket) {
        const owner = handlerOf(socket);
        if (owner === undefined) socket.send(`hello, ${String(socket.data)}`);
        else void owner.open?.(socket);
      },
      message: (socket, message) => void handlerOf(socket)?.message?.(socket, message),
      close: (socket, code, reason) => void handlerOf(socket)?.close?.(socket, code, reason),
    },
  });
});

afterAll(async () => {
  avatars.stop();
  others.stop();
  await app.stop(true);
});

const ask = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${app.port}${path}`, { redirect: "manual", ...init });

describe("under a prefix of another server", () => {
  test("the application's own paths and sockets are its own", async () => {
    expect(await (await ask("/")).text()).toBe("the application");
    expect(await (await ask("/status")).text()).toBe("the application knows nothing of this");
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/chat`);
    const first = await new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => resolve(data));
    });
    expect(first).toBe("hello, the application's");
    socket.close();
  });

  test("every route answers", async () => {
    const body = encodeJson(smallFrame(7));
    const posted = await ask("/avatars/player1", { method: "POST", headers: JSON_TYPE, body });
    expect(posted.status).toBe(200);
    const frame = (await (await ask("/avatars/player1")).json()) as ReturnType<typeof smallFrame>;
    expect(frame.rootTransform.worldPosition.x).toBe(7);
    for (const path of [
      "/",
      "/client.js",
      "/status?room=default",
      "/rooms",
      "/rooms/default",
      "/rooms/default/players/player1",
      "/rooms/default/players/player1/info",
      "/healthz",
      "/openapi.json",
    ]) {
      expect([path, (await ask(`/avatars${path}`)).status]).toEqual([path, 200]);
    }
    expect((await ask("/avatars/rooms/lobby/stream")).status).toBe(426);
    const missing = await ask("/avatars/nothing");
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { error: { code: "not_found" } },
    ]);
    expect((await ask("/avatars/page/nothing.js")).status).toBe(404);
  });

  test("the prefix alone leads to the page, relatively and with its query", async () => {
    for (const [path, location] of [
      ["/avatars?room=lobby", "avatars/?room=lobby"],
      ["/deep/other.avatars", "other.avatars/"],
    ]) {
      const { status, headers } = await ask(path);
      expect([status, headers.get("location")]).toEqual([308, location]);
    }
  });

  test("the status tells addresses with the prefix, OpenAPI where its paths begin", async () => {
    const status = (await (await ask("/avatars/status")).json()) as {
      addresses: { url: string }[];
    };
    expect(status.addresses.map(({ url }) => url)).toContain(
      `http://127.0.0.1:${app.port}/avatars`,
    );
    const { servers } = (await (await ask("/avatars/openapi.json")).json()) as {
      servers: { url: string }[];
    };
    const document = `http://127.0.0.1:${app.port}/avatars/openapi.json`;
    expect(new URL(servers[0].url, document).pathname).toBe("/avatars/");
  });

  test("clients stream, and two servers keep their rooms apart", async () => {
    const rooms = [avatars.rooms.open("lobby"), others.rooms.open("lobby")];
    const clients = ["avatars", "deep/other.avatars"].map((path) =>
      connect(`http://127.0.0.1:${app.port}/${path}`, { room: "lobby", player: path.slice(0, 4) }),
    );
    await Promise.all(clients.map(({ ready }) => ready));
    rooms[0].publish("guide", smallFrame(1));
    rooms[1].publish("usher", smallFrame(2));
    const seen = () => clients.map(({ players }) => [...players.keys()]);
    while (seen().some((ids) => ids.length === 0)) await Bun.sleep(2);
    expect(seen()).toEqual([["guide"], ["usher"]]);
    expect(rooms.map(({ players }) => players)).toEqual([
      ["avat", "guide"],
      ["deep", "usher"],
    ]);
    for (const client of clients) client.leave();
  });

  test("a prefix that is no path is refused", () => {
    for (const prefix of ["avatars", "/avatars/", "/a b", "/:room", "/*"]) {
      expect(() => createAvatarServer({ prefix })).toThrow(RangeError);
    }
  });
});

const executablePath = requireTool(CHROMIUM);
const TEST_MS = 30_000;

describe.skipIf(executablePath === undefined)("the page", () => {
  const { newPage, atEnd } = usePages({ executablePath, waitMs: TEST_MS / 2, page });

  /** Shows a player of room `lobby`, with links and addresses that work from there. */
  async function expectPage(base: string): Promise<void> {
    const opened = await newPage();
    await opened.goto(`${base}?room=lobby`);
    await opened.getByText("1 of 1 connected").waitFor();
    const card = opened.locator("article.slot");
    await card.getByText("guide", { exact: true }).waitFor();
    await opened.locator("canvas").first().waitFor();
    await opened.getByLabel("Room").and(opened.locator("select")).waitFor();
    const latest = await card.locator("[data-field=latest]").getAttribute("href");
    for (const href of [latest!, "status", "rooms", "openapi.json", "healthz", "client.js"]) {
      expect([href, (await fetch(new URL(href, opened.url()))).status]).toEqual([href, 200]);
    }
    // The page's own stream has joined the room.
    await opened.waitForFunction(() => document.querySelector(".charts canvas") !== null);
  }

  test(
    "works under a prefix",
    async () => {
      const guide = avatars.rooms.open("lobby");
      const timer = setInterval(() => guide.publish("guide", smallFrame(1)), 50);
      atEnd(() => clearInterval(timer));
      await expectPage(`http://127.0.0.1:${app.port}/avatars`);
      expect(avatars.rooms.get("lobby")!.status!.connections).toBeGreaterThan(0);
    },
    TEST_MS,
  );

  test(
    "works behind a proxy that strips a path",
    async () => {
      const server = await startServer({ host: "127.0.0.1", port: 0, page });
      const proxy = startStrippingProxy("/sync", server.url);
      atEnd(async () => {
        await proxy.stop(true);
        await server.stop();
      });
      const guide = server.rooms.open("lobby");
      const timer = setInterval(() => guide.publish("guide", smallFrame(1)), 50);
      atEnd(() => clearInterval(timer));
      await expectPage(`http://127.0.0.1:${proxy.port}/sync/`);
      expect(guide.status!.connections).toBeGreaterThan(0);
    },
    TEST_MS,
  );
});

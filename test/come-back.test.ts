// Clients that go away and come back: pages that are reloaded, duplicated, stored and frozen, processes that are
// killed, timers that run once a minute, and servers that restart.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium as playwright } from "playwright-core";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom, ClientRuntime, ConnectOptions, RoomState } from "../src/client/index.ts";
import { createAvatarServer, startServer } from "../src/server.ts";
import { BROWSER_ARGS } from "./browser.ts";
import { smallFrame } from "./frames.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const chromium = requireTool(CHROMIUM);

// A page of an application: the player ann of the room that its address names.
const PLAYER = `<script type="module">
  import { connect } from "/client.js";
  const name = new URLSearchParams(location.search).get("room");
  globalThis.states = [];
  globalThis.errors = [];
  globalThis.room = connect("/", { room: name, player: "ann" });
  states.push(room.state);
  room.on("state", (state) => states.push(state));
  room.on("error", ({ code, message }) => errors.push({ code, message }));
</script>`;

const HTML = { headers: { "Content-Type": "text/html" } };

const avatars = createAvatarServer();
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    ...avatars.routes,
    "/player": () => new Response(PLAYER, HTML),
    "/elsewhere": () => new Response("<p>elsewhere", HTML),
  },
  websocket: avatars.websocket,
});
const serverUrl = server.url.origin;
afterAll(async () => {
  avatars.stop();
  await server.stop(true);
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(5);
}

/** Who left and joined a room, as somebody in it is told. */
async function watch(room: string): Promise<{ told: string[]; stop: () => void }> {
  const watcher = connect(serverUrl, { room });
  const told: string[] = [];
  await watcher.ready;
  watcher.on("joined", ({ id }) => told.push(`${id} joined`));
  watcher.on("left", ({ id }) => told.push(`${id} left`));
  return { told, stop: () => watcher.leave() };
}

describe.skipIf(chromium === undefined)("a page", () => {
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await playwright.launch({
      executablePath: chromium!,
      args: BROWSER_ARGS,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    context = await browser.newContext();
  });
  afterAll(() => browser.close());

  /** What a page exposes. */
  interface Exposed {
    readonly room: AvatarRoom;
    readonly states: RoomState[];
    readonly errors: { readonly code: string; readonly message: string }[];
  }

  async function open(room: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${serverUrl}/player?room=${room}`);
    return page;
  }

  const joins = (page: Page) =>
    page.waitForFunction(() => (globalThis as Partial<Exposed>).room?.state.name === "joined");
  const seen = (page: Page) =>
    page.evaluate(() => {
      const { room, states, errors } = globalThis as unknown as Exposed;
      const names = states.map(({ name }) => name);
      const code = room.state.name === "connecting" ? room.state.error?.code : undefined;
      return { names, errors, key: room.resumeKey, code, stored: sessionStorage.length };
    });

  test(
    "[7] that is reloaded is joined at once, with the same key, each time",
    async () => {
      const { told, stop } = await watch("reload");
      const page = await open("reload");
      await joins(page);
      const { key } = await seen(page);
      for (let reload = 1; reload <= 3; reload++) {
        await page.reload();
        await joins(page);
        const again = await seen(page);
        expect(again).toMatchObject({ names: ["connecting", "joined"], key, stored: 0 });
        expect(again.errors).toEqual([]);
      }
      // Closed for good: it says goodbye, and nobody waits 10 s for it.
      const startMs = performance.now();
      await page.close();
      await until(() => told.at(-1) === "ann left");
      expect(performance.now() - startMs).toBeLessThan(5000);
      stop();
    },
    TEST_MS,
  );

  test(
    "[7] that is duplicated keeps its player, and the copy is told whom it waits for",
    async () => {
      const { told, stop } = await watch("duplicate");
      const page = await open("duplicate");
      await joins(page);
      const { key } = await seen(page);
      // The browser copies the session storage into a window that a page opens, as it does for a duplicated tab.
      const [copy] = await Promise.all([
        page.waitForEvent("popup"),
        page.evaluate(() => void (globalThis as unknown as Window).open(location.href)),
      ]);
      await copy.waitForFunction(() => (globalThis as Partial<Exposed>).errors?.length === 1);
      await Bun.sleep(2500);
      const waiting = await seen(copy);
      expect(waiting.key).not.toBe(key);
      expect(waiting.code).toBe("player_taken");
      expect(waiting.errors).toEqual([
        {
          code: "player_taken",
          message: expect.stringMatching(/another client owns player ann; tries again for 22 s/),
        },
      ]);
      expect((await seen(page)).names).toEqual(["connecting", "joined"]);
      expect(told).toEqual(["ann joined"]);
      await page.close();
      await joins(copy);
      await copy.close();
      stop();
    },
    TEST_MS,
  );

  test(
    "[7] that is left for another and comes back resumes its session, and nobody sees it leave",
    async () => {
      const { told, stop } = await watch("stored");
      const page = await open("stored");
      await joins(page);
      await page.goto(`${serverUrl}/elsewhere`);
      await page.goBack({ waitUntil: "commit" });
      await joins(page);
      // One document all along: it was in the back/forward cache.
      const { names, stored } = await seen(page);
      expect(names).toEqual(["connecting", "joined", "reconnecting", "joined"]);
      expect(stored).toBe(0);
      expect(told).toEqual(["ann joined"]);
      await page.close();
      stop();
    },
    TEST_MS,
  );

  test(
    "[8] that is frozen for 14 s in a quiet room keeps its place",
    async () => {
      const { told, stop } = await watch("frozen");
      const page = await open("frozen");
      await joins(page);
      const session = await context.newCDPSession(page);
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      await Bun.sleep(14_000);
      await session.send("Page.setWebLifecycleState", { state: "active" });
      expect((await seen(page)).names).toEqual(["connecting", "joined"]);
      expect(told).toEqual(["ann joined"]);
      await page.close();
      stop();
    },
    TEST_MS,
  );
});

/** A WebSocket that the test can break: Bun's `terminate` ends it without a close frame. */
type TearableWebSocket = WebSocket & { terminate(): void };

/** WebSockets that are added to `sockets`. */
function tearable(sockets: TearableWebSocket[]): ClientRuntime["webSocket"] {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this as unknown as TearableWebSocket);
    }
  };
}

/** The platform's timers as those of a hidden page: none runs sooner than in a minute. */
const HIDDEN: Partial<ClientRuntime> = {
  setTimeout: (run, delayMs) => setTimeout(run, Math.max(delayMs, 60_000)),
};

test(
  "[8] with timers that run once a minute a client is never closed, in a quiet room and after a busy one",
  async () => {
    const rooms: AvatarRoom[] = [];
    const join = async (options: ConnectOptions) => {
      const room = connect(serverUrl, options);
      rooms.push(room);
      await room.ready;
      return room;
    };
    const watchers = [await watch("quiet"), await watch("busy")];
    const hidden = [
      await join({ room: "quiet", player: "hidden", runtime: HIDDEN }),
      await join({ room: "busy", player: "hidden", runtime: HIDDEN }),
    ];
    const states: string[] = [];
    for (const room of hidden) room.on("state", ({ name }) => states.push(name));
    const dancer = await join({ room: "busy", player: "dancer" });
    for (let frame = 0; frame < 60; frame++) {
      dancer.publish(smallFrame(frame));
      await Bun.sleep(15);
    }
    // Longer than the 10 s of either silence.
    await Bun.sleep(13_000);
    expect(states).toEqual([]);
    expect(hidden.map(({ state }) => state.name)).toEqual(["joined", "joined"]);
    expect(watchers[0].told).toEqual(["hidden joined"]);
    expect(watchers[1].told.filter((each) => each.endsWith("left"))).toEqual([]);
    // What it is shown is the newest, though it has drawn nothing meanwhile.
    dancer.publish(smallFrame(99));
    await until(() => hidden[1].players.get("dancer")?.pose?.root[0] === 99);
    for (const room of rooms) room.leave();
    for (const { stop } of watchers) stop();
  },
  TEST_MS,
);

test(
  "[9] a connection that is cut again and again is back each time within half a second",
  async () => {
    const sockets: TearableWebSocket[] = [];
    const room = connect(serverUrl, {
      room: "cut",
      player: "ann",
      runtime: { webSocket: tearable(sockets) },
    });
    await room.ready;
    const told: { name: string; atMs: number }[] = [];
    room.on("state", ({ name }) => told.push({ name, atMs: performance.now() }));
    for (let cut = 1; cut <= 5; cut++) {
      await Bun.sleep(1100);
      told.length = 0;
      sockets.at(-1)!.terminate();
      // Both may have been told before anybody looks at the state.
      await until(() => told.some(({ name }) => name === "joined"));
      expect(told.map(({ name }) => name)).toEqual(["reconnecting", "joined"]);
      expect(told[1].atMs - told[0].atMs).toBeLessThan(500);
      expect(room.state).toEqual({ name: "joined", resumed: true });
    }
    room.leave();
  },
  TEST_MS,
);

const CLIENT = `
  import { connect } from "${import.meta.dir}/../src/client/index.ts";
  const room = connect(process.argv[1], { room: "killed", player: "ann" });
  await room.ready;
  console.log("joined");
  setInterval(() => {}, 1000);
`;

/** A client in a process of its own, from its start until it has joined. */
async function startClient() {
  const startMs = performance.now();
  const child = Bun.spawn([process.execPath, "-e", CLIENT, serverUrl], {
    stdout: "pipe",
    stderr: "ignore",
  });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("joined\n");
  return { child, joinedAfterMs: performance.now() - startMs };
}

test(
  "[7] a client whose process is killed and started again joins within 12 s, without its key",
  async () => {
    const first = await startClient();
    first.child.kill("SIGKILL");
    await first.child.exited;
    const second = await startClient();
    expect(second.joinedAfterMs).toBeWithin(5000, 12_000);
    second.child.kill("SIGKILL");
    await second.child.exited;
  },
  TEST_MS,
);

test(
  "[7] a process that is told where to keep its key resumes at once after a kill",
  async () => {
    const kept = new Map<string, string>();
    const keyStorage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, key: string) => void kept.set(name, key),
      removeItem: (name: string) => void kept.delete(name),
    };
    const options = { room: "kept", player: "ann", keyStorage };
    const first = connect(serverUrl, options);
    await first.ready;
    expect([...kept.values()]).toEqual([first.resumeKey!]);
    // The first has not ended, as after a kill. The second has its key, and replaces it.
    const second = connect(serverUrl, options);
    await second.ready;
    expect(second.state).toEqual({ name: "joined", resumed: true });
    await until(() => first.state.name === "closed");
    second.leave();
    expect(kept.size).toBe(0);
  },
  TEST_MS,
);

test(
  "[9] 50 clients are back within 5 s of a restarted server, spread over time, with the keys that they had",
  async () => {
    const sockets: TearableWebSocket[] = [];
    const runtime = { webSocket: tearable(sockets) };
    let restarted = await startServer({ host: "127.0.0.1", port: 0 });
    const { port, url } = restarted;
    const rooms = Array.from({ length: 50 }, (_, index) =>
      connect(url, {
        room: "crowd",
        player: `p${index}`,
        runtime,
      }),
    );
    await Promise.all(rooms.map(({ ready }) => ready));
    const keys = rooms.map(({ resumeKey }) => resumeKey);
    await restarted.stop();
    // Long enough for the longest waits.
    await Bun.sleep(5000);
    const joinedMs: number[] = [];
    for (const room of rooms) {
      room.on("state", ({ name }) => name === "joined" && joinedMs.push(performance.now()));
    }
    restarted = await startServer({ host: "127.0.0.1", port });
    const startMs = performance.now();
    await until(() => joinedMs.length === 50);
    const afterMs = joinedMs.map((each) => each - startMs).toSorted((a, b) => a - b);
    expect(afterMs[49]).toBeLessThan(5000);
    // No herd: the busiest half second has no more than half of them.
    const busiest = Math.max(
      ...afterMs.map((from) => afterMs.filter((each) => each >= from && each < from + 500).length),
    );
    expect(busiest).toBeLessThan(25);
    expect(rooms.map(({ resumeKey }) => resumeKey)).toEqual(keys);
    // The new server holds the sessions by those keys.
    const [room] = rooms;
    sockets.splice(0).forEach((socket) => socket.terminate());
    await until(() => room.state.name === "joined" && room.state.resumed);
    for (const each of rooms) each.leave();
    await restarted.stop();
  },
  TEST_MS,
);

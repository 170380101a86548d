// What every broadcaster does, each with connections of its own kind.
import { describe, expect, test } from "bun:test";
import type { Broadcaster } from "../src/hub/connections/broadcaster.ts";
import { BroadcasterGroup } from "../src/hub/connections/broadcaster.ts";
import type { Connection } from "../src/hub/connections/connection.ts";
import { InProcessBroadcaster } from "../src/hub/connections/in-process-broadcaster.ts";
import { InProcessConnection } from "../src/hub/connections/in-process-connection.ts";
import { BunBroadcaster } from "../src/ws/bun-broadcaster.ts";
import { WebSocketConnection } from "../src/ws/web-socket-connection.ts";

/** A connection, and what its client has been sent up to now. */
interface Client {
  readonly connection: Connection;
  readonly received: () => Promise<unknown[]>;
}

interface Kind {
  readonly broadcaster: Broadcaster;
  connect(): Promise<Client>;
  stop(): Promise<void>;
}

const END = "nothing follows";

function inProcess(): Kind {
  const broadcaster = new InProcessBroadcaster();
  return {
    broadcaster,
    async connect() {
      const received: unknown[] = [];
      const message = (data: unknown) => received.push(data);
      const closed = () => {};
      const connection = new InProcessConnection("json", broadcaster, { message, closed });
      return { connection, received: async () => received };
    },
    stop: async () => {},
  };
}

function bunTopics(): Kind {
  const broadcaster = new BunBroadcaster("avatars/");
  const opened: ((connection: Connection) => void)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    websocket: {
      open(socket) {
        // A topic of the application that has our topic's name.
        socket.subscribe("room");
        opened.shift()!(new WebSocketConnection(socket, "json", broadcaster.namespace));
      },
      message() {},
    },
  });
  broadcaster.server = server;
  return {
    broadcaster,
    async connect() {
      const open = Promise.withResolvers<Connection>();
      opened.push(open.resolve);
      const client = new WebSocket(server.url.href.replace("http", "ws"));
      client.binaryType = "arraybuffer";
      const received: unknown[] = [];
      const end = Promise.withResolvers<void>();
      client.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (data === END) end.resolve();
        else received.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
      });
      const connection = await open.promise;
      return {
        connection,
        received: async () => {
          connection.send(END);
          await end.promise;
          return received;
        },
      };
    },
    stop: () => server.stop(true),
  };
}

for (const [name, start] of Object.entries({ "in this process": inProcess, "by Bun": bunTopics })) {
  describe(`broadcasts ${name}`, () => {
    /** A test with a broadcaster of its own. */
    const check = (what: string, run: (kind: Kind) => Promise<void>) =>
      test(what, async () => {
        const kind = start();
        try {
          await run(kind);
        } finally {
          await kind.stop();
        }
      });

    check("reach who is subscribed, in order with what is sent to one", async (kind) => {
      const [a, b] = [await kind.connect(), await kind.connect()];
      a.connection.subscribe("room");
      b.connection.subscribe("elsewhere");
      a.connection.send("1");
      kind.broadcaster.broadcast("room", "2");
      a.connection.send(Uint8Array.of(3));
      kind.broadcaster.broadcast("room", Uint8Array.of(4));
      expect(await a.received()).toEqual(["1", "2", Uint8Array.of(3), Uint8Array.of(4)]);
      expect(await b.received()).toEqual([]);
    });

    check("end with the subscription, which counts once", async (kind) => {
      const { connection, received } = await kind.connect();
      connection.subscribe("room");
      connection.subscribe("room");
      kind.broadcaster.broadcast("room", "once");
      connection.unsubscribe("room");
      connection.unsubscribe("room");
      kind.broadcaster.broadcast("room", "never");
      expect(await received()).toEqual(["once"]);
    });

    check("and messages keep their bytes when the sender's memory changes", async (kind) => {
      const { connection, received } = await kind.connect();
      connection.subscribe("room");
      const memory = Uint8Array.of(0, 1, 2);
      kind.broadcaster.broadcast("room", memory.subarray(1));
      connection.send(memory.subarray(1));
      memory.fill(9);
      expect(await received()).toEqual([Uint8Array.of(1, 2), Uint8Array.of(1, 2)]);
    });

    check("do not reach who is closed, and reach the others", async (kind) => {
      const [gone, here] = [await kind.connect(), await kind.connect()];
      for (const { connection } of [gone, here]) connection.subscribe("room");
      kind.broadcaster.broadcast("room", "both");
      gone.connection.close(4000, "goodbye");
      gone.connection.unsubscribe("room");
      kind.broadcaster.broadcast("room", "one");
      expect(await here.received()).toEqual(["both", "one"]);
    });

    check("of a topic without anybody go nowhere", async (kind) => {
      kind.broadcaster.broadcast("room", "nobody");
      const { connection, received } = await kind.connect();
      connection.subscribe("room");
      expect(await received()).toEqual([]);
    });

    check("of a group reach the connections of all", async (kind) => {
      const other = inProcess();
      const group = new BroadcasterGroup([kind.broadcaster, other.broadcaster]);
      const clients = [await kind.connect(), await other.connect()];
      for (const { connection } of clients) connection.subscribe("room");
      group.broadcast("room", "all");
      for (const { received } of clients) expect(await received()).toEqual(["all"]);
    });
  });
}

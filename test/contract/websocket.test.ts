// The contract over real WebSockets, and tests of what only they have: the handshake, frames, and TCP.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startServer } from "../../src/server.ts";
import type { AvatarServer } from "../../src/server.ts";
import { RawWebSocket, requestUpgrade } from "../raw-web-socket.ts";
import type { UpgradeAnswer } from "../raw-web-socket.ts";
import { frameMessage } from "../frame-messages.ts";
import { describeCrowd } from "./crowd-contract.ts";
import { describeTransport } from "./transport-contract.ts";
import { sumOf } from "./transport.ts";
import type { StreamTransport, TransportKind } from "./transport.ts";

const kind: TransportKind = {
  name: "over WebSockets",
  // One address makes all mistakes of the fuzz.
  start: async (settings) =>
    overSockets(
      await startServer({ host: "127.0.0.1", port: 0, joinsPerSecondMax: 100_000, ...settings }),
    ),
  hasClock: false,
  fuzzMessages: 3000,
};
describeTransport(kind);
describeCrowd(kind);

function overSockets(server: AvatarServer): StreamTransport {
  const urlOf = (room: string, player: string) => `${server.url}/rooms/${room}/players/${player}`;
  const json = { "Content-Type": "application/json", Accept: "application/json" };
  return {
    connect: (options) => RawWebSocket.open(server.port, options),
    async post(room, player, body) {
      return (await fetch(urlOf(room, player), { method: "POST", body, headers: json })).status;
    },
    async remove(room, player) {
      return (await fetch(urlOf(room, player), { method: "DELETE" })).status;
    },
    async get(room, player) {
      return (await fetch(urlOf(room, player), { headers: json })).bytes();
    },
    async census(room) {
      const [status, found] = await Promise.all([
        fetch(`${server.url}/status`).then((answer) => answer.json() as Promise<ServerState>),
        fetch(`${server.url}/rooms/${room}`).then((answer) => answer.json() as Promise<RoomState>),
      ]);
      return {
        connections: status.streamConnections,
        players: found.players?.length ?? 0,
        members: found.connections ?? 0,
        withheld: found.superseded?.withheld ?? 0,
        framesRejected: sumOf(found.players?.map(({ framesRejected }) => framesRejected)),
      };
    },
    stop: () => server.stop(),
  };
}

interface ServerState {
  readonly streamConnections: number;
}

/** Of an unknown room there is only the error. */
interface RoomState {
  readonly players?: readonly { readonly framesRejected: number }[];
  readonly connections?: number;
  readonly superseded?: { readonly withheld: number };
}

describe("the handshake", () => {
  let server: AvatarServer;
  beforeAll(async () => {
    server = await startServer({
      host: "127.0.0.1",
      port: 0,
      connectionsMax: 3,
      bodyBytesMax: 4096,
    });
  });
  afterAll(() => server.stop());

  /** What the server answers to a handshake; the connection ends. */
  async function upgrade(headers: Record<string, string | undefined>, room = "lobby") {
    const answer = await requestUpgrade(server.port, `/rooms/${room}/stream`, headers);
    answer.socket.destroy();
    return answer;
  }

  const offering = (offer: string) => ({ "Sec-WebSocket-Protocol": offer });

  const errorOf = ({ rest }: UpgradeAnswer) =>
    (JSON.parse(rest.toString()) as { error: { code: string; message: string } }).error;

  test("[S1] the first subprotocol of the client's offer that the server knows is named", async () => {
    for (const [offer, chosen] of [
      ["avatar-sync.v1.json", "avatar-sync.v1.json"],
      ["avatar-sync.v1.binary, avatar-sync.v1.json", "avatar-sync.v1.binary"],
      ["avatar-sync.v1.json, avatar-sync.v1.binary", "avatar-sync.v1.json"],
      ["chat, avatar-sync.v7.json, avatar-sync.v1.binary", "avatar-sync.v1.binary"],
    ]) {
      const { status, headers } = await upgrade(offering(offer));
      expect([status, headers.get("sec-websocket-protocol")]).toEqual([101, chosen]);
    }
  });

  test("[S1a] without a known one the handshake is refused with what is spoken", async () => {
    for (const offer of ["chat", "avatar-sync.v2.json", "AVATAR-SYNC.V1.JSON", ""]) {
      const answer = await upgrade(offering(offer));
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ code: "unknown_subprotocol" });
      expect(errorOf(answer).message).toContain("avatar-sync.v1.json, avatar-sync.v1.binary");
    }
    expect((await upgrade({})).status).toBe(400);
  });

  test("[S1] the platform's own WebSocket is told its subprotocol", async () => {
    const url = `${server.url.replace("http", "ws")}/rooms/lobby/stream`;
    const socket = new WebSocket(url, ["avatar-sync.v1.binary"]);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the handshake failed")));
    await promise;
    expect(socket.protocol).toBe("avatar-sync.v1.binary");
    socket.close();
  });

  test("[S1a] a plain request is answered 426", async () => {
    const answer = await upgrade({ Upgrade: undefined, Connection: "close" });
    expect(answer.status).toBe(426);
    expect(answer.headers.get("upgrade")).toBe("websocket");
  });

  test("a handshake without a key is answered 400", async () => {
    const headers = { ...offering("avatar-sync.v1.json"), "Sec-WebSocket-Key": undefined };
    expect((await upgrade(headers)).status).toBe(400);
  });

  test("[H9] an invalid room name is answered 400, another method 405", async () => {
    const answer = await upgrade(offering("avatar-sync.v1.json"), "a%20b");
    expect([answer.status, errorOf(answer).code]).toEqual([400, "bad_id"]);
    const posted = await fetch(`${server.url}/rooms/lobby/stream`, { method: "POST", body: "x" });
    expect(posted.status).toBe(405);
  });

  test("[S1b] over the bound on connections it is answered 503, until one ends", async () => {
    const clients = await Promise.all([0, 1, 2].map(() => RawWebSocket.open(server.port)));
    const answer = await upgrade(offering("avatar-sync.v1.json"));
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(errorOf(answer).code).toBe("too_many_connections");
    clients[0].kill();
    // The server hears of the end in its own time.
    let status = 503;
    while (status === 503) ({ status } = await upgrade(offering("avatar-sync.v1.json")));
    expect(status).toBe(101);
    for (const client of clients) client.kill();
  });

  test("[S4d] a message over the limit, or text that is not UTF-8, ends only its own connection", async () => {
    const [ann, bob, cay] = await openThree();
    for (const client of [ann, bob, cay]) client.join();
    await cay.next("batch");
    ann.send(new Uint8Array(4096 + 6 + 1));
    await ann.end();
    bob.sendFrame(1, Uint8Array.of(0xff, 0xfe));
    await bob.end();
    expect(await cay.drain()).toEqual([]);
    cay.kill();
  });

  test("[S11] a frame as large as a body may be is taken", async () => {
    const [ann, bob, cay] = await openThree();
    ann.join({ player: "ann" });
    bob.join();
    const empty = JSON.stringify({ padding: "" }).length;
    const payload = Buffer.from(JSON.stringify({ padding: "x".repeat(4096 - empty) }));
    expect(payload).toHaveLength(4096);
    ann.send(frameMessage(payload));
    await ann.next("batch");
    expect(ann.closedWith).toBeUndefined();
    for (const client of [ann, bob, cay]) client.kill();
  });

  /** Three new connections, once those of the last test have ended. */
  async function openThree(): Promise<RawWebSocket[]> {
    for (;;) {
      const status = await fetch(`${server.url}/status`);
      const { streamConnections } = (await status.json()) as ServerState;
      if (streamConnections === 0) break;
    }
    return Promise.all([0, 1, 2].map(() => RawWebSocket.open(server.port)));
  }
});

test("[S9] a server that stops tells its clients to come back", async () => {
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  const ann = await RawWebSocket.open(server.port);
  ann.join({ player: "ann" });
  await ann.next("batch");
  const silent = await RawWebSocket.open(server.port);
  ann.publish(1);
  await server.stop();
  expect((await ann.end()).code).toBe(1001);
  expect((await silent.end()).code).toBe(1001);
});

// The server's count of its traffic, compared with what real sockets sent and received.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { encodeBinary } from "../src/codec/index.ts";
import { STREAM_FORMATS } from "../src/codec/format.ts";
import type { StreamFormat } from "../src/codec/index.ts";
import type { RejectedStatus, RoomStatus, ServerStatus } from "../src/protocol/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { frameMessage } from "./frame-messages.ts";
import { smallFrame } from "./frames.ts";
import { RawWebSocket } from "./raw-web-socket.ts";
import type { Received } from "./received.ts";
import { RoomView } from "./room-view.ts";

const ROUNDS = 20;
const JSON_TYPE = { "Content-Type": "application/json" };
const BINARY = { "Content-Type": "application/octet-stream" };

let server: AvatarServer;
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0, bodyBytesMax: 4096 });
});
afterAll(() => server.stop());

const urlOf = (room: string, player: string) => `${server.url}/rooms/${room}/players/${player}`;

const post = (url: string, body: BodyInit, headers: Record<string, string>) =>
  fetch(url, { method: "POST", body, headers });

async function answerOf<T>(path: string): Promise<T> {
  return (await (await fetch(server.url + path)).json()) as T;
}

/** A client that acknowledges what comes, and what it has sent and seen. */
class Member {
  readonly client: RawWebSocket;
  readonly #view: RoomView;
  #published = 0;
  #updates = 0;

  private constructor(client: RawWebSocket) {
    this.client = client;
    this.#view = new RoomView(client.format);
  }

  static async join(room: string, format: StreamFormat, player?: string): Promise<Member> {
    const member = new Member(await RawWebSocket.open(server.port, { room, format }));
    member.client.join(player === undefined ? {} : { player });
    await member.#read();
    return member;
  }

  /** As the server's totals: updates and bytes in, updates and bytes out. */
  get totals(): Totals {
    return [this.#published, this.client.sentBytes, this.#updates, this.client.receivedBytes];
  }

  publish(x: number): void {
    this.client.publish(x);
    this.#published++;
  }

  /** Reads until all players have been seen at `x`, and the server has read all that was sent to it. */
  async readUpTo(x: number): Promise<void> {
    const isBehind = () => [...this.#view.players.values()].some((player) => player.x !== x);
    do {
      await this.#read();
      this.client.acknowledge(this.client.newestSequence);
    } while (isBehind());
    await this.#read();
  }

  async #read(): Promise<void> {
    for (const message of await this.client.drain()) this.#apply(message);
  }

  #apply(message: Received): void {
    this.#view.apply(message);
    if (message.type === "batch") this.#updates += message.entries.length;
  }
}

type Totals = number[];

function sumOf(all: readonly Totals[]): Totals {
  return [0, 1, 2, 3].map((at) => all.reduce((sum, totals) => sum + totals[at], 0));
}

test("[H16] [H16b] [H16c] [H16d] every byte and every update is counted, in its format, both ways", async () => {
  const room = "lab";
  const [ann, bob] = [
    await Member.join(room, "stream", "ann"),
    await Member.join(room, "json", "bob"),
  ];
  const members = [ann, bob];
  for (const format of [...STREAM_FORMATS, ...STREAM_FORMATS]) {
    members.push(await Member.join(room, format));
  }
  const cay = urlOf(room, "cay");
  for (let x = 1; x <= ROUNDS; x++) {
    ann.publish(x);
    bob.publish(x);
    await post(cay, encodeBinary(smallFrame(x)), BINARY);
    await Promise.all(members.map((member) => member.readUpTo(x)));
  }
  const posted = [ROUNDS, ROUNDS * encodeBinary(smallFrame()).length, 0, 0];

  const headers = { Accept: "application/json" };
  const answer = await fetch(cay, { headers });
  const read = [0, 0, 1, (await answer.bytes()).length];
  // Answers without a body and refused requests count nothing.
  const etag = answer.headers.get("etag")!;
  expect((await fetch(cay, { headers: { ...headers, "If-None-Match": etag } })).status).toBe(304);
  expect((await fetch(cay, { method: "HEAD", headers })).status).toBe(200);
  expect((await post(cay, "no frame", JSON_TYPE)).status).toBe(400);

  const expected = STREAM_FORMATS.map((format) => {
    const all = members
      .filter(({ client }) => client.format === format)
      .map(({ totals }) => totals);
    const overHttp = { json: [read], binary: [posted], stream: [] };
    return [format, sumOf([...all, ...overHttp[format]])];
  });
  for (const path of [`/rooms/${room}`, "/status"]) {
    const { traffic } = await answerOf<RoomStatus | ServerStatus>(path);
    const found = STREAM_FORMATS.map((format) => {
      const { in: received, out: sent } = traffic[format];
      return [
        format,
        [received.updatesTotal, received.bytesTotal, sent.updatesTotal, sent.bytesTotal],
      ];
    });
    expect(found).toEqual(expected);
    expect(STREAM_FORMATS.map((format) => traffic[format].connections)).toEqual([3, 2, 3]);
  }
  for (const { client } of members) client.kill();
});

test("[H18] [H18a] a player's status tells what its last refused frame was refused for", async () => {
  const refusals = async (player: string) => {
    const { players } = await answerOf<RoomStatus>("/rooms/clinic");
    const { framesRejected, lastRejected } = players.find(({ id }) => id === player)!;
    return { framesRejected, lastRejected };
  };
  const told = (code: string, message: string) => {
    const ageSeconds = expect.any(Number) as number;
    return { code, message: expect.stringContaining(message) as string, ageSeconds };
  };
  const dan = urlOf("clinic", "dan");
  await post(dan, encodeBinary(smallFrame()), BINARY);
  expect(await refusals("dan")).toEqual({ framesRejected: 0, lastRejected: null });

  await post(dan, `{"bones":[{"name":7}]}`, JSON_TYPE);
  expect((await refusals("dan")).lastRejected).toEqual(
    told("wrong_type", "$.bones[0].name: expec"),
  );
  await post(dan, `{"bones":[]}`, BINARY);
  expect((await refusals("dan")).lastRejected).toEqual(
    told("truncated", "send it with Content-Type"),
  );
  await post(dan, new Uint8Array(5000), BINARY);
  expect((await refusals("dan")).lastRejected).toEqual(
    told("body_too_large", "expected at most 4096 bytes"),
  );
  await post(dan, "", { "Content-Type": `application/${"x".repeat(5000)}` });
  const { framesRejected, lastRejected } = await refusals("dan");
  expect(framesRejected).toBe(4);
  expect((lastRejected as RejectedStatus).message).toHaveLength(200);

  const eve = await RawWebSocket.open(server.port, { room: "clinic", format: "stream" });
  eve.join({ player: "eve" });
  eve.publish(1);
  eve.send(frameMessage(new Uint8Array(1), { number: 8, isKey: false }));
  await eve.end();
  expect(await refusals("eve")).toEqual({
    framesRejected: 1,
    lastRejected: told("bad_message", "byte 1: frame 8 does not follow 0"),
  });
});

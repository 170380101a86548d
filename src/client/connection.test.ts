import { beforeEach, describe, expect, test } from "bun:test";
import { BatchWriter, CloseCode, decodeAck } from "../protocol/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHandler, JoinMessage, RoomState, WelcomeMessage } from "./connection.ts";
import { RoomError } from "./errors.ts";
import { FakeRuntime } from "../../test/fake-runtime.ts";

const WELCOME: WelcomeMessage = {
  type: "welcome",
  room: "lobby",
  player: null,
  resumeKey: null,
  resumed: false,
  players: [],
  rateHz: 0,
  serverTimeUs: 1.7e15,
};

class Recorder implements ConnectionHandler {
  readonly states: RoomState[] = [];
  readonly errors: RoomError[] = [];
  readonly heard: string[] = [];
  readonly sequences: number[] = [];
  join: JoinMessage = { type: "join", player: "alice" };

  joinMessage = () => this.join;
  onWelcome = () => void this.heard.push("welcome");
  onMessage = ({ type }: { type: string }) => void this.heard.push(type);
  onBatch = (batch: BatchReader) => {
    this.sequences.push(batch.sequence);
    while (batch.next());
  };
  onPlaces = () => void this.heard.push("places");
  onState = (state: RoomState) => void this.states.push(state);
  onError = (error: RoomError) => void this.errors.push(error);

  get stateNames(): string[] {
    return this.states.map(({ name }) => name);
  }
}

let runtime: FakeRuntime;
let handler: Recorder;
let connection: Connection;

beforeEach(() => {
  runtime = new FakeRuntime();
  handler = new Recorder();
  connection = new Connection({
    url: "ws://host/rooms/lobby/stream",
    subprotocol: "avatar-sync.v1.binary",
    runtime,
    handler,
  });
});

function join(): void {
  runtime.socket.open();
  runtime.socket.receive(WELCOME);
}

/** Joins and stays for long enough that the connection counts as sound. */
function joinSoundly(): void {
  join();
  for (let second = 0; second < 6; second++) {
    runtime.advance(1000);
    runtime.socket.receive({ type: "rate", rateHz: 0 });
  }
}

const writer = new BatchWriter();

function batchOf(sequence: number, isFullState = false): Uint8Array<ArrayBuffer> {
  writer.begin({ sequence, serverTimeUs: 0, isFullState });
  return writer.finish().slice();
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it did not reject",
    (error: unknown) => error,
  );
}

describe("joining", () => {
  test("[S1] [S5] offers the subprotocol and says join first", async () => {
    const { socket } = runtime;
    expect(socket.url).toBe("ws://host/rooms/lobby/stream");
    expect(socket.protocols).toEqual(["avatar-sync.v1.binary"]);
    expect(socket.binaryType).toBe("arraybuffer");
    expect(connection.send({ type: "ping", id: 0 })).toBe(false);
    socket.open();
    expect(socket.sent).toEqual([JSON.stringify(handler.join)]);
    socket.receive(WELCOME);
    expect(connection.state).toEqual({ name: "joined", resumed: false });
    expect(handler.stateNames).toEqual(["joined"]);
    await connection.ready;
    // Join and welcome have told the time.
    expect(connection.clock.serverTimeMs(runtime.nowMs)).toBeCloseTo(1.7e12, 2);
    expect(socket.said("ping")).toHaveLength(1);
  });

  test("keeps trying while there is no server, ever more seldom", () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      expect(connection.state).toMatchObject({ name: "connecting", attempt });
      const { length } = runtime.sockets;
      runtime.socket.end(1006);
      const fromMs = runtime.nowMs;
      while (runtime.sockets.length === length) runtime.advance(1);
      waits.push(runtime.nowMs - fromMs);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 4000, 4000]);
    expect(connection.state).toMatchObject({ error: { code: "unreachable", closeCode: 1006 } });
    join();
    expect(connection.state.name).toBe("joined");
  });

  test("a server that opens but does not answer is given up after 10 s", () => {
    runtime.socket.open();
    runtime.advance(10_000);
    expect(connection.state).toMatchObject({ name: "connecting", error: { code: "timed_out" } });
    expect(runtime.sockets[0].readyState).toBe(2);
    runtime.advance(250);
    // What the old socket still says is not heard.
    runtime.sockets[0].receive(WELCOME);
    runtime.sockets[0].end(1000);
    expect(connection.state).toMatchObject({ name: "connecting", attempt: 2 });
  });

  test("[7] [S7] a player that another has is tried for as long as a session outlives its client", async () => {
    const startMs = runtime.nowMs;
    let tries = 0;
    while (connection.state.name === "connecting") {
      tries++;
      runtime.socket.open();
      runtime.socket.end(CloseCode.PlayerTaken, "another client owns player alice");
      if (tries === 1) {
        const error = { code: "player_taken", closeCode: 4003 };
        expect(connection.state).toMatchObject({ name: "connecting", error });
        expect(connection.state).toMatchObject({
          error: { message: expect.stringMatching(/client owns player alice.*again for 22 s/) },
        });
      }
      runtime.advance(1000);
    }
    expect(tries).toBe(23);
    expect(runtime.nowMs - startMs).toBe(23_000);
    // Once, not every second: the state says the rest.
    expect(handler.errors.map(({ code }) => code)).toEqual(["player_taken"]);
    expect(connection.state).toMatchObject({ name: "closed", reason: "player_taken" });
    const error = await rejection(connection.ready);
    expect(error).toBeInstanceOf(RoomError);
    expect(error).toMatchObject({ code: "player_taken", closeCode: 4003 });
    runtime.advance(60_000);
    expect(runtime.sockets).toHaveLength(tries);
  });

  test("[7] a player that another had is joined within 1 s of being free", async () => {
    for (let second = 0; second < 10; second++) {
      runtime.socket.open();
      runtime.socket.end(CloseCode.PlayerTaken);
      runtime.advance(1000);
    }
    join();
    await connection.ready;
    expect(connection.state.name).toBe("joined");
  });

  test("a full room is tried again", () => {
    runtime.socket.open();
    runtime.socket.end(CloseCode.Full);
    expect(connection.state).toMatchObject({ name: "connecting", error: { code: "full" } });
    runtime.advance(10_000);
    join();
    expect(connection.state.name).toBe("joined");
  });

  test("closing before the room is joined rejects what waits for it", async () => {
    connection.close("closed");
    expect(await rejection(connection.ready)).toMatchObject({ code: "closed" });
    expect([runtime.timerCount, runtime.sockets.length]).toEqual([0, 1]);
    runtime.sockets[0].open();
    expect(runtime.sockets[0].sent).toEqual([]);
  });
});

describe("a connection that ends", () => {
  test("[9] is made again at once where it was sound, however often it is cut", () => {
    join();
    for (let cut = 1; cut <= 5; cut++) {
      runtime.advance(5000 - 100);
      runtime.socket.end(1006);
      expect(connection.state).toMatchObject({ name: "reconnecting", attempt: 1 });
      runtime.advance(100);
      join();
      expect(connection.state.name).toBe("joined");
    }
  });

  test("is made again, within 0.25 s where it was sound", () => {
    joinSoundly();
    runtime.socket.end(1006);
    expect(connection.state).toMatchObject({
      name: "reconnecting",
      attempt: 1,
      error: { code: "lost" },
    });
    handler.join = { type: "join", player: "alice", resumeKey: "key" };
    runtime.advance(250);
    runtime.socket.open();
    expect(runtime.socket.said("join")).toEqual([handler.join]);
    runtime.socket.receive({ ...WELCOME, resumed: true });
    expect(connection.state).toEqual({ name: "joined", resumed: true });
    runtime.advance(3000);
    expect(runtime.sockets).toHaveLength(2);
  });

  test("is made again ever more seldom where it ends soon after each join", () => {
    join();
    for (const waitMs of [100, 200, 400, 800]) {
      const { length } = runtime.sockets;
      runtime.socket.end(1006);
      runtime.advance(waitMs - 1);
      expect(runtime.sockets).toHaveLength(length);
      runtime.advance(1);
      expect(runtime.sockets).toHaveLength(length + 1);
      join();
    }
  });

  test("waits at random, so that not all clients of a server come back at once", () => {
    joinSoundly();
    runtime.randomValue = 0.1;
    runtime.socket.end(1001);
    expect(connection.state).toMatchObject({ error: { code: "going_away" } });
    runtime.advance(10);
    expect(runtime.sockets).toHaveLength(2);
  });

  for (const [code, reason] of [
    [CloseCode.BadMessage, "bad_message"],
    [CloseCode.UnknownMessageType, "unknown_message_type"],
    [CloseCode.Replaced, "replaced"],
    [CloseCode.Removed, "removed"],
  ] as const) {
    test(`[S4] is not made again after ${code}`, () => {
      joinSoundly();
      runtime.socket.end(code, "the reason");
      expect(connection.state).toMatchObject({ name: "closed", reason });
      expect(connection.state).toMatchObject({ error: { closeCode: code, code: reason } });
      expect(runtime.timerCount).toBe(0);
    });
  }

  for (const code of [
    CloseCode.JoinRequired,
    CloseCode.PlayerTaken,
    CloseCode.Full,
    CloseCode.NotAcknowledging,
    CloseCode.Silent,
    1001,
    1011,
  ]) {
    test(`[S4] is made again after ${code}`, () => {
      joinSoundly();
      runtime.socket.end(code);
      expect(connection.state.name).toBe("reconnecting");
      runtime.advance(250);
      join();
      expect(connection.state.name).toBe("joined");
    });
  }

  test("is noticed within 9 s where the line is dead and nothing tells it", () => {
    join();
    const { socket } = runtime;
    runtime.advance(9000);
    expect(connection.state).toMatchObject({ error: { code: "timed_out" } });
    expect(socket.readyState).toBe(2);
    socket.receive({ type: "rate", rateHz: 1 });
    expect(handler.heard).toEqual(["welcome"]);
  });

  test("stays ended after leave, which says goodbye, and after close, which does not", () => {
    for (const reason of ["left", "closed"] as const) {
      runtime = new FakeRuntime();
      connection = new Connection({ url: "ws://host/", subprotocol: "", runtime, handler });
      join();
      connection.close(reason);
      connection.close(reason);
      expect(connection.state).toEqual({ name: "closed", reason, error: null });
      expect(runtime.socket.said("leave")).toHaveLength(reason === "left" ? 1 : 0);
      expect([runtime.socket.readyState, runtime.timerCount]).toEqual([2, 0]);
      runtime.socket.end(1000);
      runtime.advance(60_000);
      expect(runtime.sockets).toHaveLength(1);
    }
  });

  test("may be closed by who hears of its end", () => {
    joinSoundly();
    handler.onState = (state) => {
      if (state.name === "reconnecting") connection.close("closed");
    };
    runtime.socket.end(1006);
    expect([connection.state.name, runtime.timerCount]).toEqual(["closed", 0]);
  });
});

describe("what the server says", () => {
  test("[S3] unknown message types are ignored, in text and in data", () => {
    join();
    runtime.socket.receive('{"type":"weather","sun":true}');
    runtime.socket.receive(Uint8Array.of(0x0e, 1, 2));
    runtime.socket.receive(Uint8Array.of(0x01, 1, 2));
    expect(handler.errors).toEqual([]);
    expect(handler.heard).toEqual(["welcome"]);
  });

  test("[S50] that breaks the protocol is reported, and the connection continues", () => {
    join();
    for (const bad of ["nonsense", '{"type":"rate"}', new Uint8Array(), Uint8Array.of(3, 1)]) {
      runtime.socket.receive(bad);
    }
    expect(handler.errors.map(({ code }) => code)).toEqual(Array(4).fill("bad_server_message"));
    runtime.socket.receive({ type: "rate", rateHz: 3 });
    expect(handler.heard).toEqual(["welcome", "rate"]);
    expect(connection.state.name).toBe("joined");
  });

  test("[S9b] pings are answered into the clock", () => {
    join();
    for (let ping = 0; ping < 3; ping++) {
      const { id } = runtime.socket.said("ping")[ping];
      runtime.advance(10);
      runtime.socket.receive({ type: "pong", id, serverTimeUs: 1.7e15 + runtime.nowMs * 1000 });
      runtime.advance(90);
    }
    expect(connection.clock.isSynced).toBe(true);
  });
});

describe("batches", () => {
  function acked(): number[] {
    return runtime.socket.sentBytes.map((bytes) => decodeAck(bytes));
  }

  test("[S16b] an old batch is ignored, a full state of the same sequence is not", () => {
    join();
    for (const [sequence, isFullState] of [
      [7, true],
      [7, false],
      [8, false],
      [7, true],
      [8, true],
      [6, false],
      [10, false],
    ] as const) {
      runtime.socket.receive(batchOf(sequence, isFullState));
    }
    expect(handler.sequences).toEqual([7, 8, 8, 10]);
  });

  test("[S16b] sequences wrap at 2^32", () => {
    join();
    for (const sequence of [2 ** 32 - 2, 2 ** 32 - 1, 0, 1, 2 ** 32 - 1]) {
      runtime.socket.receive(batchOf(sequence));
    }
    expect(handler.sequences).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
  });

  test("[S17] are acknowledged", () => {
    join();
    runtime.socket.receive(batchOf(5, true));
    expect(acked()).toEqual([5]);
    runtime.socket.receive({ type: "acknowledge" });
    expect(acked()).toEqual([5, 5]);
    runtime.socket.receive(batchOf(6));
    runtime.socket.receive(batchOf(7));
    runtime.advance(100);
    expect(acked()).toEqual([5, 5, 7]);
  });

  test("[S16] [S17] of a new connection count from the start, and the old connection's are no longer acknowledged", () => {
    joinSoundly();
    runtime.socket.receive(batchOf(900));
    runtime.socket.end(1006);
    runtime.advance(250);
    join();
    runtime.advance(500);
    expect(acked()).toEqual([]);
    runtime.socket.receive(batchOf(3, true));
    expect(acked()).toEqual([3]);
    expect(handler.sequences).toEqual([900, 3]);
  });
});

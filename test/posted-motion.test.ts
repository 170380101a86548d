// Frames that are posted: when they were captured, which of them counts, and how they look to others.
import { describe, expect, test } from "bun:test";
import scaled from "./inputs/05-armature-scale-100.frame.json";
import heavy from "./inputs/04-weight-over-128.frame.json";
import { connect } from "../src/client/index.ts";
import type { AvatarFrame } from "../src/client/index.ts";
import { STREAM_FORMATS } from "../src/codec/format.ts";
import { decodeBinary } from "../src/codec/index.ts";
import { START_MS } from "./event-queue.ts";
import { smallFrame } from "./frames.ts";
import { joinPlayer } from "./memory-client.ts";
import { MemoryServer } from "./memory-server.ts";
import { Random } from "./random.ts";
import { memoryRuntime } from "./simulator/memory-runtime.ts";
import { startServer } from "../src/server.ts";

const utf8 = new TextEncoder();

function post(server: MemoryServer, frame: object): boolean {
  const bytes = utf8.encode(JSON.stringify(frame));
  const posted = { format: "json", bytes, source: "http", nowMs: server.clock.nowMs } as const;
  return server.hub.publish("stage", "ann", posted).isNewest;
}

function watch(server: MemoryServer, format: "json" | "binary" | "stream" = "stream") {
  const near = { up: () => 5, down: () => 5 };
  return connect("http://server/rooms/stage", { format, runtime: memoryRuntime(server, near) });
}

/** The standard deviation of the speed shown, of a walk of 1 m/s that is posted with delays of 5 to 65 ms. */
function shownSpeedDeviation(timestampOf: (trueMs: number) => number): number {
  const server = new MemoryServer();
  const { clock } = server;
  const random = new Random(7);
  let arrivalMs = 0;
  for (let atMs = clock.nowMs; atMs < START_MS + 20_000; atMs += 1000 / 30) {
    arrivalMs = Math.max(arrivalMs, atMs + random.between(5, 65));
    clock.after(arrivalMs - clock.nowMs, () =>
      post(server, { ...smallFrame((atMs - START_MS) / 1000), timestamp: timestampOf(atMs) }),
    );
  }
  const room = watch(server);
  const poses = new Map();
  const speeds: number[] = [];
  let last = 0;
  const drawMs = 1000 / 60;
  while (clock.nowMs < START_MS + 19_000) {
    clock.advance(drawMs);
    const x = room.sample(clock.nowMs - START_MS, poses).get("ann")?.root[0] ?? 0;
    if (clock.nowMs > START_MS + 8000) speeds.push(((x - last) / drawMs) * 1000);
    last = x;
  }
  room.close();
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  expect(mean).toBeCloseTo(1, 1);
  return Math.sqrt(speeds.reduce((sum, speed) => sum + (speed - mean) ** 2, 0) / speeds.length);
}

describe("[2] motion that is posted with delays of 5 to 65 ms", () => {
  test("is as even as streamed motion where timestamps tell, whatever they count", () => {
    expect(shownSpeedDeviation((ms) => ms / 1000)).toBeLessThan(0.06);
    expect(shownSpeedDeviation((ms) => ms)).toBeLessThan(0.06);
    expect(shownSpeedDeviation((ms) => (ms - START_MS) / 1000 + 55)).toBeLessThan(0.06);
  });

  test("is what it was without them", () => {
    expect(shownSpeedDeviation(() => 0)).toBeGreaterThan(0.3);
  });
});

describe("[2] a frame that was overtaken", () => {
  test("[H22] [H24] does not replace the newer one, and the answer says so; peculiar timestamps are told once", async () => {
    await using server = await startTestServer();
    const now = Date.now() / 1000;
    const first = await server.post({ ...smallFrame(1), timestamp: now });
    expect(first).toMatchObject({ status: "success", revision: 1 });
    expect(Object.keys(first)).not.toContain("overtaken");
    const second = await server.post({ ...smallFrame(2), timestamp: now - 1 });
    expect(second).toMatchObject({ status: "success", revision: 1, overtaken: true });
    expect((await server.get()).rootTransform.worldPosition.x).toBe(1);
    const third = await server.post({ ...smallFrame(3), timestamp: (now + 0.5) * 1000 });
    expect(third).toMatchObject({ revision: 2 });
    expect((await server.status()).captureTimes).toMatchObject({ framesOvertaken: 1 });
  });

  test("[H23] [H24] milliseconds are told once, in the answer and in the status", async () => {
    await using server = await startTestServer();
    const notes = [];
    for (let frame = 0; frame < 3; frame++) {
      notes.push((await server.post({ ...smallFrame(frame), timestamp: Date.now() + frame })).note);
    }
    const note = "timestamp counts milliseconds, not seconds; it is understood";
    expect(notes).toEqual([note, undefined, undefined]);
    expect((await server.status()).captureTimes).toEqual({
      from: "timestamp",
      framesOvertaken: 0,
      note,
    });
  });

  test("[S31] does not replace the newer one on a stream of whole frames either", () => {
    for (const format of ["json", "binary"] as const) {
      const server = new MemoryServer();
      const ann = joinPlayer(server, "ann", { room: "stage", format });
      const nowUs = Math.round(server.clock.nowMs * 1000);
      ann.publish(1, nowUs % 2 ** 32);
      ann.publish(2, (nowUs - 20_000) % 2 ** 32);
      const player = server.hub.player("stage", "ann")!;
      expect(player.frame.revision).toBe(1);
      expect(player.status(server.clock.nowMs).captureTimes).toMatchObject({
        from: "stream",
        framesOvertaken: 1,
      });
      // Its clock was set back.
      for (let frame = 0; frame < 10; frame++) {
        server.clock.advance(33);
        const capturedUs = Math.round(server.clock.nowMs * 1000) - 2_000_000;
        ann.publish(10 + frame, capturedUs % 2 ** 32);
      }
      expect(decodeBinary(player.frame.encode("binary")).rootTransform.worldPosition.x).toBe(19);
    }
  });
});

describe("[5] no number freezes a player", () => {
  test("weights of 90 and 150 arrive in every format", () => {
    for (const format of STREAM_FORMATS) {
      const server = new MemoryServer();
      const room = watch(server, format);
      for (let frame = 0; frame < 10; frame++) {
        post(server, heavy);
        server.clock.advance(200);
      }
      const pose = room.players.get("ann")!.pose!;
      // Half a step of the stream, 1/510 of the weight that counts as whole: 100 here.
      expect(Math.abs(pose.blendShapes[0] - 90)).toBeLessThan(100 / 510);
      expect(Math.abs(pose.blendShapes[1] - 150)).toBeLessThan(100 / 510);
      room.close();
    }
  });

  test("on an armature of scale 100 the hips move by the centimetre", () => {
    const server = new MemoryServer();
    const room = watch(server);
    for (let frame = 0; frame < 24; frame++) {
      const moved = structuredClone(scaled);
      moved.bones[1].localPosition.x = frame * 0.0001;
      post(server, moved);
      server.clock.advance(200);
      const { skeleton, pose } = room.players.get("ann")!;
      const at = 10 * skeleton!.boneNames.indexOf("mixamorig:Hips");
      // The stream's default precision keeps positions within 2 mm.
      expect(Math.abs(pose!.bones[at] * 100 - frame / 100)).toBeLessThan(0.002);
    }
    room.close();
  });
});

describe("[6] the timestamp of a streamed frame", () => {
  for (const [name, ageMs, shownAgeMs] of [
    ["40 minutes old is as old", 40 * 60_000, 40 * 60_000],
    ["69 minutes old is as old", 69 * 60_000, 69 * 60_000],
    ["half a second ahead is as far ahead", -500, -500],
    ["5 s ahead is its arrival", -5000, 0],
  ] as const) {
    test(`[S12a] [S27b] that is ${name}, in JSON, in binary and later too`, () => {
      for (const format of STREAM_FORMATS) {
        const server = new MemoryServer();
        const ann = joinPlayer(server, "ann", { room: "stage", format });
        const arrivalMs = server.clock.nowMs;
        ann.publish(1, Math.round((arrivalMs - ageMs) * 1000) % 2 ** 32);
        const { frame } = server.hub.player("stage", "ann")!;
        expect(frame.captureTimeUs / 1000).toBeCloseTo(arrivalMs - shownAgeMs, 2);
        if (format !== "stream") continue;
        // Nobody asks at first.
        server.clock.advance(9000);
        const expected = (arrivalMs - shownAgeMs) / 1000;
        const json = JSON.parse(new TextDecoder().decode(frame.encode("json"))) as AvatarFrame;
        expect(json.timestamp).toBeCloseTo(expected, 4);
        expect(decodeBinary(frame.encode("binary")).timestamp).toBeCloseTo(expected, 4);
      }
    });
  }
});

/** A real server, and what a client of its HTTP API does. */
async function startTestServer() {
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  const url = `${server.url}/rooms/stage/players/ann`;
  const json = async (response: Response) => (await response.json()) as never;
  return {
    post: async (frame: object): Promise<Record<string, unknown>> =>
      json(
        await fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(frame),
        }),
      ),
    get: async (): Promise<AvatarFrame> => json(await fetch(url)),
    status: async (): Promise<{ captureTimes: object }> => {
      const room = (await json(await fetch(url.replace("/players/ann", "")))) as {
        players: { captureTimes: object }[];
      };
      return room.players[0];
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

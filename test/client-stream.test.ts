// The stream format between real clients and a real server: who sees what, whatever the others speak.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom, ConnectOptions } from "../src/client/index.ts";
import { decodeBinary, encodeJson } from "../src/codec/index.ts";
import type { Pose } from "../src/codec/index.ts";
import { STREAM_FORMATS } from "../src/codec/format.ts";
import { BatchReader, EntryKind } from "../src/protocol/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { smallFrame } from "./frames.ts";

let server: AvatarServer;
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.stop());

const rooms: AvatarRoom[] = [];
let roomCount = 0;
afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
  roomCount++;
});

const roomUrl = () => `${server.url}/rooms/stream${roomCount}`;

async function join(options: ConnectOptions): Promise<AvatarRoom> {
  const room = connect(`${roomUrl()}/stream`, options);
  rooms.push(room);
  await room.ready;
  return room;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(2);
}

const xOf = (room: AvatarRoom, id: string) => room.players.get(id)?.pose?.root[0];
const isNear = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 0.0021;

describe("every format sees every other", () => {
  for (const from of STREAM_FORMATS) {
    test(`[S30] a teleport that is published in ${from} is shown as a jump in all of them`, async () => {
      const ann = await join({ player: "ann", format: from });
      const others = await Promise.all(STREAM_FORMATS.map((format) => join({ format })));
      const shown: number[] = [];
      const poses = others.map(() => new Map<string, Pose>());
      const look = () =>
        others.forEach((room, at) => {
          const pose = room.sample(performance.now(), poses[at]).get("ann");
          if (pose !== undefined) shown.push(pose.root[0]);
        });
      for (let frame = 0; frame < 30; frame++) {
        if (frame === 15) ann.teleport();
        ann.publish(smallFrame(frame < 15 ? 1 : 9));
        for (let looks = 0; looks < 8; looks++) {
          await Bun.sleep(4);
          look();
        }
      }
      await until(() => {
        look();
        return shown.slice(-3).every((x) => isNear(x, 9));
      });
      expect(shown.filter((x) => !isNear(x, 1) && !isNear(x, 9))).toEqual([]);
    });
  }

  test("[S27b] a streamed player in JSON, binary and over HTTP", async () => {
    const ann = await join({ player: "ann" });
    const others = [
      await join({ player: "bob", format: "json" }),
      await join({ player: "carl", format: "binary" }),
      await join({ player: "dora" }),
    ];
    for (let frame = 1; frame <= 9; frame++) {
      ann.publish(smallFrame(frame / 10));
      await until(() => others.every((room) => isNear(xOf(room, "ann"), frame / 10)));
    }
    const path = `${roomUrl()}/players/ann`;
    const json = (await (await fetch(path)).json()) as ReturnType<typeof smallFrame>;
    expect(isNear(json.rootTransform.worldPosition.x, 0.9)).toBe(true);
    expect(json.bones.map(({ name }) => name)).toEqual(["Hips", "Head"]);
    expect(Math.abs(json.timestamp - Date.now() / 1000)).toBeLessThan(60);
    const binary = await fetch(path, { headers: { Accept: "application/octet-stream" } });
    expect(isNear(decodeBinary(await binary.bytes()).rootTransform.worldPosition.x, 0.9)).toBe(
      true,
    );
  });

  test("[S27] players who post or stream JSON and binary, for those who receive the stream", async () => {
    const json = await join({ player: "json", format: "json" });
    const binary = await join({ player: "binary", format: "binary" });
    const watcher = await join({});
    for (let frame = 1; frame <= 9; frame++) {
      json.publish(smallFrame(frame / 10));
      binary.publish(smallFrame(frame / 20));
      const body = encodeJson(smallFrame(frame / 30));
      await fetch(`${roomUrl()}/players/http`, { method: "POST", body });
      await until(
        () =>
          isNear(xOf(watcher, "json"), frame / 10) &&
          isNear(xOf(watcher, "binary"), frame / 20) &&
          isNear(xOf(watcher, "http"), frame / 30),
      );
    }
    // A receiver that joins in the middle.
    const late = await join({});
    await until(() => isNear(xOf(late, "json"), 0.9) && isNear(xOf(late, "http"), 0.3));
  });

  test("[S20] a frame that does not fit the stream is announced, and the next one that fits is shown", async () => {
    const watcher = await join({});
    const path = `${roomUrl()}/players/odd`;
    await fetch(path, { method: "POST", body: '{"mood":"glad"}' });
    await until(() => watcher.players.get("odd")?.unavailablePath === "$.mood");
    await fetch(path, { method: "POST", body: encodeJson(smallFrame(0.5)) });
    await until(() => isNear(xOf(watcher, "odd"), 0.5));
  });
});

test("a new skeleton begins a new stream", async () => {
  const ann = await join({ player: "ann" });
  const bob = await join({ player: "bob" });
  ann.publish(smallFrame(1));
  await until(() => bob.players.get("ann")?.skeleton !== undefined);
  const renamed = smallFrame(2);
  renamed.bones[1].name = "Neck";
  ann.publish(renamed);
  await until(() => bob.players.get("ann")?.skeleton?.boneNames[1] === "Neck");
  expect(isNear(xOf(bob, "ann"), 2)).toBe(true);
});

/** A socket on which one batch with a layer-0 delta gets lost. */
let lostFrames = 0;
const sentTexts: string[] = [];
class LossyWebSocket extends WebSocket {
  override send(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data === "string") sentTexts.push(data);
    super.send(data);
  }

  override addEventListener(type: string, listener: unknown): void {
    const pass = listener as (event: Event) => void;
    super.addEventListener(type, (event: Event) => {
      if (type === "message" && this.#loses(event as MessageEvent<unknown>)) return;
      pass(event);
    });
  }

  #loses({ data }: MessageEvent<unknown>): boolean {
    if (lostFrames > 0 || !(data instanceof ArrayBuffer)) return false;
    const batch = new BatchReader(new Uint8Array(data));
    if (batch.isFullState) return false;
    while (batch.next()) {
      const { isKey, number } = batch.frame;
      if (batch.kind === EntryKind.Frame && number % 4 === 0 && !isKey) lostFrames++;
    }
    return lostFrames > 0;
  }
}

test("[S14c] [S26a] a lost frame of layer 0 is noticed, and one keyframe from the server heals it", async () => {
  const ann = await join({ player: "ann" });
  const bob = await join({ player: "bob", runtime: { webSocket: LossyWebSocket } });
  const witness = await join({});
  for (let frame = 1; frame <= 40; frame++) {
    ann.publish(smallFrame(frame / 100));
    await until(() => isNear(xOf(witness, "ann"), frame / 100));
  }
  expect(lostFrames).toBeGreaterThan(0);
  await until(() => isNear(xOf(bob, "ann"), 0.4));
  expect(sentTexts.filter((text) => text.includes('"keyframe"'))).toHaveLength(1);
  expect(bob.players.get("ann")?.stats.badFrames).toBe(0);
});

test("[S24b] a receiver of one layer gets a quarter of the frames, each of them right", async () => {
  const ann = await join({ player: "ann" });
  const all = await join({});
  const quarter = await join({ layers: 1 });
  for (let frame = 1; frame <= 40; frame++) {
    ann.publish(smallFrame(frame / 100));
    await until(() => isNear(xOf(all, "ann"), frame / 100));
  }
  // The last frame of layer 0: 36 frames after the keyframe that came first.
  await until(() => isNear(xOf(quarter, "ann"), 0.37));
  expect(all.players.get("ann")?.stats.receivedFrames).toBe(40);
  // 10, and those that a receiver of fewer layers is sent where a busy machine pauses for 0.1 s.
  const received = quarter.players.get("ann")?.stats.receivedFrames;
  expect(received).toBeGreaterThanOrEqual(10);
  expect(received).toBeLessThan(20);
});

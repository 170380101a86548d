// Skeletons that a client holds are not sent again: a real server and clients that come back.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createPose } from "../src/client/index.ts";
import type { AvatarRoom, Pose, Skeleton } from "../src/client/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";

const PLAYERS = 10;
const BONES = 60;

let server: AvatarServer;
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.stop());

/** Sockets of this process, and the bytes of batches that each has received, and what each has said. */
class WatchedWebSocket extends WebSocket {
  static readonly all: WatchedWebSocket[] = [];
  readonly batchBytes: number[] = [];
  readonly said: string[] = [];

  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    WatchedWebSocket.all.push(this);
    this.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) this.batchBytes.push(data.byteLength);
    });
  }

  override send(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data === "string") this.said.push(data);
    super.send(data);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(2);
}

/** A body with names of its own, and a pose that moves. */
function bodyOf(player: number): { skeleton: Skeleton; pose: Pose } {
  const skeleton = {
    boneNames: Array.from({ length: BONES }, (_, bone) => `player ${player} bone ${bone}`),
    blendShapeNames: [],
  };
  return { skeleton, pose: createPose(skeleton) };
}

test("[S37] [S38] over a lost connection and in another room of the page, only poses come again", async () => {
  const address = `${server.url}/rooms/known`;
  const publishers = await Promise.all(
    Array.from({ length: PLAYERS }, async (_, player) => {
      const room = connect(address, { player: `p${player}` });
      await room.ready;
      const { skeleton, pose } = bodyOf(player);
      pose.root[0] = player;
      expect(room.publishPose(skeleton, pose)).toBe(true);
      return room;
    }),
  );
  const watch = () => connect(address, { runtime: { webSocket: WatchedWebSocket } });
  const shows = (room: AvatarRoom) => () =>
    room.state.name === "joined" &&
    Array.from({ length: PLAYERS }, (_, player) => room.players.get(`p${player}`)).every(
      (player, at) => player?.pose?.root[0] === at,
    );
  const watcher = watch();
  await until(shows(watcher));
  const skeletons = [...watcher.players.values()].map(({ skeleton }) => skeleton);
  const [first] = WatchedWebSocket.all;
  // Each of the skeletons has 60 names of 15 bytes and more.
  expect(Math.max(...first.batchBytes)).toBeGreaterThan(PLAYERS * BONES * 16);

  let frames = 0;
  watcher.on("frame", () => frames++);
  first.close();
  await until(() => frames >= PLAYERS && shows(watcher)());
  const another = watch();
  await until(shows(another));

  for (const socket of WatchedWebSocket.all.slice(1)) {
    expect(JSON.parse(socket.said[0]).skeletons).toHaveLength(PLAYERS);
    // A keyframe of a body at rest has a few bytes.
    expect(Math.max(...socket.batchBytes)).toBeLessThan(PLAYERS * 60);
    expect(socket.said.filter((text) => text.includes('"keyframe"'))).toEqual([]);
  }
  expect(WatchedWebSocket.all).toHaveLength(3);
  for (const room of [watcher, another]) {
    expect([...room.players.values()].map(({ skeleton }) => skeleton)).toEqual(skeletons);
  }
  // The very objects: what an application made for them still fits.
  for (const [at, { skeleton }] of [...watcher.players.values()].entries()) {
    expect(skeleton).toBe(skeletons[at]);
  }
  for (const room of [watcher, another, ...publishers]) room.leave();
});

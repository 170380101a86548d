// What people see: senders that move by fits and starts, receivers of every format and number of layers that draw them
// with the client's own `sample`, and lines of up to 250 ms each way. One seed is one run.
//
// All the while nobody is shown further from where its sender was than the sender's own speed carries it. And a second
// after a sender's last frame everybody shows it, exactly.
import { connect } from "../../src/client/index.ts";
import type { AvatarRoom } from "../../src/client/index.ts";
import { STREAM_FORMATS } from "../../src/codec/format.ts";
import type { Pose } from "../../src/codec/index.ts";
import { MemoryServer } from "../memory-server.ts";
import { Random } from "../random.ts";
import { START_MS } from "../event-queue.ts";
import { memoryRuntime } from "./memory-runtime.ts";
import type { LineDelay } from "./memory-runtime.ts";
import { MotionSender, WALK_MAX } from "./motion-sender.ts";

const LINE_MAX_MS = 250;
const JOIN_MS = 3000;
const MOVE_MS = 10_000;
const DRAW_EVERY_MS = 16;
const SHOWN_WITHIN_MS = 1000;
const STAYS_MS = 2500;
// What is shown is at most this old: the lines, the delay that evens out jitter, and what makes up for a longer lag.
const SHOWN_AGE_MAX_MS = 3000;
// Motion continues for 40 ms at the speed seen. Where captures are not known, arrivals may be three times as near.
const BEYOND = WALK_MAX * 0.04 * 3;
/** Half a step of the stream encoding. */
const ENCODING_ERROR = 0.0021;

/** Runs one seed. @throws {Error} that names the seed and what went wrong. */
export function simulateMotion(seed: number): { drawn: number; moved: number } {
  const random = new Random(seed);
  const server = new MemoryServer();
  const { clock } = server;
  const counts = { drawn: 0, moved: 0 };
  const senders = Array.from({ length: random.pick([1, 3, 6]) }, (_, index) => {
    return new MotionSender(server, random, { id: `p${index}`, room: "stage", up: line(random) });
  });
  const receivers = STREAM_FORMATS.flatMap((format) =>
    (format === "stream" ? ([1, 2, 3] as const) : ([3] as const)).map((layers) =>
      connect("http://server/rooms/stage", {
        format,
        layers,
        runtime: memoryRuntime(server, { up: line(random), down: line(random) }),
      }),
    ),
  );
  clock.advance(JOIN_MS);
  const ended = new Map<MotionSender, number>();
  for (const sender of senders) sender.move(MOVE_MS, () => ended.set(sender, clock.nowMs));
  const screens = receivers.map((room) => ({ room, poses: new Map<string, Pose>() }));
  const endMs = clock.nowMs + MOVE_MS + SHOWN_WITHIN_MS + STAYS_MS;
  while (clock.nowMs < endMs) {
    clock.advance(DRAW_EVERY_MS);
    for (const { room, poses } of screens) {
      room.sample(clock.nowMs - START_MS, poses);
      for (const sender of senders) {
        const pose = poses.get(sender.id);
        if (pose === undefined) continue;
        counts.drawn++;
        check(
          sender,
          room,
          pose,
          `seed ${seed}, ${Math.round(clock.nowMs - START_MS)} ms`,
          clock.nowMs,
        );
      }
    }
  }
  for (const { room } of screens) {
    for (const { id, sent } of senders) {
      if (sent.length > 0 && !room.players.has(id))
        throw new Error(`seed ${seed}: ${id} is not shown`);
      counts.moved += sent.length;
    }
    room.close();
  }
  return counts;
}

function line(random: Random): LineDelay {
  const base = random.pick([1, 20, 80, 200]);
  const jitter = Math.min(random.pick([0, 10, 60, 200]), LINE_MAX_MS - base);
  return () => base + random.between(0, jitter);
}

function check(
  sender: MotionSender,
  room: AvatarRoom,
  pose: Pose,
  when: string,
  nowMs: number,
): void {
  const { id, way, sent } = sender;
  const player = room.players.get(id)!;
  const what = `${when}: ${id}, who sends ${way},`;
  const x = pose.root[0];
  const last = sent.at(-1)!;
  const fromMs = nowMs - SHOWN_AGE_MAX_MS;
  // The last frame before counts too: it may still be shown.
  const first = Math.max(
    0,
    sent.findLastIndex(({ atMs }) => atMs < fromMs),
  );
  let [least, most] = [Infinity, -Infinity];
  for (let index = first; index < sent.length; index++) {
    least = Math.min(least, sent[index].x);
    most = Math.max(most, sent[index].x);
  }
  if (x < least - BEYOND || x > most + BEYOND) {
    throw new Error(`${what} is at ${x}, and was between ${least} and ${most}`);
  }
  if (nowMs < last.atMs + SHOWN_WITHIN_MS) return;
  if (Math.abs(x - last.x) > ENCODING_ERROR) {
    throw new Error(`${what} is at ${x} ${nowMs - last.atMs} ms after its last frame at ${last.x}`);
  }
  const newest = player.pose!;
  const isExact =
    Bun.deepEquals(pose.root, newest.root) &&
    Bun.deepEquals(pose.bones, newest.bones) &&
    Bun.deepEquals(pose.blendShapes, newest.blendShapes);
  if (!isExact) throw new Error(`${what} is not shown as its newest frame has it`);
}

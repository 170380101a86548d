// One who moves, by fits and starts: walks, pauses, teleports, sends on change, changes the skeleton and passes wrong
// times. Sends by the client or by POST.
import { connect } from "../../src/client/index.ts";
import type { AvatarRoom } from "../../src/client/index.ts";
import { createPose, encodeBinary, encodeJson, frameOf } from "../../src/codec/index.ts";
import type { Pose, Skeleton } from "../../src/codec/index.ts";
import { START_MS } from "../event-queue.ts";
import type { MemoryServer } from "../memory-server.ts";
import type { Random } from "../random.ts";
import { memoryRuntime } from "./memory-runtime.ts";
import type { LineDelay } from "./memory-runtime.ts";

const BODY: Skeleton = {
  boneNames: ["Hips", "Head"],
  boneParents: [null, "Hips"],
  blendShapeNames: ["jawOpen"],
};
const HANDS: Skeleton = {
  boneNames: ["Hips", "LeftHand", "Head"],
  boneParents: [null, "Hips", "Hips"],
  blendShapeNames: ["smile", "jawOpen"],
};

/** Nobody walks faster, metres a second. */
export const WALK_MAX = 2;
const TELEPORT_AFTER_MS = 1500;

/** How a sender tells time, given that of its own clock in milliseconds. */
type TellTime = (clockMs: number) => number;

const CLIENT_TIMES: readonly TellTime[] = [
  (ms) => ms,
  (ms) => ms,
  (ms) => ms - 40,
  (ms) => ms + 1.7e12,
  (ms) => ms / 1000,
  () => 0,
  () => Number.NaN,
];
const POST_TIMES: readonly TellTime[] = [
  (ms) => ms / 1000 + 1.7e9,
  (ms) => ms / 1000 + 1.7e9,
  (ms) => (ms * 1.0001) / 1000 + 5e8,
  (ms) => ms + 1.7e12,
  (ms) => ms * 1000 + 1.7e15,
  (ms) => ms / 1000,
  (ms) => Math.floor(ms / 1000) + 1.7e9,
  () => 1_234_567_890.123,
  () => 0,
  (ms) => (ms * 7919) % 1e6,
];

export interface SentFrame {
  readonly atMs: number;
  readonly x: number;
}

/** How a sender's frames travel. */
export type Way = "stream" | "binary" | "json" | "http-json" | "http-binary";
export const WAYS: readonly Way[] = ["stream", "binary", "json", "http-json", "http-binary"];

export class MotionSender {
  readonly id: string;
  readonly way: Way;
  /** What was sent, in order. */
  readonly sent: SentFrame[] = [];
  readonly #server: MemoryServer;
  readonly #random: Random;
  readonly #up: LineDelay;
  readonly #tellTime: TellTime;
  readonly #room: AvatarRoom | undefined;
  readonly #intervalMs: number;
  readonly #clockStartMs: number;
  #lastArrivalMs = 0;
  #teleportedMs = 0;
  #skeleton = BODY;
  #pose: Pose = createPose(BODY);
  #x = 0;
  #weight = 0;
  #speed = 0;

  constructor(
    server: MemoryServer,
    random: Random,
    options: { id: string; room: string; up: LineDelay },
  ) {
    this.id = options.id;
    this.#server = server;
    this.#random = random;
    this.#up = options.up;
    this.way = random.pick(WAYS);
    this.#intervalMs = 1000 / random.pick([5, 20, 30, 72, 90]);
    // A page that is young, or has been open for hours.
    this.#clockStartMs = random.pick([0, 5000, 1e7]);
    const isPosting = this.way.startsWith("http");
    this.#tellTime = random.pick(isPosting ? POST_TIMES : CLIENT_TIMES);
    if (this.way.startsWith("http")) return;
    this.#room = connect(`http://server/rooms/${options.room}`, {
      player: this.id,
      format: this.way as "stream" | "binary" | "json",
      runtime: memoryRuntime(server, { up: this.#up, down: this.#up }, this.#clockStartMs),
    });
    // Wrong times are told: they are wrong on purpose.
    this.#room.on("error", () => {});
  }

  /** Moves for a while, and ends. @returns when the last frame was published. */
  move(durationMs: number, onEnd: () => void): void {
    const { clock } = this.#server;
    const endMs = clock.nowMs + durationMs;
    const step = (): void => {
      this.#speed = this.#random.pick([0, 0.5, 1, WALK_MAX, -1]);
      const untilMs = clock.nowMs + this.#random.between(100, 1200);
      const walk = (): void => {
        if (clock.nowMs >= endMs) return onEnd();
        if (clock.nowMs >= untilMs) return clock.after(this.#rest(), step);
        this.#x += (this.#speed * this.#intervalMs) / 1000;
        this.#send();
        clock.after(this.#intervalMs, walk);
      };
      walk();
    };
    step();
  }

  /** Something between two walks. @returns for how long nothing is sent. */
  #rest(): number {
    const random = this.#random;
    const { nowMs } = this.#server.clock;
    switch (random.below(5)) {
      case 0:
        if (nowMs - this.#teleportedMs < TELEPORT_AFTER_MS) break;
        this.#teleportedMs = nowMs;
        this.#x += random.pick([-10, 10]);
        this.#send();
        break;
      case 1:
        this.#skeleton = this.#skeleton === BODY ? HANDS : BODY;
        this.#pose = createPose(this.#skeleton);
        break;
      case 2:
        this.#weight = random.pick([0, 1, 90, 150, 1000]);
        break;
      default:
    }
    return random.pick([0, this.#intervalMs, 300, 1200]);
  }

  #send(): void {
    const { clock } = this.#server;
    const clockMs = clock.nowMs - START_MS + this.#clockStartMs;
    const pose = this.#pose;
    pose.root.set([this.#x, 0, 0]);
    for (let at = 0; at < pose.bones.length; at += 10) pose.bones.set([this.#x / 2, 0, 0], at);
    pose.blendShapes.fill(this.#weight);
    const time = this.#tellTime(clockMs);
    if (this.#room !== undefined) {
      if (this.#room.state.name !== "joined") return;
      this.#room.publishPose(this.#skeleton, pose, time);
    } else this.#post(time);
    this.sent.push({ atMs: clock.nowMs, x: this.#x });
  }

  #post(timestamp: number): void {
    const { clock, hub } = this.#server;
    this.#pose.timestamp = timestamp;
    const frame = frameOf(this.#skeleton, this.#pose);
    const format = this.way === "http-json" ? "json" : "binary";
    if (format === "binary") for (const bone of frame.bones) delete bone.parent;
    const bytes = format === "json" ? encodeJson(frame) : encodeBinary(frame);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, clock.nowMs + this.#up());
    clock.after(this.#lastArrivalMs - clock.nowMs, () =>
      hub.publish("stage", this.id, { format, bytes, source: "http", nowMs: clock.nowMs }),
    );
  }
}

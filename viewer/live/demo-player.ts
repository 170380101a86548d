// Demo player: a body that this page itself puts into a room, so that there is something to see at once.
import { connect } from "../../src/client/index.ts";
import type { AvatarRoom } from "../../src/client/index.ts";
import { serverOf } from "../slot-address.ts";
import { createGreeterPose, greet, GREETER_SKELETON } from "../../src/motion/body-motion.ts";

const FRAME_MS = 1000 / 30;

export class DemoPlayer {
  readonly #onChange: (isPlaying: boolean) => void;
  readonly #pose = createGreeterPose();
  #room: AvatarRoom | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `onChange` is called when the demo begins or ends. */
  constructor(onChange: (isPlaying: boolean) => void) {
    this.#onChange = onChange;
    // A hidden page has no steady timers: nobody would see it move.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
    });
    window.addEventListener("pagehide", () => this.stop());
  }

  get isPlaying(): boolean {
    return this.#room !== null;
  }

  /** Joins a room and moves there until `stop`. */
  play(roomId: string): void {
    this.stop();
    // Two pages may play at once, so the id is no fixed one.
    const id = crypto.getRandomValues(new Uint16Array(1))[0];
    const room = connect(serverOf(location), {
      room: roomId,
      player: `demo-${id}`,
      info: { displayName: "Demo" },
      coordinateSystem: "gltf",
    });
    this.#room = room;
    // A server that is full refuses: then there is no demo, and the page says why nothing is seen.
    room.ready.catch(() => this.stop());
    this.#timer = setInterval(() => {
      if (room.state.name !== "joined") return;
      const nowMs = performance.now();
      room.publishPose(GREETER_SKELETON, greet(nowMs / 1000, this.#pose), nowMs);
    }, FRAME_MS);
    this.#onChange(true);
  }

  stop(): void {
    if (this.#room === null) return;
    clearInterval(this.#timer);
    this.#room.leave();
    this.#room = null;
    this.#onChange(false);
  }
}

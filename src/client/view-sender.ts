// View sender: tells the server from where this side wants to see a crowd. The server knows the last one only, so each
// connection is told again; a camera moves with every frame, so what changes often is told 5 times a second.
import { DecodeError } from "../codec/index.ts";
import { checkView } from "../protocol/index.ts";
import type { ClientMessage, ViewPoint } from "../protocol/index.ts";
import type { ClientRuntime } from "./runtime.ts";

/** From where to see a crowd, and how much of it. What is left out is as the server has it without a view. */
export interface View {
  /**
   * Up to 4 points of view: places in the room in metres, in the coordinate system that `sample` converts to, or ids of
   * players who are there. Unset or empty: this side's own player; of a spectator, the middle of everybody.
   */
  readonly points?: readonly ViewPoint[];
  /** Ids of up to 16 players who are shown in full wherever they are, the most important first. */
  readonly pinned?: readonly string[];
  /** All that the server may send, 20,000 to 10,000,000. Unset: 150,000; in json and binary 2,000,000. */
  readonly bytesPerSecond?: number;
}

const INTERVAL_MS = 200;
// Steps of a position, so that a camera which comes to rest is not told on and on.
const STEPS_PER_METRE = 100;
/** What a new connection has. */
const UNSAID = "{}";

export interface ViewSenderOptions {
  readonly runtime: Pick<ClientRuntime, "now" | "setTimeout" | "clearTimeout">;
  /** Sends if there is a connection; false if not. */
  readonly send: (message: ClientMessage) => boolean;
  /** Whether the frames of the room have the other handedness than this side. */
  readonly isMirrored: () => boolean;
}

export class ViewSender {
  readonly #options: ViewSenderOptions;
  #view: View = {};
  #saidMs = -Infinity;
  #said = UNSAID;
  #timer: unknown = null;

  constructor(options: ViewSenderOptions) {
    this.#options = options;
  }

  /** Sends it now or soon, if it differs. @throws {RangeError} naming what no server accepts. */
  set(view: View): void {
    try {
      checkView({ type: "view", ...view });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new RangeError(`view: ${error.message}`, { cause: error });
    }
    const { points, pinned, bytesPerSecond } = view;
    // A copy: the caller may move a camera's array.
    this.#view = {
      ...(points !== undefined && {
        points: points.map((each) => (typeof each === "string" ? each : ([...each] as const))),
      }),
      ...(pinned !== undefined && { pinned: [...pinned] }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    };
    this.update();
  }

  /** A new connection has been told nothing. */
  restart(): void {
    this.stop();
    this.#said = UNSAID;
    this.#saidMs = -Infinity;
    this.update();
  }

  /** Others have come, which may have the other handedness. */
  update(): void {
    const { runtime } = this.#options;
    if (this.#timer !== null) return;
    const waitMs = this.#saidMs + INTERVAL_MS - runtime.now();
    if (waitMs <= 0) return this.#say();
    this.#timer = runtime.setTimeout(() => {
      this.#timer = null;
      this.#say();
    }, waitMs);
  }

  stop(): void {
    this.#options.runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #say(): void {
    const { runtime, send, isMirrored } = this.#options;
    const view = { ...this.#view, ...this.#roomPoints(isMirrored) };
    const text = JSON.stringify(view);
    if (text === this.#said || !send({ type: "view", ...view })) return;
    this.#said = text;
    this.#saidMs = runtime.now();
  }

  /** The points as the room's frames have them. */
  #roomPoints(isMirrored: () => boolean): Pick<View, "points"> {
    const { points } = this.#view;
    if (points === undefined) return {};
    const sign = points.some((each) => typeof each !== "string") && isMirrored() ? -1 : 1;
    return {
      points: points.map((each) =>
        typeof each === "string"
          ? each
          : ([stepped(sign * each[0]), stepped(each[1]), stepped(each[2])] as const),
      ),
    };
  }
}

const stepped = (metres: number) => Math.round(metres * STEPS_PER_METRE) / STEPS_PER_METRE;

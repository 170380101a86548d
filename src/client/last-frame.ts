// The last frame that an application published, kept so that it can be sent later: if it was skipped and no other
// follows, or if the connection is a new one. Otherwise the others would continue to see an older pose.
import { createBlankPose } from "../codec/frame.ts";
import type { FrameDocument, Pose, Skeleton } from "../codec/index.ts";
import { copyPose } from "./interpolate.ts";
import type { ClientRuntime } from "./runtime.ts";

/** Without another frame for this long there is a pause: three frames of 30 Hz. */
const PAUSE_MS = 100;
/** On a new connection whoever is moving publishes before this. */
const NEW_CONNECTION_PAUSE_MS = 500;

export class LastFrame {
  /** Of the last frame; the next one must not be older. */
  captureTimeMs = -Infinity;
  readonly #runtime: Pick<ClientRuntime, "now" | "setTimeout" | "clearTimeout">;
  readonly #send: (frame: LastFrame) => boolean;
  #skeleton: Skeleton | undefined;
  #pose: Pose | undefined;
  #document: FrameDocument | undefined;
  #keptMs = 0;
  #isUnsent = false;
  #timer: unknown;

  /** `send` is called in a pause after a frame that was not sent, until it returns true. */
  constructor(
    runtime: Pick<ClientRuntime, "now" | "setTimeout" | "clearTimeout">,
    send: (frame: LastFrame) => boolean,
  ) {
    this.#runtime = runtime;
    this.#send = send;
  }

  /** A frame that was published as an object; it is not copied. */
  get document(): FrameDocument | undefined {
    return this.#document;
  }

  /** A frame that was published as a pose. */
  get pose(): { readonly skeleton: Skeleton; readonly pose: Pose } | undefined {
    const [skeleton, pose] = [this.#skeleton, this.#pose];
    return skeleton === undefined || pose === undefined ? undefined : { skeleton, pose };
  }

  keepDocument(document: FrameDocument, captureTimeMs: number, isSent: boolean): void {
    this.#document = document;
    this.#keep(captureTimeMs, isSent);
  }

  /** Copies the pose. */
  keepPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number, isSent: boolean): void {
    this.#document = undefined;
    if (this.#pose === undefined || this.#skeleton !== skeleton) {
      this.#skeleton = skeleton;
      this.#pose = createBlankPose(skeleton);
    }
    copyPose(pose, this.#pose);
    this.#keep(captureTimeMs, isSent);
  }

  /** The other side has not got it, or has forgotten it. */
  sendAgain(): void {
    if (this.#document === undefined && this.#pose === undefined) return;
    this.#isUnsent = true;
    this.#wait(NEW_CONNECTION_PAUSE_MS);
  }

  /** Sends nothing later. */
  stop(): void {
    this.#runtime.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #keep(captureTimeMs: number, isSent: boolean): void {
    this.captureTimeMs = captureTimeMs;
    this.#keptMs = this.#runtime.now();
    this.#isUnsent = !isSent;
    if (!isSent) this.#wait(PAUSE_MS);
  }

  // One timer, which looks again when it is due: a skipped frame costs none of its own.
  #wait(delayMs: number): void {
    this.#timer ??= this.#runtime.setTimeout(() => this.#due(), delayMs);
  }

  #due(): void {
    this.#timer = undefined;
    if (!this.#isUnsent) return;
    const leftMs = this.#keptMs + PAUSE_MS - this.#runtime.now();
    if (leftMs > 0) return this.#wait(leftMs);
    if (this.#send(this)) this.#isUnsent = false;
    else this.#wait(PAUSE_MS);
  }
}

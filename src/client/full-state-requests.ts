// Asks the server for full state when something is missing that a frame needs: at most once a second, because the
// server answers each time with all there is.
import type { ClientMessage } from "../protocol/index.ts";
import type { ClientRuntime } from "./runtime.ts";

const INTERVAL_MS = 1000;

export interface FullStateRequestsOptions {
  readonly runtime: Pick<ClientRuntime, "now" | "setTimeout">;
  /** Sends if there is a connection; false if not. */
  readonly send: (message: ClientMessage) => boolean;
  /** Whether players are shown that this side does not hold the skeletons of. */
  readonly lacksSkeletons: () => boolean;
  /** What the server may leave out: content ids, the oldest first. */
  readonly heldSkeletons: () => readonly string[];
}

export class FullStateRequests {
  readonly #options: FullStateRequestsOptions;
  #askedMs = -Infinity;
  #isWaiting = false;

  constructor(options: FullStateRequestsOptions) {
    this.#options = options;
  }

  /** Asks now, unless it was asked within the last second. For a skeleton it asks again, until it is there. */
  ask(): void {
    const { runtime, send, lacksSkeletons, heldSkeletons } = this.#options;
    const lacks = lacksSkeletons();
    let waitMs = this.#askedMs + INTERVAL_MS - runtime.now();
    if (waitMs <= 0) {
      // The server believed that this side holds more.
      const sent = send({ type: "keyframe", ...(lacks && { skeletons: heldSkeletons() }) });
      // The next connection begins with full state.
      if (!sent) return;
      this.#askedMs = runtime.now();
      waitMs = INTERVAL_MS;
    }
    // A frame whose reference is missing is followed by others, which ask again. A player whose skeleton is missing
    // may not move any more.
    if (!lacks || this.#isWaiting) return;
    this.#isWaiting = true;
    runtime.setTimeout(() => {
      this.#isWaiting = false;
      if (lacksSkeletons()) this.ask();
    }, waitMs);
  }
}

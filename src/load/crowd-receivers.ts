// Receivers of a crowd: each is looked at once a second, whether it has in sight who is nearest by the true places.
import { nowMs } from "./clock.ts";
import { CrowdReceiver } from "./crowd-receiver.ts";
import { CrowdTally } from "./crowd-tally.ts";
import type { CrowdPart } from "./crowd-tally.ts";
import type { LoadMotion } from "./load-motion.ts";
import type { LoadReceivers } from "./load-receivers.ts";
import type { LoadShape, Seat } from "./messages.ts";
import { Nearest } from "./nearest.ts";
import type { Walks } from "./walk.ts";
import { low32Us } from "./window.ts";

// A decoding receiver reads some 1,000 frames a second, at 20 us each with the search in the clip.
const DECODING_EVERY = 250;
// A tenth of the receivers at a time.
const LOOK_INTERVAL_MS = 100;
const LOOK_TURNS = 10;
/** Near by default. */
const NEAR = 20;

export class CrowdReceivers implements LoadReceivers {
  readonly #shape: LoadShape;
  readonly #motion: LoadMotion;
  readonly #walks: Walks;
  readonly #receivers: CrowdReceiver[] = [];
  readonly #tally = new CrowdTally();
  readonly #places: Float64Array;
  readonly #nearest: Nearest;
  #turn = 0;

  constructor(shape: LoadShape, motion: LoadMotion, walks: Walks) {
    this.#shape = shape;
    this.#motion = motion;
    this.#walks = walks;
    this.#places = new Float64Array(2 * shape.players);
    this.#nearest = new Nearest(Math.min(NEAR, shape.players - 1));
  }

  get window(): CrowdTally["window"] {
    return this.#tally.window;
  }

  set window(window: CrowdTally["window"]) {
    this.#tally.window = window;
  }

  create(seat: Seat): CrowdReceiver {
    const shape = this.#shape;
    const isDecoding = this.#receivers.length % DECODING_EVERY === 0;
    const inspector = isDecoding ? this.#motion.inspector(shape.players) : undefined;
    const receiver = new CrowdReceiver({ shape, seat, inspector, tally: this.#tally });
    this.#receivers.push(receiver);
    return receiver;
  }

  begin(epochMs: number): void {
    this.#walks.epochLow32 = low32Us(epochMs);
    setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  clear(): void {
    this.#tally.clear();
  }

  part(): CrowdPart {
    for (const receiver of this.#receivers) receiver.noteStarved();
    return this.#tally.part();
  }

  #look(): void {
    const low32 = low32Us(nowMs());
    for (let player = 0; player < this.#shape.players; player++) {
      this.#walks.placeAt(player, low32, this.#places, 2 * player);
    }
    this.#turn = (this.#turn + 1) % LOOK_TURNS;
    for (let at = this.#turn; at < this.#receivers.length; at += LOOK_TURNS) {
      const receiver = this.#receivers[at];
      receiver.look(this.#nearest.of(receiver.seat.player, this.#places));
    }
  }
}

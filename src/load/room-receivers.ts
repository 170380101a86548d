// Receivers of rooms in which everyone is sent everyone.
import type { Inspector, LoadMotion } from "./load-motion.ts";
import type { LoadReceivers } from "./load-receivers.ts";
import type { LoadShape, PlayerReceipts, RoomPart, Seat } from "./messages.ts";
import { Tally } from "./receipts.ts";
import { CHECK_EVERY, RoomReceiver } from "./room-receiver.ts";
import type { Window } from "./window.ts";

// Frames a second that one process decodes: at 15 us each, a fifth of a core.
const DECODES_PER_SECOND_MAX = 15_000;

export class RoomReceivers implements LoadReceivers {
  readonly #shape: LoadShape;
  readonly #motion: LoadMotion;
  readonly #inspectors: Map<Seat, Inspector>;
  readonly #receivers: RoomReceiver[] = [];
  readonly #tally = new Tally();

  constructor(shape: LoadShape, seats: readonly Seat[], motion: LoadMotion) {
    this.#shape = shape;
    this.#motion = motion;
    this.#inspectors = inspectorsOf(shape, seats, motion);
  }

  get window(): Window | undefined {
    return this.#tally.window;
  }

  set window(window: Window | undefined) {
    this.#tally.window = window;
  }

  create(seat: Seat): RoomReceiver {
    const shape = this.#shape;
    const inspector = this.#inspectors.get(seat) ?? this.#motion.inspector(shape.players);
    const receiver = new RoomReceiver({ shape, seat, inspector, tally: this.#tally });
    this.#receivers.push(receiver);
    return receiver;
  }

  begin(): void {}

  clear(): void {
    this.#tally.clear();
  }

  part(): RoomPart {
    const { latency, gap, checked, wrong, receivedBytes } = this.#tally;
    const rooms = new Set(this.#receivers.map(({ seat }) => seat.room));
    return {
      kind: "room",
      isCrowd: this.#tally.isCrowd,
      received: Array.from(rooms).flatMap((room) => this.#receivedIn(room)),
      latency: latency.counts(),
      gap: gap.counts(),
      checked,
      wrong,
      receivedBytes,
      frozen: this.#receivers.reduce(
        (all, { receipts, seat }) => all + receipts.frozenCount(seat.player),
        0,
      ),
    };
  }

  #receivedIn(room: number): PlayerReceipts[] {
    const receivers = this.#receivers.filter(({ seat }) => seat.room === room);
    return Array.from({ length: this.#shape.players }, (_, player) => {
      const counts = { settledReceivers: 0, settledFrames: 0, openReceivers: 0, openFrames: 0 };
      for (const { seat, receipts } of receivers) {
        if (seat.player === player) continue;
        const { frames, isSettled } = receipts.of(player);
        counts[isSettled ? "settledReceivers" : "openReceivers"]++;
        counts[isSettled ? "settledFrames" : "openFrames"] += frames;
      }
      return { seat: { room, player }, ...counts };
    });
  }
}

/** One inspector for 17 receivers of a room, so that 1 of 17 frames is decoded, or for more if that is too much. */
function inspectorsOf(
  { players, hz }: LoadShape,
  seats: readonly Seat[],
  motion: LoadMotion,
): Map<Seat, Inspector> {
  const rooms = Array.from(Map.groupBy(seats, ({ room }) => room).values());
  const perRoomMax = Math.floor(DECODES_PER_SECOND_MAX / (rooms.length * players * hz));
  const pairs = rooms.flatMap((receivers) => {
    const count = Math.min(Math.ceil(receivers.length / CHECK_EVERY), Math.max(1, perRoomMax));
    const inspectors = Array.from({ length: count }, () => motion.inspector(players));
    return receivers.map((seat, index) => [seat, inspectors[index % count]] as const);
  });
  return new Map(pairs);
}

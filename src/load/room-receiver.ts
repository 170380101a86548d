// A receiver of a room in which everyone is sent everyone: counts the frames of each player.
import { EntryKind } from "../protocol/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import type { LoadReceiver } from "./load-client.ts";
import type { Inspector } from "./load-motion.ts";
import type { LoadShape, Seat } from "./messages.ts";
import { Receipts } from "./receipts.ts";
import type { Tally } from "./receipts.ts";

// 1 of 17 is 5.9 %. A prime, so that no player is left out for good.
export const CHECK_EVERY = 17;

export class RoomReceiver implements LoadReceiver {
  readonly seat: Seat;
  readonly receipts: Receipts;
  readonly #inspector: Inspector;
  readonly #tally: Tally;
  // Indexed by player index: which player of the load that is. -1: not one of ours, or this client.
  readonly #playerByIndex: number[] = [];
  #toCheck: number;

  constructor(options: { shape: LoadShape; seat: Seat; inspector: Inspector; tally: Tally }) {
    const { shape, seat, inspector, tally } = options;
    this.seat = seat;
    this.receipts = new Receipts(tally, seat.room, shape.players);
    this.#inspector = inspector;
    this.#tally = tally;
    // Receivers must not check the same players.
    this.#toCheck = seat.player % CHECK_EVERY;
  }

  learn(index: number, player: number): void {
    while (this.#playerByIndex.length <= index) this.#playerByIndex.push(-1);
    this.#playerByIndex[index] = player;
  }

  receive(batch: BatchReader, byteLength: number): void {
    const { receipts } = this;
    receipts.beginBatch(byteLength);
    while (batch.next()) {
      const player = this.#playerByIndex[batch.playerIndex] ?? -1;
      const isFrame = batch.kind === EntryKind.Frame;
      // A skeleton of anybody's may be another player's later on, without its payload.
      if (player < 0 && isFrame) continue;
      const revision = isFrame ? receipts.revisionOf(player, batch) : 0;
      const isCounted = isFrame && receipts.add(player, revision, batch);
      const isDue = isCounted && ++this.#toCheck % CHECK_EVERY === 0;
      const isRight = this.#inspector.inspect(player, { batch, revision }, isDue);
      if (isCounted && isRight !== undefined) receipts.addCheck(isRight);
    }
    receipts.endBatch();
  }

  receiveOther(_: number, isPlaces: boolean): void {
    if (isPlaces) this.#tally.isCrowd = true;
  }

  clear(): void {
    this.receipts.clear();
  }
}

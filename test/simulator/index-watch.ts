// Watches the indices that a server gives to players: each rests for 60 s, and all stay low [S32].
import type { RoomObserver } from "../../src/hub/room-observer.ts";
import type { EventQueue } from "../event-queue.ts";

const REST_MS = 60_000;

export class IndexWatch implements RoomObserver {
  readonly #clock: EventQueue;
  readonly #playersMax: number;
  // By room and player, and by room and index.
  readonly #indices = new Map<string, number>();
  readonly #leftMs = new Map<string, number>();

  /** `playersMax`: of a room. */
  constructor(clock: EventQueue, playersMax: number) {
    this.#clock = clock;
    this.#playersMax = playersMax;
  }

  /** @throws {Error} for an index that has not rested, or is higher than it need be. */
  joined(roomId: string, { id, index }: { readonly id: string; readonly index: number }): void {
    const { nowMs } = this.#clock;
    const restedMs = nowMs - (this.#leftMs.get(`${roomId}/${index}`) ?? -Infinity);
    if (restedMs < REST_MS) throw new Error(`S32: ${id} has index ${index} after ${restedMs} ms`);
    const resting = [...this.#leftMs].filter(
      ([place, leftMs]) => place.startsWith(`${roomId}/`) && nowMs - leftMs < REST_MS,
    );
    if (index >= this.#playersMax + resting.length) {
      throw new Error(`S32: ${id} has index ${index}, and ${resting.length} rest`);
    }
    this.#indices.set(`${roomId}/${id}`, index);
  }

  left(roomId: string, { id }: { readonly id: string }): void {
    this.#leftMs.set(`${roomId}/${this.#indices.get(`${roomId}/${id}`)}`, this.#clock.nowMs);
  }

  infoChanged(): void {}
  framed(): void {}
  said(): void {}
}

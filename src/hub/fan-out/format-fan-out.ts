// What a room's receivers of one format are sent: all of them the same, or in a crowd each its own.
import type { Player } from "../players/player.ts";
import type { Receiver } from "./receiver.ts";

export interface FormatFanOut {
  readonly receivers: ReadonlySet<Receiver>;
  /** Gives full state to a newcomer, and everything after it. */
  add(receiver: Receiver, nowMs: number): void;
  remove(receiver: Receiver): void;
  /** A player is gone: its index may mean another one from now on. */
  forget(player: Player): void;
  /** A receiver has read up to `sequence`. @throws {ProtocolError} if it was never sent that. */
  acknowledge(receiver: Receiver, sequence: number, nowMs: number): void;
  /** Everything that a receiver needs to know at once; later batches continue from there. */
  sendFullState(receiver: Receiver, nowMs: number): void;
}

// What is new at one tick of a crowd, in one format: taken from the players once, for all receivers. Interest selects
// from its numbers, and batches are composed from its bytes.
import type { BatchWriter } from "../../protocol/index.ts";
import type { NewFrames } from "../interest/new-frames.ts";
import type { Player } from "../players/player.ts";
import type { SkeletonHolder } from "./skeleton-holders.ts";

export interface TickFrames {
  /** The frames by number. */
  readonly news: NewFrames;
  /** Whether nothing has been added since `begin`. */
  readonly isEmpty: boolean;
  /** How many layers receivers can choose from. */
  readonly layerCount: number;
  begin(nowMs: number): void;
  /** Adds what is new of a player. */
  add(player: Player, nowMs: number): void;
  /** Adds the newest frames of players who have paused, for those who have not been sent them. */
  addPaused(players: Iterable<Player>, nowMs: number): void;
  /**
   * The player has been sent to many at once. @returns whether its newest frame may have been left out for some: they are
   * sent it when the player pauses.
   */
  owe(player: Player, nowMs: number): boolean;
  /** Bytes of all that a newcomer needs of a player; -1: the format cannot hold it. */
  stateBytes(player: Player, holder: SkeletonHolder): number;
  /** Adds all that a newcomer needs of a player whose `stateBytes` are 0 or more. */
  writeState(writer: BatchWriter, player: Player, holder: SkeletonHolder): void;
  /** Adds one of the tick's frames. */
  writeFrame(writer: BatchWriter, player: Player, frame: number): void;
  /** The first place that keeps a player's newest frame out of the format; undefined: it fits, as far as is known. */
  misfitOf(player: Player): string | undefined;
  /** A player is gone: its index may mean another one. */
  forget(player: Player): void;
}

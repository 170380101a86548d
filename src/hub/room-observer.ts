// What happens in a room, for whoever embeds the hub. Calls come in the middle of the room's work: an observer
// takes note, and acts later.
import type { Player } from "./players/player.ts";

export interface RoomObserver {
  /** The player is present from now on. */
  joined(roomId: string, player: Player): void;
  /** The player is not present any more. */
  left(roomId: string, player: Player): void;
  infoChanged(roomId: string, player: Player): void;
  /** The player has a newer frame. Called for every frame that arrives: do little. */
  framed(roomId: string, player: Player): void;
  /** A client's application message; `to` is undefined for one to everybody. */
  said(roomId: string, message: { from: string; to: string | undefined; body: unknown }): void;
}

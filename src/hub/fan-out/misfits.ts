// Players whose newest frame one format cannot hold.
import { EncodeError } from "../../codec/index.ts";
import type { Player } from "../players/player.ts";

interface Misfit {
  readonly revision: number;
  readonly path: string;
}

export class Misfits {
  readonly #misfits = new Map<Player, Misfit>();

  /** The first place that keeps a player's newest frame out of the format; undefined: it fits, as far as is known. */
  pathOf(player: Player): string | undefined {
    const misfit = this.#misfits.get(player);
    // Of a newer frame nothing is known.
    return misfit?.revision === player.revision ? misfit.path : undefined;
  }

  /** Takes note of what came of encoding the player's newest frame. Anything but an EncodeError is thrown again. */
  note(player: Player, error: unknown): void {
    if (!(error instanceof EncodeError)) throw error;
    this.#misfits.set(player, { revision: player.revision, path: error.path });
  }

  forget(player: Player): void {
    this.#misfits.delete(player);
  }
}

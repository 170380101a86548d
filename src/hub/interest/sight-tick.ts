// What one receiver's selection is made from at a tick.
import type { NewFrames } from "./new-frames.ts";

/** What a receiver must be sent of a player so that it can decode what follows. */
export interface StateCosts {
  /**
   * Bytes of the entries of `EntryKind.State` for this receiver: skeleton (without its payload if the receiver
   * holds it), keyframe and the frames after it. Below 0: there is no state of this player now.
   */
  stateBytes(player: number): number;
}

/** One object a receiver, filled again at each tick. */
export interface SightTick {
  frames: NewFrames;
  costs: StateCosts;
  /** The most layers that the receiver is sent. */
  layersMax: number;
  nowMs: number;
}

// What a player says of itself apart from its frames.
import type { CoordinateSystem } from "./coordinates.ts";

/** What a player says of itself: at most 4 KiB of JSON. */
export interface PlayerInfo {
  readonly displayName?: string;
  readonly avatarUrl?: string;
  /** The handedness of its frames; unsaid: `unity`. */
  readonly coordinateSystem?: CoordinateSystem;
  /** Whatever the application adds. */
  readonly [property: string]: unknown;
}

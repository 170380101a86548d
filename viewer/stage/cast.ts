// Cast: the players of the room: figures of those who are close, and stand-ins of all others whose place is known.
import { Color } from "three";
import type { Vector3 } from "three";
import type { AvatarRoom, Place, RemotePlayer } from "../../src/client/index.ts";
import type { Pose } from "../../src/codec/index.ts";
// By file: through the index, the code of models would load with the stage.
import { StandIns } from "../../src/three/stand-ins.ts";
import type { PlayerColors } from "../player-colors.ts";
import { Closest } from "./closest.ts";
import { Figure } from "./figure.ts";

/** What is told of figures that come and go. */
export interface CastOptions {
  readonly colors: PlayerColors;
  readonly onEnter: (figure: Figure) => void;
  readonly onLeave: (id: string, figure: Figure) => void;
}

// With more people than this, the camera is too far away for anybody to see the corners of their limbs.
const NEAR_FIGURES_MAX = 8;
/** A figure takes a tenth of a millisecond of each frame: all of them take half of the 8 that the page may take. */
export const FIGURES_MAX = 40;

export class Cast {
  readonly #options: CastOptions;
  readonly #figures = new Map<string, Figure>();
  readonly #poses = new Map<string, Pose>();
  readonly #closest = new Closest(FIGURES_MAX);
  readonly #standIns = new StandIns();
  readonly #place: Place = { position: new Float32Array(3), headingRadians: 0 };
  readonly #standInColors = new WeakMap<RemotePlayer, Color>();
  #room: AvatarRoom | null = null;
  #roomId: string | null = null;
  #showsAxes = false;

  constructor(options: CastOptions) {
    this.#options = options;
  }

  get figures(): ReadonlyMap<string, Figure> {
    return this.#figures;
  }

  /** All stand-ins in one. */
  get standIns(): StandIns {
    return this.#standIns;
  }

  get room(): AvatarRoom | null {
    return this.#room;
  }

  /** Whether no more players are drawn in full than these. */
  get isFull(): boolean {
    return this.#figures.size >= FIGURES_MAX;
  }

  /**
   * Shows a room; true if it is another one than before. A new connection to the same room keeps the figures
   * of everybody who is still in it.
   */
  enter(room: AvatarRoom, id: string): boolean {
    this.#room = room;
    if (id === this.#roomId) return false;
    this.#roomId = id;
    for (const each of this.#figures.keys()) this.#remove(each);
    this.#poses.clear();
    return true;
  }

  set showsAxes(isShown: boolean) {
    this.#showsAxes = isShown;
    for (const figure of this.#figures.values()) figure.showAxes(isShown);
  }

  /**
   * Moves everybody to where they are at `timeMs`. Drawn in full are those closest to `target` and the followed player.
   */
  update(timeMs: number, target: Vector3, followed: string | null): void {
    const room = this.#room;
    if (room === null) return;
    room.sample(timeMs, this.#poses);
    const chosen = this.#closest.choose(bodies(this.#poses), this.#poses.size, {
      target,
      followed,
      timeMs,
    });
    // A new connection knows nobody until it has joined.
    if (room.state.name === "joined") {
      for (const id of this.#figures.keys()) {
        const player = room.players.get(id);
        // Until full state has come, nobody is in a new connection's sight, and nobody has a skeleton.
        const isGone = player === undefined || (player.skeleton !== undefined && !player.inSight);
        if (isGone) this.#remove(id);
        // A model that somebody has put on a player stays.
        else if (this.#poses.has(id) && !chosen.has(id) && this.#figures.get(id)!.model === null) {
          this.#remove(id);
        }
      }
    }
    for (const [id, pose] of this.#poses) {
      // A slot that nobody has written to has no skeleton, and no body.
      const player = room.players.get(id);
      const skeleton = player?.skeleton;
      if (player === undefined || skeleton === undefined) continue;
      let figure = this.#figures.get(id);
      if (figure === undefined) {
        if (!chosen.has(id)) continue;
        figure = new Figure(skeleton, this.#options.colors.of(id));
        figure.showAxes(this.#showsAxes);
        this.#figures.set(id, figure);
        this.#options.onEnter(figure);
      }
      figure.detail = chosen.size > NEAR_FIGURES_MAX ? "far" : "near";
      figure.blendShapeRange = player.info.blendShapeRange;
      figure.update(skeleton, pose, timeMs);
    }
    this.#updateStandIns(room, timeMs);
  }

  #updateStandIns(room: AvatarRoom, timeMs: number): void {
    this.#standIns.begin();
    for (const player of room.players.values()) {
      if (this.#figures.has(player.id) || !player.samplePlace(timeMs, this.#place)) continue;
      let color = this.#standInColors.get(player);
      if (color === undefined) {
        color = new Color(this.#options.colors.of(player.id));
        this.#standInColors.set(player, color);
      }
      this.#standIns.add(this.#place, color);
    }
    this.#standIns.commit();
  }

  #remove(id: string): void {
    const figure = this.#figures.get(id);
    if (figure === undefined) return;
    this.#figures.delete(id);
    this.#options.onLeave(id, figure);
    figure.group.removeFromParent();
    figure.dispose();
  }
}

function* bodies(poses: ReadonlyMap<string, Pose>): Iterable<{ id: string; root: Float32Array }> {
  for (const [id, { root }] of poses) yield { id, root };
}

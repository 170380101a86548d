// Cast: a figure for each player of the room, from its first pose until it leaves.
import type { AvatarRoom } from "../../src/client/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import type { PlayerColors } from "../player-colors.ts";
import { Figure } from "./figure.ts";

/** What is told of figures that come and go. */
export interface CastOptions {
  readonly colors: PlayerColors;
  readonly onEnter: (figure: Figure) => void;
  readonly onLeave: (id: string, figure: Figure) => void;
}

// With more people than this, the camera is too far away for anybody to see the corners of their limbs.
const NEAR_FIGURES_MAX = 8;
// A room may have 500 players, and a figure takes a tenth of a millisecond of each frame.
const FIGURES_MAX = 100;

export class Cast {
  readonly #options: CastOptions;
  readonly #figures = new Map<string, Figure>();
  readonly #poses = new Map<string, Pose>();
  #room: AvatarRoom | null = null;
  #roomId: string | null = null;
  #showsAxes = false;

  constructor(options: CastOptions) {
    this.#options = options;
  }

  get figures(): ReadonlyMap<string, Figure> {
    return this.#figures;
  }

  get room(): AvatarRoom | null {
    return this.#room;
  }

  /** Whether no more players are drawn than these, except the followed one. */
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

  /** Moves everybody to where they are at `timeMs`. The followed player is drawn in a full room too. */
  update(timeMs: number, followed: string | null): void {
    const room = this.#room;
    if (room === null) return;
    room.sample(timeMs, this.#poses);
    // A new connection knows nobody until it has joined.
    if (room.state.name === "joined") {
      for (const id of this.#figures.keys()) {
        const player = room.players.get(id);
        // Until full state has come, nobody is in a new connection's sight, and nobody has a skeleton.
        const isGone = player === undefined || (player.skeleton !== undefined && !player.inSight);
        if (isGone) this.#remove(id);
      }
    }
    for (const [id, pose] of this.#poses) {
      // A slot that nobody has written to has no skeleton, and no body.
      const player = room.players.get(id);
      const skeleton = player?.skeleton;
      if (player === undefined || skeleton === undefined) continue;
      let figure = this.#figures.get(id);
      if (figure === undefined) {
        if (this.isFull && id !== followed) continue;
        figure = new Figure(skeleton, this.#options.colors.of(id));
        figure.showAxes(this.#showsAxes);
        this.#figures.set(id, figure);
        this.#options.onEnter(figure);
      }
      figure.detail = this.#poses.size > NEAR_FIGURES_MAX ? "far" : "near";
      figure.blendShapeRange = player.info.blendShapeRange;
      figure.update(skeleton, pose, timeMs);
    }
  }

  #remove(id: string): void {
    const figure = this.#figures.get(id);
    if (figure === undefined) return;
    this.#figures.delete(id);
    this.#poses.delete(id);
    this.#options.onLeave(id, figure);
    figure.group.removeFromParent();
    figure.dispose();
  }
}

// Stage: the players of a room in 3D. A chunk of its own, which the page loads last.
import { AxesHelper } from "three";
import type { AvatarRoom } from "../../src/client/index.ts";
import type { AvatarMatch } from "../../src/three/index.ts";
import type { PlayerColors } from "../player-colors.ts";
import { playerName } from "../player-name.ts";
import { Cast, FIGURES_MAX } from "./cast.ts";
import { onFileDrop } from "./file-drop.ts";
import { Labels } from "./labels.ts";
import { onDoubleClick, playerAt } from "./picking.ts";
import { Placement } from "./placement.ts";
import { Scenery } from "./scenery.ts";
import { StageCamera } from "./stage-camera.ts";

export interface StageOptions {
  /** Holds the canvas and the labels. Its colours are the scene's. */
  readonly holder: HTMLElement;
  readonly colors: PlayerColors;
  /** Somebody dropped a file; `player` is the nearest one, null if nobody is in view. */
  readonly onDrop: (file: File, player: string | null) => void;
  /** Somebody wants to follow a player. */
  readonly onPick: (player: string) => void;
  /** Nobody is followed any more. */
  readonly onFollowEnd: () => void;
  /** The stage has put bodies apart, or back, by itself. */
  readonly onApart: (isApart: boolean) => void;
  /** The browser has taken the graphics away, or given them back. */
  readonly onLost: (isLost: boolean) => void;
}

export class Stage {
  readonly cast: Cast;
  readonly camera: StageCamera;
  readonly #options: StageOptions;
  readonly #scenery: Scenery;
  readonly #labels: Labels;
  readonly #placement = new Placement();
  readonly #worldAxes = new AxesHelper(1);
  #isPlaying = true;
  #isInView = true;
  #frameRequest = 0;
  #followed: string | null = null;

  /** @throws {Error} without WebGL. */
  constructor(options: StageOptions) {
    this.#options = options;
    const { holder, colors } = options;
    this.#scenery = new Scenery(holder, options.onLost);
    const { canvas, scene } = this.#scenery;
    holder.prepend(canvas);
    this.camera = new StageCamera(canvas, () => {
      if (this.#followed !== null) this.#endFollowing();
    });
    this.cast = new Cast({
      colors,
      onEnter: ({ group }) => scene.add(group),
      onLeave: (id) => {
        this.#placement.forget(id);
        this.#labels.remove(id);
        if (this.#followed !== id) return;
        this.#endFollowing();
        this.camera.release();
      },
    });
    this.#labels = new Labels(holder);
    scene.add(this.#worldAxes, this.cast.standIns.object);
    this.#worldAxes.visible = false;
    // Above the grid, whose lines would flicker through it.
    this.#worldAxes.position.y = 0.002;
    this.#listen(holder, canvas);
    this.#schedule();
  }

  /** Shows a room. A new connection to the same room keeps what is shown of it. */
  show(room: AvatarRoom, id: string): void {
    if (this.cast.enter(room, id)) this.camera.reset();
  }

  /** Follows a player; null: nobody. */
  follow(id: string | null): void {
    this.#followed = id;
    const figure = id === null ? undefined : this.cast.figures.get(id);
    if (figure !== undefined) this.camera.follow(figure);
    else this.camera.release();
  }

  /** Calls of the graphics in the last frame, shadows included. */
  get drawCalls(): number {
    return this.#scenery.drawCalls;
  }

  get followed(): string | null {
    return this.#followed;
  }

  /** Frames everybody again. */
  reset(): void {
    this.#endFollowing();
    this.camera.reset();
  }

  set isPlaying(isPlaying: boolean) {
    this.#isPlaying = isPlaying;
  }

  set showsGrid(isShown: boolean) {
    this.#scenery.grid.visible = isShown;
  }

  set showsAxes(isShown: boolean) {
    this.#worldAxes.visible = isShown;
    this.cast.showsAxes = isShown;
  }

  /** Puts everybody side by side in a row; false: where they are. */
  set isApart(isApart: boolean) {
    this.#placement.choose(isApart);
  }

  /** The page's colours have changed. */
  updateColors(): void {
    this.#scenery.updateColors();
  }

  /** Puts a model on a player. @throws {Error} if the file cannot be read or the player is not here. */
  async wear(id: string, file: File): Promise<AvatarMatch> {
    const { readDroppedModel } = await import("../model/dropped-model.ts").catch(
      (cause: unknown) => {
        throw new Error("the part of this page that reads models did not load", { cause });
      },
    );
    const model = await readDroppedModel(file);
    const figure = this.cast.figures.get(id);
    if (figure === undefined) {
      model.avatar.dispose();
      throw new Error("the player is not here");
    }
    figure.wear(model);
    return model.avatar.match;
  }

  /** The player now has the pose that its model has at rest. */
  matchRest(id: string): void {
    this.cast.figures.get(id)?.matchRest();
  }

  takeOff(id: string): void {
    this.cast.figures.get(id)?.wear(null);
  }

  /** How a worn model matches. This may change with the player's skeleton. */
  matchOf(id: string): AvatarMatch | null {
    return this.cast.figures.get(id)?.model?.match ?? null;
  }

  #endFollowing(): void {
    this.#followed = null;
    this.#options.onFollowEnd();
  }

  #listen(holder: HTMLElement, canvas: HTMLCanvasElement): void {
    new IntersectionObserver(([entry]) => {
      this.#isInView = entry.isIntersecting;
      this.#schedule();
    }).observe(holder);
    document.addEventListener("visibilitychange", () => this.#schedule());
    onFileDrop(holder, (file, x, y) => this.#options.onDrop(file, this.#nearest(x, y)));
    onDoubleClick(canvas, (x, y) => {
      const player = playerAt({ x, y }, this.cast.figures, this.camera.camera);
      if (player !== null) this.#options.onPick(player);
    });
  }

  #schedule(): void {
    cancelAnimationFrame(this.#frameRequest);
    if (this.#isInView && !document.hidden) {
      this.#frameRequest = requestAnimationFrame((timeMs) => this.#draw(timeMs));
    }
  }

  #draw(timeMs: number): void {
    const { camera } = this.camera;
    const { figures } = this.cast;
    if (this.#isPlaying) {
      this.cast.update(timeMs, this.camera.targetVector, this.#followed);
      this.#nameFigures();
      this.#tellView();
    }
    // Stand-ins are where their players are, and a row of others would be among them.
    const isCrowd = this.cast.standIns.count > 0;
    const isMoved = this.#placement.update(figures, timeMs, isCrowd);
    if (isMoved !== null) {
      this.#options.onApart(isMoved);
      this.camera.reframe();
    }
    this.camera.update(timeMs, figures, this.#followed);
    this.#labels.update(figures, camera, this.#followed);
    this.#scenery.render(camera, this.camera.targetVector, timeMs);
    this.#schedule();
  }

  /** What the camera looks at is what the server shows of a crowd. Coarse: a view that glides is told now and then. */
  #tellView(): void {
    const { room } = this.cast;
    if (room === null || room.players.size <= FIGURES_MAX) return;
    const followed = this.#followed;
    const { x, y, z } = this.camera.targetVector;
    room.setView(
      followed === null
        ? { points: [[coarse(x), coarse(y), coarse(z)]] }
        : { points: [followed], pinned: [followed] },
    );
  }

  #nameFigures(): void {
    for (const id of this.cast.figures.keys()) {
      const player = this.cast.room?.players.get(id);
      if (player === undefined) continue;
      this.#labels.name(id, playerName(player), this.#options.colors.of(id));
    }
  }

  /** The player that is nearest to a place in the view, pixels. */
  #nearest(x: number, y: number): string | null {
    let nearest: string | null = null;
    let best = Infinity;
    for (const [id, { middle }] of this.cast.figures) {
      const place = this.#labels.place(middle, this.camera.camera);
      if (place === null) continue;
      const distance = Math.hypot(place.x - x, place.y - y);
      if (distance < best) [nearest, best] = [id, distance];
    }
    return nearest;
  }
}

// Metres. A crowd has no more than a few players in each.
const coarse = (metres: number) => Math.round(metres);

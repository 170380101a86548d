// Stage: the players of a room in 3D. A chunk of its own, loaded when it is shown.
import type { AvatarRoom } from "../../src/client/index.ts";
import type { Pose } from "../../src/codec/index.ts";
import { playerName } from "../live/player-name.ts";
import type { PlayerColors } from "../live/player-colors.ts";
import { AxesHelper, Color, Mesh, Vector3 } from "three";
import type { AvatarMatch } from "../../src/three/index.ts";
import { Figure } from "./figure.ts";
import { FrameTimes } from "./frame-times.ts";
import { Labels } from "./labels.ts";
import { onDoubleClick, playerAt } from "./picking.ts";
import { Placement } from "./placement.ts";
import { Scenery } from "./scenery.ts";
import { StageCamera } from "./stage-camera.ts";

export interface StageOptions {
  /** Holds the canvas and the labels. Its colours are the scene's. */
  readonly holder: HTMLElement;
  readonly colors: PlayerColors;
  /** Somebody dropped a file; `player` is who stands nearest. */
  readonly onDrop: (file: File, player: string | null) => void;
  /** Somebody wants to follow a player. */
  readonly onPick: (player: string) => void;
  /** Somebody took the camera. */
  readonly onFollowEnd: () => void;
  /** Whether bodies stand apart has changed by itself. */
  readonly onApart: (isApart: boolean) => void;
  /** The browser has taken the graphics away, or given them back. */
  readonly onLost: (isLost: boolean) => void;
}

// More people than this are too far away for their limbs' corners to be seen.
const NEAR_FIGURES_MAX = 8;
// A room may have 500 players, and a figure takes a tenth of a millisecond of each frame.
const FIGURES_MAX = 100;

export class Stage {
  readonly #options: StageOptions;
  readonly #scenery: Scenery;
  readonly #camera: StageCamera;
  readonly #labels: Labels;
  readonly #figures = new Map<string, Figure>();
  readonly #poses = new Map<string, Pose>();
  readonly #placement = new Placement();
  readonly #worldAxes = new AxesHelper(1);
  /** Of a frame: all of it, and what comes before drawing. */
  readonly frameTimes = new FrameTimes();
  readonly updateTimes = new FrameTimes();
  #room: AvatarRoom | null = null;
  #roomId: string | null = null;
  #isPlaying = true;
  #isInView = true;
  #frameRequest = 0;
  #showsAxes = false;
  #followed: string | null = null;

  /** @throws {Error} without WebGL. */
  constructor(options: StageOptions) {
    this.#options = options;
    const { holder } = options;
    this.#scenery = new Scenery(holder, options.onLost);
    const { canvas } = this.#scenery;
    holder.prepend(canvas);
    this.#camera = new StageCamera(canvas, () => {
      if (this.#followed === null) return;
      this.#followed = null;
      options.onFollowEnd();
    });
    this.#labels = new Labels(holder);
    this.#scenery.scene.add(this.#worldAxes);
    this.#worldAxes.visible = false;
    this.#worldAxes.position.y = 0.002;
    new IntersectionObserver(([entry]) => {
      this.#isInView = entry.isIntersecting;
      this.#schedule();
    }).observe(holder);
    document.addEventListener("visibilitychange", () => this.#schedule());
    this.#acceptDrops(holder);
    onDoubleClick(canvas, (x, y) => {
      const player = playerAt({ x, y }, this.#figures, this.#camera.camera);
      if (player !== null) options.onPick(player);
    });
    this.#schedule();
  }

  /** Shows a room. On another connection to the same one, who is still there stays as it is shown. */
  show(room: AvatarRoom, id: string): void {
    this.#room = room;
    if (id === this.#roomId) return;
    this.#roomId = id;
    for (const each of this.#figures.keys()) this.#remove(each);
    this.#poses.clear();
    this.#camera.reset();
  }

  /** Follows a player; null: nobody. */
  follow(id: string | null): void {
    this.#followed = id;
    const figure = id === null ? undefined : this.#figures.get(id);
    if (figure !== undefined) this.#camera.follow(figure.shownForward);
    else this.#camera.release();
  }

  get followed(): string | null {
    return this.#followed;
  }

  reset(): void {
    this.#followed = null;
    this.#options.onFollowEnd();
    this.#camera.reset();
  }

  set isPlaying(isPlaying: boolean) {
    this.#isPlaying = isPlaying;
  }

  set showsGrid(isShown: boolean) {
    this.#scenery.grid.visible = isShown;
  }

  set showsAxes(isShown: boolean) {
    this.#showsAxes = isShown;
    this.#worldAxes.visible = isShown;
    for (const figure of this.#figures.values()) figure.showAxes(isShown);
  }

  /** Stands everybody in a row, whatever their places; false: where they are. */
  set isApart(isApart: boolean) {
    this.#placement.choose(isApart);
  }

  /** The page's colours have changed. */
  updateColors(): void {
    this.#scenery.updateColors();
  }

  /** Puts a model on a player. @throws {Error} where the file cannot be read or the player is not here. */
  async wear(id: string, file: File): Promise<AvatarMatch> {
    const { readDroppedModel } = await import("../model/dropped-model.ts").catch(
      (cause: unknown) => {
        throw new Error("the part of this page that reads models did not load", { cause });
      },
    );
    const model = await readDroppedModel(file);
    const figure = this.#figures.get(id);
    if (figure === undefined) {
      model.dispose();
      throw new Error("the player is not here");
    }
    figure.wear(model);
    return model.match;
  }

  /** The player stands now as its model does at rest. */
  matchRest(id: string): void {
    this.#figures.get(id)?.matchRest();
  }

  takeOff(id: string): void {
    this.#figures.get(id)?.wear(null);
  }

  /** How a worn model matches, as it may change with the player's skeleton. */
  matchOf(id: string): AvatarMatch | null {
    return this.#figures.get(id)?.model?.match ?? null;
  }

  /** Whether no more players are drawn than these, but for one that is followed. */
  get isFull(): boolean {
    return this.#figures.size >= FIGURES_MAX;
  }

  get shownPlayers(): string[] {
    return [...this.#figures.keys()];
  }

  /** Where a bone is in the room, metres, right-handed. */
  worldPositionOf(id: string, bone: string): [number, number, number] | undefined {
    return this.#figures.get(id)?.positionOf(bone);
  }

  /** Where a node of a worn model is in the room. */
  modelPositionOf(id: string, node: string): [number, number, number] | undefined {
    const figure = this.#figures.get(id);
    const object = figure?.model?.object.getObjectByName(node);
    if (figure === undefined || object === undefined) return undefined;
    figure.group.updateWorldMatrix(true, true);
    const { x, y, z } = figure.group.worldToLocal(object.getWorldPosition(new Vector3()));
    return [x, y, z];
  }

  /** The weight of a morph target of a worn model. */
  modelMorphOf(id: string, name: string): number | undefined {
    let weight: number | undefined;
    this.#figures.get(id)?.model?.object.traverse((object) => {
      if (!(object instanceof Mesh)) return;
      const index = object.morphTargetDictionary?.[name];
      if (index !== undefined) weight ??= object.morphTargetInfluences?.[index];
    });
    return weight;
  }

  get cameraTarget(): [number, number, number] {
    return this.#camera.target;
  }

  #schedule(): void {
    cancelAnimationFrame(this.#frameRequest);
    if (this.#isInView && !document.hidden) {
      this.#frameRequest = requestAnimationFrame((timeMs) => this.#draw(timeMs));
    }
  }

  #draw(timeMs: number): void {
    const startMs = performance.now();
    if (this.#isPlaying) this.#updateFigures(timeMs);
    const isMoved = this.#placement.update(this.#figures, timeMs);
    if (isMoved !== null) {
      this.#options.onApart(isMoved);
      this.#camera.reframe();
    }
    this.#camera.update(timeMs, this.#figures, this.#followed);
    this.#labels.update(this.#figures, this.#camera.camera, this.#followed);
    const renderMs = performance.now();
    this.updateTimes.add(renderMs - startMs);
    this.#scenery.render(this.#camera.camera, this.#camera.targetVector, timeMs);
    this.frameTimes.add(performance.now() - startMs);
    this.#schedule();
  }

  #updateFigures(timeMs: number): void {
    const room = this.#room;
    if (room === null) return;
    room.sample(timeMs, this.#poses);
    // On a new connection nobody is known yet.
    if (room.state.name === "joined") {
      for (const id of this.#figures.keys()) if (!room.players.has(id)) this.#remove(id);
    }
    for (const [id, pose] of this.#poses) {
      const player = room.players.get(id);
      if (player?.skeleton === undefined) continue;
      // The slot's frame of before any post is no body.
      let figure = this.#figures.get(id);
      if (figure === undefined) {
        if (this.#figures.size >= FIGURES_MAX && id !== this.#followed) continue;
        figure = new Figure(player.skeleton, new Color(this.#options.colors.of(id)));
        figure.showAxes(this.#showsAxes);
        this.#figures.set(id, figure);
        this.#scenery.scene.add(figure.group);
      } else if (figure.skeleton !== player.skeleton) {
        figure.setSkeleton(player.skeleton);
      }
      figure.detail = this.#poses.size > NEAR_FIGURES_MAX ? "far" : "near";
      figure.update(pose, timeMs);
      this.#labels.name(id, playerName(player), this.#options.colors.of(id));
    }
  }

  #remove(id: string): void {
    const figure = this.#figures.get(id);
    if (figure === undefined) return;
    this.#figures.delete(id);
    this.#poses.delete(id);
    this.#placement.forget(id);
    this.#labels.remove(id);
    figure.group.removeFromParent();
    figure.dispose();
    if (this.#followed === id) {
      this.#followed = null;
      this.#options.onFollowEnd();
      this.#camera.release();
    }
  }

  #acceptDrops(holder: HTMLElement): void {
    holder.addEventListener("dragover", (event) => {
      event.preventDefault();
      holder.dataset["drop"] = "over";
    });
    // Beside the view, a file would take the page's place.
    window.addEventListener("dragover", (event) => {
      if (event.defaultPrevented || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
    holder.addEventListener("dragleave", () => delete holder.dataset["drop"]);
    holder.addEventListener("drop", (event) => {
      event.preventDefault();
      delete holder.dataset["drop"];
      const file = event.dataTransfer?.files[0];
      if (file === undefined) return;
      const { left, top } = holder.getBoundingClientRect();
      this.#options.onDrop(file, this.#nearest(event.clientX - left, event.clientY - top));
    });
  }

  #nearest(x: number, y: number): string | null {
    let nearest: string | null = null;
    let best = Infinity;
    for (const [id, { middle }] of this.#figures) {
      const place = this.#labels.place(middle, this.#camera.camera);
      if (place === null) continue;
      const distance = Math.hypot(place.x - x, place.y - y);
      if (distance < best) [nearest, best] = [id, distance];
    }
    return nearest;
  }
}

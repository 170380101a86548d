// Who is in a room: this side's own player, and everyone else by id and by index.
import type { Pose } from "../codec/index.ts";
import { createPose } from "../codec/index.ts";
import { hasPoseSize } from "../codec/frame.ts";
import type { PlayerInfo, PlayerPresence } from "../protocol/index.ts";
import { TrackedPlayer } from "./remote-player.ts";
import type { PlayerContext } from "./remote-player.ts";

export type PlayerEvent = "joined" | "left" | "info" | "skeleton" | "sight";

export class RoomPlayers {
  /** This side's own player; null for a spectator and before the room is joined. */
  self: PlayerPresence | null = null;
  readonly #context: PlayerContext;
  readonly #tell: (event: PlayerEvent, player: TrackedPlayer) => void;
  readonly #byId = new Map<string, TrackedPlayer>();
  readonly #byIndex = new Map<number, TrackedPlayer>();

  /** `tell` is called after each change of the others. */
  constructor(context: PlayerContext, tell: (event: PlayerEvent, player: TrackedPlayer) => void) {
    this.#context = context;
    this.#tell = tell;
  }

  /** Everyone else. */
  get others(): ReadonlyMap<string, TrackedPlayer> {
    return this.#byId;
  }

  /** Whether frames come of a skeleton that this side does not hold. */
  get lackSkeletons(): boolean {
    for (const { lacksSkeleton } of this.#byId.values()) if (lacksSkeleton) return true;
    return false;
  }

  /** The player with this index, unless it is this side's own. */
  at(index: number): TrackedPlayer | undefined {
    return this.#byIndex.get(index);
  }

  /** The room was joined, for the first time or again: these are in it, `self` among them. */
  welcome(present: readonly PlayerPresence[]): void {
    const ids = new Set(present.map(({ id }) => id));
    for (const known of this.#byId.values()) if (!ids.has(known.id)) this.#remove(known);
    // Indices may have been given to other players meanwhile.
    this.#byIndex.clear();
    for (const presence of present) this.enter(presence);
  }

  enter(presence: PlayerPresence): void {
    if (presence.id === this.self?.id) return;
    const known = this.#byId.get(presence.id);
    if (known !== undefined) {
      if (this.#byIndex.get(known.index) === known) this.#byIndex.delete(known.index);
      const { info, skeleton } = known;
      known.rejoin(presence);
      this.#byIndex.set(presence.index, known);
      if (JSON.stringify(info) !== JSON.stringify(presence.info)) this.#tell("info", known);
      if (known.skeleton !== skeleton) this.#tell("skeleton", known);
      return;
    }
    const player = new TrackedPlayer(presence, this.#context);
    this.#byId.set(presence.id, player);
    this.#byIndex.set(presence.index, player);
    this.#tell("joined", player);
  }

  leave(id: string): void {
    const player = this.#byId.get(id);
    if (player !== undefined) this.#remove(player);
  }

  setInfo(index: number, info: PlayerInfo): void {
    if (index === this.self?.index) {
      this.self = { ...this.self, info };
      return;
    }
    const player = this.#byIndex.get(index);
    if (player === undefined) return;
    const { skeleton } = player;
    player.info = info;
    this.#tell("info", player);
    // Its coordinate system changed, and so the rest that `sample` converts to.
    if (player.skeleton !== skeleton) this.#tell("skeleton", player);
  }

  /** Full state has come, in this batch as the room counts them: whoever it leaves out has left this side's sight. */
  loseSightOfOthersThan(lastBatch: number): void {
    for (const player of this.#byId.values()) {
      if (player.lastBatch !== lastBatch) this.loseSightOf(player);
    }
  }

  loseSightOf(player: TrackedPlayer): void {
    const wasInSight = player.inSight;
    player.leaveSight();
    if (wasInSight) this.#tell("sight", player);
  }

  /** Writes the others' poses at `timeMs` into `out`, by id; see `AvatarRoom.sample`. */
  sample(timeMs: number, out: Map<string, Pose>): Map<string, Pose> {
    let shown = 0;
    for (const player of this.#byId.values()) {
      const { id, skeleton } = player;
      if (skeleton === undefined || !player.inSight) continue;
      let pose = out.get(id);
      if (pose === undefined || !hasPoseSize(pose, skeleton)) {
        pose = createPose(skeleton);
        out.set(id, pose);
      }
      player.sample(timeMs, pose);
      shown++;
    }
    if (out.size > shown) {
      for (const id of out.keys()) if (this.#byId.get(id)?.inSight !== true) out.delete(id);
    }
    return out;
  }

  #remove(player: TrackedPlayer): void {
    this.#byId.delete(player.id);
    if (this.#byIndex.get(player.index) === player) this.#byIndex.delete(player.index);
    this.#tell("left", player);
  }
}

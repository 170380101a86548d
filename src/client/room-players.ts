// Who is in a room: this side's own player, and everyone else by id and by index.
import type { Pose } from "../codec/index.ts";
import { createPose } from "../codec/index.ts";
import { hasPoseSize } from "../codec/frame.ts";
import { WELCOME_PLAYERS_MAX } from "../protocol/index.ts";
import type { PlacesReader, PlayerInfo, PlayerName, PlayerPresence } from "../protocol/index.ts";
import { createPlace } from "./place-track.ts";
import type { Place } from "./place-track.ts";
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
  // Known from the connection before, and not named on this one yet. Full state is after all the names.
  readonly #unconfirmed = new Set<TrackedPlayer>();

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

  /** Whether most of the others publish in the other handedness than this side shows. */
  get areMirrored(): boolean {
    let mirrored = 0;
    for (const { isMirrored } of this.#byId.values()) if (isMirrored) mirrored++;
    return mirrored > this.#byId.size / 2;
  }

  /** The room was joined, for the first time or again: these are in it, `self` among them, and perhaps more. */
  welcome(present: readonly PlayerName[]): void {
    const ids = new Set(present.map(({ id }) => id));
    this.#unconfirmed.clear();
    for (const known of this.#byId.values()) if (!ids.has(known.id)) this.#unconfirmed.add(known);
    if (present.length < WELCOME_PLAYERS_MAX) this.#removeUnconfirmed();
    // Indices may have been given to other players meanwhile.
    this.#byIndex.clear();
    for (const presence of present) this.enter(presence);
  }

  /** A player is here. Without an info it keeps its own. */
  enter(presence: PlayerName): void {
    if (presence.id === this.self?.id) return;
    const known = this.#byId.get(presence.id);
    if (known !== undefined) {
      this.#unconfirmed.delete(known);
      if (this.#byIndex.get(known.index) === known) this.#byIndex.delete(known.index);
      const { info, skeleton } = known;
      known.rejoin(presence);
      this.#byIndex.set(presence.index, known);
      if (JSON.stringify(info) !== JSON.stringify(known.info)) this.#tell("info", known);
      if (known.skeleton !== skeleton) this.#tell("skeleton", known);
      return;
    }
    const player = new TrackedPlayer({ info: {}, ...presence }, this.#context);
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
    this.#removeUnconfirmed();
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

  /** Notes where players are, in sight or not. */
  receivePlaces(places: PlacesReader, arrivalMs: number): void {
    const serverMs = places.serverTimeUs / 1000;
    while (places.next()) {
      const { x, y, z, heading } = places;
      this.#byIndex.get(places.index)?.receivePlace({ serverMs, arrivalMs, x, y, z, heading });
    }
  }

  /** Writes where the others are at `timeMs` into `out`, by id; see `AvatarRoom.samplePlaces`. */
  samplePlaces(timeMs: number, out: Map<string, Place>): Map<string, Place> {
    let shown = 0;
    for (const player of this.#byId.values()) {
      const known = out.get(player.id);
      const place = known ?? createPlace();
      if (player.samplePlace(timeMs, place)) {
        if (known === undefined) out.set(player.id, place);
        shown++;
      } else if (known !== undefined) out.delete(player.id);
    }
    if (out.size > shown) for (const id of out.keys()) if (!this.#byId.has(id)) out.delete(id);
    return out;
  }

  #removeUnconfirmed(): void {
    for (const player of this.#unconfirmed) this.#remove(player);
    this.#unconfirmed.clear();
  }

  #remove(player: TrackedPlayer): void {
    this.#unconfirmed.delete(player);
    this.#byId.delete(player.id);
    if (this.#byIndex.get(player.index) === player) this.#byIndex.delete(player.index);
    this.#tell("left", player);
  }
}

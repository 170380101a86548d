// Checks what receivers of one room read. The first receiver of a frame decodes it and looks for it in the
// clip. The same frame of the others is compared with it, byte for byte.
import { DecodeError } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { decodeSkeleton, maxErrors, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import type { StreamSkeleton } from "../codec/stream/index.ts";
import { EntryKind, HeldSkeletons } from "../protocol/index.ts";
import type { BatchReader } from "../protocol/index.ts";
import type { Inspector, ReceivedEntry } from "./load-motion.ts";
import { PoseMatch, WALK_ROUNDING_METRES } from "./pose-match.ts";
import type { Walks } from "./walk.ts";

// Frames of one player that are remembered: 3 s at 20 Hz. Must be a power of two.
const REMEMBERED_FRAMES = 64;

/** The motion that is published: its skeleton, and which frame of it a pose is. */
interface KnownMotion {
  readonly skeleton: Skeleton;
  /** How players are moved on top of it. */
  readonly walks: Walks | undefined;
  /** The first frame that `pose` matches, searched from `from` and around the end; -1: none. */
  find(pose: Pose, from: number, match: PoseMatch): number;
}

/** A frame that a receiver has read. */
interface ReadFrame {
  readonly revision: number;
  readonly number: number;
  readonly payload: Uint8Array;
  /** Undefined if the frame that it refers to is missing. */
  readonly isRight: boolean | undefined;
}

export class StreamInspector implements Inspector {
  readonly #followed: readonly FollowedPlayer[];
  // Of all receivers together: each is sent what it does not hold.
  readonly #skeletons = new HeldSkeletons<StreamSkeleton>();

  constructor(clip: KnownMotion, players: number) {
    this.#followed = Array.from(
      { length: players },
      (_, player) => new FollowedPlayer(clip, player),
    );
  }

  forget(player: number): void {
    this.#followed[player].forget();
  }

  inspect(player: number, entry: ReceivedEntry, isDue: boolean): boolean | undefined {
    const { batch, revision } = entry;
    const skeleton = batch.kind === EntryKind.Skeleton ? this.#skeletonOf(batch) : undefined;
    if (player < 0) return undefined;
    const followed = this.#followed[player];
    if (batch.kind === EntryKind.Skeleton) followed.setSkeleton(skeleton);
    if (batch.kind !== EntryKind.Frame) return undefined;
    if (revision > followed.newestRevision) return followed.read(entry);
    return isDue ? followed.compare(entry) : undefined;
  }

  /** Undefined where the server believes that a receiver holds what none has been sent. */
  #skeletonOf({ skeletonId, payload }: BatchReader): StreamSkeleton | undefined {
    const held = this.#skeletons.get(skeletonId);
    const skeleton = held ?? (payload.length > 0 ? decodeSkeleton(payload) : undefined);
    if (skeleton !== undefined) this.#skeletons.touch(skeletonId, skeleton);
    return skeleton;
  }
}

class FollowedPlayer {
  newestRevision = -1;
  readonly #clip: KnownMotion;
  readonly #player: number;
  readonly #frames: (ReadFrame | undefined)[] = [];
  readonly #place = new Float64Array(2);
  #decoder: StreamDecoder | undefined;
  #pose: Pose | undefined;
  #match: PoseMatch | undefined;
  // The frame of the clip at which the next search starts.
  #clipIndex = 0;

  constructor(clip: KnownMotion, player: number) {
    this.#clip = clip;
    this.#player = player;
  }

  forget(): void {
    this.newestRevision = -1;
    this.#decoder = undefined;
  }

  /** Takes a skeleton. Full state names it again: a known skeleton changes nothing. */
  setSkeleton(stream: StreamSkeleton | undefined): void {
    if (stream === this.#decoder?.skeleton) return;
    if (stream === undefined) {
      this.#decoder = undefined;
      return;
    }
    this.#decoder = new StreamDecoder(stream);
    this.#pose = restPoseOf(stream);
    this.#match = new PoseMatch(maxErrors(stream), this.#clip.walks && WALK_ROUNDING_METRES);
  }

  read({ batch, revision }: ReceivedEntry): boolean | undefined {
    const { frame, payload, isFullState } = batch;
    this.newestRevision = revision;
    const isRight = this.#decode(batch);
    // The server makes the keyframe of full state, so its bytes differ from the publisher's.
    const isPublished = !isFullState || !frame.isKey;
    this.#frames[revision % REMEMBERED_FRAMES] = isPublished
      ? { revision, number: frame.number, payload: payload.slice(), isRight }
      : undefined;
    return isRight;
  }

  compare({ batch, revision }: ReceivedEntry): boolean | undefined {
    const { frame, payload, isFullState } = batch;
    const read = this.#frames[revision % REMEMBERED_FRAMES];
    if (read?.revision !== revision || (isFullState && frame.isKey)) return undefined;
    const isEqual = read.number === frame.number && isSame(read.payload, payload);
    return isEqual ? read.isRight : false;
  }

  #decode({ frame, payload, captureTimeUs }: BatchReader): boolean | undefined {
    if (!this.#decoder || !this.#pose || !this.#match) return undefined;
    try {
      if (this.#decoder.decode(frame, payload, this.#pose) !== "decoded") return undefined;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
    this.#moveBack(this.#pose, captureTimeUs);
    const found = this.#clip.find(this.#pose, this.#clipIndex, this.#match);
    if (found >= 0) this.#clipIndex = found + 1;
    return found >= 0;
  }

  /** To where the clip has it. */
  #moveBack({ root }: Pose, captureTimeUs: number): void {
    const { walks } = this.#clip;
    if (walks === undefined) return;
    walks.placeAt(this.#player, captureTimeUs % 2 ** 32, this.#place);
    root[0] -= this.#place[0];
    root[2] -= this.#place[1];
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

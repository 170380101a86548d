// Another player of the room: what it says of itself, its newest frame, and its motion.
import { createPose, DecodeError, frameOf, TRANSFORM_FLOATS } from "../codec/index.ts";
import type { AvatarFrame, FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
import type {
  CoordinateSystem,
  FrameMark,
  PlayerInfo,
  PlayerName,
  PlayerPresence,
} from "../protocol/index.ts";
import { headingOf, revisionByNumber } from "../protocol/index.ts";
import { checkPoseSize, hasPoseSize } from "../codec/frame.ts";
import type { ClockSync } from "./clock-sync.ts";
import { coordinateSystemOf, mirrorPose, mirrorTransforms } from "./coordinates.ts";
import { JitterBuffer } from "./jitter-buffer.ts";
import { createPayloadDecoder } from "./payload-decoder.ts";
import { PlaceTrack } from "./place-track.ts";
import type { Place, TimedPlace } from "./place-track.ts";
import type { ReceivedSkeleton } from "./skeleton-store.ts";
import type { DecodedPayload } from "./decoded-payload.ts";

/** How a player's frames arrive. */
export interface RemotePlayerStats {
  readonly receivedFrames: number;
  /** Frames that came after the time to show them. */
  readonly lateFrames: number;
  /** Frames that did not decode and were ignored. */
  readonly badFrames: number;
  /** Mean change of the transit time from frame to frame (RFC 3550), milliseconds. */
  readonly jitterMs: number;
  /**
   * From capture to arrival, of the quickest frame of the last one to two seconds; null before the first frame. It is
   * the way over the network: a receiver that is busy makes other frames late, hardly ever this one.
   */
  readonly transitMs: number | null;
  /** How long after its capture a pose is shown, milliseconds; null before the first frame. */
  readonly delayMs: number | null;
}

/** Another player of the room. The same object as long as the player is present. */
export interface RemotePlayer {
  readonly id: string;
  /** Names the player in data messages. Another player may get it once this one has left. */
  readonly index: number;
  readonly info: PlayerInfo;
  /**
   * Whether this side is sent the player's frames and shows them: from the first frame on, until the server leaves the
   * player out. A player whose frames this format cannot hold is not in sight either. The `sight` event tells of changes.
   */
  readonly inSight: boolean;
  /** The handedness of `pose` and `frame()`; `sample` converts. */
  readonly coordinateSystem: CoordinateSystem;
  /**
   * Names of bones and blend shapes, and the bones' rest if the publisher has one (stream format). The same
   * object while its content is the same; the `skeleton` event tells when it changes. Undefined before the
   * first frame, and kept while the player is out of sight. `rest` is in the coordinate system that `sample` converts to.
   */
  readonly skeleton: Skeleton | undefined;
  /** The newest pose as it was published; undefined out of sight. Read it at once: the next frame overwrites it. */
  readonly pose: Pose | undefined;
  /** In the json format, the newest frame as it was published, complete or not. */
  readonly document: FrameDocument | undefined;
  /** The place in the newest frame that no pose can hold, so that `pose` is out of date; else undefined. */
  readonly unavailablePath: string | undefined;
  /** Counts the player's frames; 0 before the first and out of sight. */
  readonly revision: number;
  /** When the newest frame was captured: the server's clock, milliseconds since 1970. Undefined out of sight. */
  readonly captureTimeMs: number | undefined;
  /** The newest frame's error if it did not decode. */
  readonly error: DecodeError | undefined;
  readonly stats: RemotePlayerStats;
  /** The newest frame as an object, as it was published. */
  frame(): AvatarFrame | undefined;
  /** A new pose for `sample`: the skeleton at rest. Undefined before the first frame. */
  createPose(): Pose | undefined;
  /**
   * Writes the pose to show at `timeMs` of `performance.now` into `out`: interpolated, a little in the
   * past, in the room's coordinate system, with rotations of unit length. Nothing is allocated.
   * @returns false before the first frame and out of sight: `out` is then unchanged.
   * @throws {RangeError} if `out` has another number of bones or blend shapes than `skeleton`: call
   * `createPose` again when the skeleton changes.
   */
  sample(timeMs: number, out: Pose): boolean;
  /**
   * Writes where the player is at `timeMs` of `performance.now` into `out`, in the room's coordinate system: by its pose
   * in sight, else by what the server tells of everybody. Nothing is allocated.
   * @returns false before anything is known of it: `out` is then unchanged.
   */
  samplePlace(timeMs: number, out: Place): boolean;
}

/** One entry of a batch. */
export interface ReceivedFrame {
  /** Null: the frame's number tells it. */
  readonly revision: number | null;
  readonly mark: Readonly<FrameMark>;
  readonly payload: Uint8Array;
  /** The server's clock, milliseconds. */
  readonly captureMs: number;
  /** The local clock, milliseconds. */
  readonly arrivalMs: number;
  readonly isFullState: boolean;
}

/** What all players of a room have in common. */
export interface PlayerContext {
  readonly format: StreamFormat;
  readonly clock: ClockSync;
  readonly now: () => number;
  /** What `sample` converts to; undefined: it does not convert. */
  readonly coordinateSystem: CoordinateSystem | undefined;
}

/** What became of a frame: taken, not newer than the last one, not readable, or not decodable before a keyframe. */
export type Reception = "taken" | "old" | "bad" | "lost";

/** A player as the room keeps it. */
export class TrackedPlayer implements RemotePlayer {
  readonly id: string;
  index: number;
  inSight = false;
  /** The number of the newest batch that had an entry of the player, as the room counts them. */
  lastBatch = 0;
  /** Frames come of a skeleton that this side does not hold. */
  lacksSkeleton = false;
  pose: Pose | undefined;
  document: FrameDocument | undefined;
  unavailablePath: string | undefined;
  revision = 0;
  captureTimeMs: number | undefined;
  error: DecodeError | undefined;
  skeleton: Skeleton | undefined;
  #info: PlayerInfo;
  #coordinateSystem: CoordinateSystem;
  readonly #context: PlayerContext;
  readonly #decoder;
  #published: Skeleton | undefined;
  #buffer: JitterBuffer | undefined;
  readonly #track = new PlaceTrack();
  // The root of the last pose that `sample` wrote, and when: a render loop asks for both at the same time.
  readonly #shownRoot = new Float32Array(TRANSFORM_FLOATS);
  #shownMs = -Infinity;
  #shownPose: Pose | undefined;
  // Of the frame that `revision` is of.
  #number = 0;
  #receivedFrames = 0;
  #badFrames = 0;

  constructor({ id, index, info }: PlayerPresence, context: PlayerContext) {
    this.id = id;
    this.index = index;
    this.#info = info;
    this.#coordinateSystem = coordinateSystemOf(info);
    this.#context = context;
    this.#decoder = createPayloadDecoder(context.format);
  }

  get info(): PlayerInfo {
    return this.#info;
  }

  set info(info: PlayerInfo) {
    this.#info = info;
    const coordinateSystem = coordinateSystemOf(info);
    if (coordinateSystem === this.#coordinateSystem) return;
    this.#coordinateSystem = coordinateSystem;
    const published = this.#published;
    if (published?.rest !== undefined) this.skeleton = this.#shown(published);
  }

  get coordinateSystem(): CoordinateSystem {
    return this.#coordinateSystem;
  }

  get stats(): RemotePlayerStats {
    const { clock, now } = this.#context;
    const offsetMs = clock.offsetMs(now());
    const lagMs = this.#buffer?.lagMs ?? null;
    const transitMs = this.#buffer?.transitMs ?? null;
    return {
      receivedFrames: this.#receivedFrames,
      lateFrames: this.#buffer?.lateFrames ?? 0,
      badFrames: this.#badFrames,
      jitterMs: this.#buffer?.jitterMs ?? 0,
      transitMs: transitMs === null ? null : transitMs + offsetMs,
      delayMs: lagMs === null ? null : lagMs + offsetMs,
    };
  }

  frame(): AvatarFrame | undefined {
    const { skeleton, pose } = this;
    return skeleton === undefined || pose === undefined ? undefined : frameOf(skeleton, pose);
  }

  createPose(): Pose | undefined {
    return this.skeleton === undefined ? undefined : createPose(this.skeleton);
  }

  sample(timeMs: number, out: Pose): boolean {
    if (this.#buffer === undefined) return false;
    checkPoseSize(out, this.#buffer.skeleton);
    if (!this.#buffer.sample(timeMs, out)) return false;
    if (this.isMirrored) mirrorPose(out);
    this.#shownRoot.set(out.root);
    this.#shownMs = timeMs;
    return true;
  }

  samplePlace(timeMs: number, out: Place): boolean {
    const buffer = this.#buffer;
    if (buffer !== undefined) {
      if (this.#shownMs !== timeMs) {
        const { skeleton } = buffer;
        if (this.#shownPose === undefined || !hasPoseSize(this.#shownPose, skeleton)) {
          this.#shownPose = createPose(skeleton);
        }
        this.sample(timeMs, this.#shownPose);
      }
      const root = this.#shownRoot;
      for (let axis = 0; axis < 3; axis++) out.position[axis] = root[axis];
      out.headingRadians = headingOf(root[4], root[6]);
      return true;
    }
    if (!this.#track.sample(timeMs, out)) return false;
    if (this.isMirrored) {
      out.position[0] = -out.position[0];
      out.headingRadians = -out.headingRadians;
    }
    return true;
  }

  receivePlace(place: TimedPlace): void {
    this.#track.push(place);
  }

  /** The same player on a new connection, perhaps of a server that counts from the start. */
  rejoin({ index, info }: PlayerName): void {
    this.index = index;
    if (info !== undefined) this.info = info;
    this.revision = 0;
  }

  /** The player's frames do not come any more. Those that come later need nothing of what came before. */
  leaveSight(): void {
    this.inSight = false;
    this.revision = 0;
    this.pose = undefined;
    this.document = undefined;
    this.captureTimeMs = undefined;
    this.error = undefined;
    this.lacksSkeleton = false;
    this.#buffer = undefined;
    this.#shownPose = undefined;
    this.#shownMs = -Infinity;
    this.#decoder.forgetSkeleton?.();
  }

  /** Takes the skeleton of the stream's frames that follow; undefined: this side does not hold it. Never throws. */
  receiveSkeleton(id: bigint, skeleton: ReceivedSkeleton | undefined): void {
    this.lacksSkeleton = skeleton === undefined;
    if (skeleton === undefined) this.#decoder.forgetSkeleton?.();
    else this.#decoder.setSkeleton?.(id, skeleton);
  }

  /** Takes the frame if it is newer than what is known. Never throws. */
  receive(frame: ReceivedFrame): Reception {
    const { mark, payload, captureMs, arrivalMs, isFullState } = frame;
    const last = { revision: this.revision, number: this.#number };
    const revision = frame.revision ?? revisionByNumber(last, mark.number);
    // [S14]
    if (revision <= last.revision) return "old";
    this.revision = revision;
    this.#number = mark.number;
    let decoded: DecodedPayload;
    try {
      decoded = this.#decoder.decode(payload, mark);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#badFrames++;
      this.error = error;
      return "bad";
    }
    if (decoded.isReferenceMissing !== undefined) {
      // The keyframe that is needed may be of this very frame.
      this.revision = last.revision;
      this.#number = last.number;
      return decoded.isReferenceMissing ? "lost" : "old";
    }
    this.inSight = true;
    this.#receivedFrames++;
    this.error = undefined;
    this.captureTimeMs = captureMs;
    this.document = decoded.document;
    this.unavailablePath = decoded.incompletePath;
    if (decoded.body === undefined) return "taken";
    const { skeleton, pose } = decoded.body;
    this.pose = pose;
    // The stream encoding carries one time, in its header.
    if (this.#context.format === "stream") pose.timestamp = captureMs / 1000;
    if (this.#published !== skeleton) this.skeleton = this.#shown(skeleton);
    this.#published = skeleton;
    this.#buffer ??= new JitterBuffer(skeleton);
    if (this.#buffer.skeleton !== skeleton) this.#buffer.setSkeleton(skeleton, pose);
    const { clock } = this.#context;
    const ageMs = clock.isSynced ? clock.serverTimeMs(arrivalMs) - captureMs : 0;
    this.#buffer.push(pose, {
      captureMs,
      arrivalMs,
      ageMs,
      isOld: isFullState,
      teleports: mark.teleports,
    });
    return "taken";
  }

  /** Whether `sample` converts poses from the player's coordinate system to the other one. */
  get isMirrored(): boolean {
    const { coordinateSystem } = this.#context;
    return coordinateSystem !== undefined && coordinateSystem !== this.#coordinateSystem;
  }

  /** The skeleton of what `sample` writes. */
  #shown(published: Skeleton): Skeleton {
    if (published.rest === undefined || !this.isMirrored) return published;
    const rest = published.rest.slice();
    mirrorTransforms(rest);
    return { ...published, rest };
  }
}

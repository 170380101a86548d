// A slot: one avatar's latest frame, its info and its counters.
import { BinaryDecoder, DecodeError, JsonDecoder } from "../codec/index.ts";
import type { Format, FrameLimits } from "../codec/index.ts";
import type { PlayerInfo } from "./player-info.ts";
import type { Session } from "./session.ts";
import { RateMeter } from "./rate-meter.ts";
import type { FrameDecoders } from "./stored-frame.ts";
import { StoredFrame } from "./stored-frame.ts";

/** Without a frame for this long a player counts as stale. Long enough for a phone to change cells. */
export const STALE_AFTER_MS = 10_000;

/** Who writes a slot. A demo steps back as soon as anybody else has written. */
export type FrameSource = "http" | "demo" | "stream";

export interface PlayerStatus {
  readonly id: string;
  readonly state: "empty" | "live" | "stale";
  readonly source: FrameSource | null;
  readonly revision: number;
  readonly ageSeconds: number | null;
  readonly updatesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly format: Format | null;
  readonly frameBytes: number;
  readonly bones: number;
  readonly blendShapes: number;
  readonly framesRejected: number;
  readonly info: PlayerInfo;
}

export class Player {
  readonly id: string;
  info: PlayerInfo = {};
  /** Names the player in data messages while it is present; -1 while it is not. */
  index = -1;
  /** The streaming client that owns it. */
  session: Session | undefined;
  #frame: StoredFrame;
  #source: FrameSource | null = null;
  #framesRejected = 0;
  readonly #limits: FrameLimits;
  readonly #decoders: FrameDecoders;
  readonly #rate = new RateMeter();

  /** `revision` is the last one that any earlier holder of this name may have had. */
  constructor(id: string, revision: number, limits: FrameLimits) {
    this.id = id;
    this.#limits = limits;
    this.#decoders = { json: new JsonDecoder(limits), binary: new BinaryDecoder(limits) };
    this.#frame = StoredFrame.identity(revision, limits);
  }

  /** The newest frame; the identity frame until somebody writes one. */
  get frame(): StoredFrame {
    return this.#frame;
  }

  /** Who wrote the newest frame; null for the identity frame. */
  get source(): FrameSource | null {
    return this.#source;
  }

  /**
   * Makes `bytes` (taken over) the newest frame.
   * @throws {DecodeError} and keeps the frame it has if the bytes are not a frame.
   */
  publish(frame: {
    format: Format;
    bytes: Uint8Array<ArrayBuffer>;
    source: FrameSource;
    nowMs: number;
    captureTimeUs?: number | null;
  }): StoredFrame {
    const { format, bytes, source, nowMs, captureTimeUs = null } = frame;
    const revision = this.#frame.revision + 1;
    const [limits, decoders] = [this.#limits, this.#decoders];
    try {
      this.#frame = StoredFrame.accept({
        format,
        bytes,
        decoders,
        limits,
        revision,
        nowMs,
        captureTimeUs,
      });
    } catch (error) {
      if (error instanceof DecodeError) this.#framesRejected++;
      throw error;
    }
    this.#source = source;
    this.#rate.add(bytes.length, nowMs);
    return this.#frame;
  }

  /** Back to the identity frame and no info. The revision goes on, so that no ETag comes twice. */
  reset(): void {
    this.#frame = StoredFrame.identity(this.#frame.revision + 1, this.#limits);
    this.#source = null;
    this.info = {};
  }

  status(nowMs: number): PlayerStatus {
    const { revision, receivedMs, summary } = this.#frame;
    const isEmpty = this.#source === null;
    const ageMs = Math.max(0, nowMs - receivedMs);
    const { eventsPerSecond, bytesPerSecond } = this.#rate.rate(nowMs);
    return {
      id: this.id,
      state: isEmpty ? "empty" : ageMs > STALE_AFTER_MS ? "stale" : "live",
      source: this.#source,
      revision,
      ageSeconds: isEmpty ? null : ageMs / 1000,
      updatesPerSecond: Math.round(eventsPerSecond * 10) / 10,
      bytesPerSecond: Math.round(bytesPerSecond),
      format: isEmpty ? null : summary.format,
      frameBytes: isEmpty ? 0 : summary.bytes,
      bones: summary.bones,
      blendShapes: summary.blendShapes,
      framesRejected: this.#framesRejected,
      info: this.info,
    };
  }
}

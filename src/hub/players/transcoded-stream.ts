// A player's frames in the stream encoding where its client publishes another format.
import type { FrameLimits } from "../../codec/index.ts";
import {
  createFrameHeader,
  readFrameHeader,
  SKELETON_HEADER_BYTES,
  StreamPublication,
} from "../../protocol/index.ts";
import { PlayerStream } from "./player-stream.ts";
import type { StoredFrame } from "./stored-frame.ts";

/** Encodes the frames of a player who publishes in another format, one a tick, for those who stream. */
export class TranscodedStream {
  readonly #limits: FrameLimits;
  readonly #publication = new StreamPublication();
  readonly #header = createFrameHeader();
  #stream: PlayerStream | undefined;
  #revision = -1;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /**
   * The stream with this frame as its newest; encodes it if it is new.
   * @throws {EncodeError} where the encoding cannot hold it.
   */
  upTo(frame: StoredFrame): PlayerStream {
    if (this.#stream !== undefined && frame.revision === this.#revision) return this.#stream;
    try {
      return this.#encode(frame);
    } catch (error) {
      // Whoever joins now gets no state of this player. A stream begins with the next frame that fits.
      this.#publication.restart();
      this.#stream = undefined;
      throw error;
    }
  }

  markSent(): void {
    this.#stream?.markSent();
  }

  get isNewestLeftOut(): boolean {
    return this.#stream?.isNewestLeftOut ?? false;
  }

  leaveOut(): void {
    this.#stream?.leaveOut();
  }

  resend(): void {
    this.#stream?.resend();
  }

  settle(): boolean {
    return this.#stream?.settle() ?? false;
  }

  #encode(frame: StoredFrame): PlayerStream {
    const { skeleton, pose } = frame.decode();
    const { captureTimeUs, teleports, revision, receivedMs } = frame;
    const message = this.#publication.encode(skeleton, pose, { captureTimeUs, teleports }).slice();
    const { opening } = this.#publication;
    if (opening !== undefined) {
      this.#stream = new PlayerStream(opening.subarray(SKELETON_HEADER_BYTES), this.#limits, {
        isCountedByNumbers: false,
      });
    }
    const header = readFrameHeader(message, 0, this.#header);
    this.#stream!.accept(message, header, { revision, receivedMs, captureTimeUs });
    this.#revision = revision;
    return this.#stream!;
  }
}

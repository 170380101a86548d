// A player's frame as the embedding application reads it.
import { decodeJson } from "../codec/index.ts";
import type { AvatarFrame, Format, Pose, Skeleton } from "../codec/index.ts";
import type { StoredFrame } from "../hub/players/stored-frame.ts";

/** One frame. It is encoded or decoded when asked for. Read it at once, before the player's next frame. */
export class RoomFrame {
  readonly #frame: StoredFrame;

  constructor(frame: StoredFrame) {
    this.#frame = frame;
  }

  /** Counts the player's frames; a higher one is newer. */
  get revision(): number {
    return this.#frame.revision;
  }

  /** When the server got it, Unix milliseconds. */
  get receivedMs(): number {
    return this.#frame.receivedMs;
  }

  /**
   * The frame as names and numbers. The memory belongs to the server: copy what you keep, write to nothing.
   * @throws {EncodeError} naming the property that only the JSON document can hold.
   */
  pose(): { readonly skeleton: Skeleton; readonly pose: Pose } {
    return this.#frame.decode();
  }

  /** The frame as the JSON document that GET answers: an object of your own. @throws {EncodeError} */
  document(): AvatarFrame {
    return decodeJson(this.bytes("json")) as AvatarFrame;
  }

  /** The body that GET answers. Do not write to it. @throws {EncodeError} if the format cannot hold it. */
  bytes(format: Format): Uint8Array<ArrayBuffer> {
    return this.#frame.encode(format);
  }
}

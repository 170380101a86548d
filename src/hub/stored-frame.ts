// A frame as the hub keeps it: the bytes that came, and the other encodings once someone asks.
import {
  BinaryDecoder,
  decodeJson,
  EncodeError,
  encodeBinary,
  encodeJson,
  completeFrame,
  frameOf,
  identityFrame,
  stampServerTimestamp,
  withServerTimestamp,
} from "../codec/index.ts";
import type { Format, FrameLimits } from "../codec/index.ts";

/** What a stored frame tells of itself without being encoded. */
export interface FrameSummary {
  readonly format: Format;
  readonly bytes: number;
  readonly bones: number;
  readonly blendShapes: number;
}

/** One accepted frame. Each format is encoded at most once, and only when asked for. */
export class StoredFrame {
  readonly revision: number;
  readonly receivedMs: number;
  readonly summary: FrameSummary;
  /** Low 32 bits of when it was captured, in microseconds on this server's clock. */
  readonly captureTimeUs: number;
  readonly #encodings: { [format in Format]?: Uint8Array<ArrayBuffer> | EncodeError };
  readonly #limits: FrameLimits;

  private constructor(
    revision: number,
    receivedMs: number,
    summary: FrameSummary,
    bytes: Uint8Array<ArrayBuffer>,
    limits: FrameLimits,
    captureTimeUs: number,
  ) {
    this.captureTimeUs = captureTimeUs;
    this.revision = revision;
    this.receivedMs = receivedMs;
    this.summary = summary;
    this.#encodings = { [summary.format]: bytes };
    this.#limits = limits;
  }

  /**
   * Checks a frame and stamps it with the time of its arrival. Takes `bytes` over.
   * @throws {DecodeError} if the bytes are not a frame.
   */
  static accept(frame: {
    format: Format;
    bytes: Uint8Array<ArrayBuffer>;
    decoder: BinaryDecoder;
    limits: FrameLimits;
    revision: number;
    nowMs: number;
    captureTimeUs?: number | null;
  }): StoredFrame {
    const { format, bytes, decoder, limits, revision, nowMs } = frame;
    // Where the source does not know when it captured, arrival is the best guess.
    const captureTimeUs = frame.captureTimeUs ?? (nowMs * 1000) % 2 ** 32;
    const seconds = nowMs / 1000;
    if (format === "binary") {
      const { skeleton } = decoder.decode(bytes);
      stampServerTimestamp(bytes, seconds);
      const bones = skeleton.boneNames.length;
      const blendShapes = skeleton.blendShapeNames.length;
      const summary = { format, bytes: bytes.length, bones, blendShapes };
      return new StoredFrame(revision, nowMs, summary, bytes, limits, captureTimeUs);
    }
    const document = decodeJson(bytes, limits);
    const summary = {
      format,
      bytes: bytes.length,
      bones: document.bones?.length ?? 0,
      blendShapes: document.blendShapes?.length ?? 0,
    };
    const stamped = withServerTimestamp(bytes, document, seconds);
    return new StoredFrame(revision, nowMs, summary, stamped, limits, captureTimeUs);
  }

  /** The frame of a slot that nobody has written. Its timestamps are 0, so it is not stamped. */
  static identity(revision: number, limits: FrameLimits): StoredFrame {
    const bytes = encodeJson(identityFrame());
    const summary = { format: "json", bytes: bytes.length, bones: 0, blendShapes: 0 } as const;
    return new StoredFrame(revision, 0, summary, bytes, limits, 0);
  }

  /**
   * The frame in `format`. The array belongs to the frame: do not write to it.
   * @throws {EncodeError} naming the first place that `format` cannot hold.
   */
  encode(format: Format): Uint8Array<ArrayBuffer> {
    const encoding = (this.#encodings[format] ??= this.#transcode(format));
    if (encoding instanceof EncodeError) throw encoding;
    return encoding;
  }

  #transcode(format: Format): Uint8Array<ArrayBuffer> | EncodeError {
    const { format: posted } = this.summary;
    const bytes = this.encode(posted);
    try {
      switch (format) {
        case "binary":
          return encodeBinary(completeFrame(decodeJson(bytes, this.#limits)));
        case "json": {
          const { skeleton, pose } = new BinaryDecoder(this.#limits).decode(bytes);
          return encodeJson(frameOf(skeleton, pose));
        }
      }
    } catch (error) {
      // A refusal is kept like a result: readers come again for the same frame.
      if (error instanceof EncodeError) return error;
      throw error;
    }
  }
}

// A frame as the hub keeps it: the bytes that came, and the other encodings once someone asks.
import {
  BinaryDecoder,
  decodeJson,
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
  readonly #encodings: { [format in Format]?: Uint8Array<ArrayBuffer> };
  readonly #limits: FrameLimits;

  private constructor(
    revision: number,
    receivedMs: number,
    summary: FrameSummary,
    bytes: Uint8Array<ArrayBuffer>,
    limits: FrameLimits,
  ) {
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
  }): StoredFrame {
    const { format, bytes, decoder, limits, revision, nowMs } = frame;
    const seconds = nowMs / 1000;
    if (format === "binary") {
      const { skeleton } = decoder.decode(bytes);
      stampServerTimestamp(bytes, seconds);
      const bones = skeleton.boneNames.length;
      const blendShapes = skeleton.blendShapeNames.length;
      const summary = { format, bytes: bytes.length, bones, blendShapes };
      return new StoredFrame(revision, nowMs, summary, bytes, limits);
    }
    const document = decodeJson(bytes, limits);
    const summary = {
      format,
      bytes: bytes.length,
      bones: document.bones?.length ?? 0,
      blendShapes: document.blendShapes?.length ?? 0,
    };
    const stamped = withServerTimestamp(bytes, document, seconds);
    return new StoredFrame(revision, nowMs, summary, stamped, limits);
  }

  /** The frame of a slot that nobody has written. Its timestamps are 0, so it is not stamped. */
  static identity(revision: number, limits: FrameLimits): StoredFrame {
    const bytes = encodeJson(identityFrame());
    const summary = { format: "json", bytes: bytes.length, bones: 0, blendShapes: 0 } as const;
    return new StoredFrame(revision, 0, summary, bytes, limits);
  }

  /**
   * The frame in `format`. The array belongs to the frame: do not write to it.
   * @throws {EncodeError} naming the first place that `format` cannot hold.
   */
  encode(format: Format): Uint8Array<ArrayBuffer> {
    return (this.#encodings[format] ??= this.#transcode(format));
  }

  #transcode(format: Format): Uint8Array<ArrayBuffer> {
    if (format === "binary") {
      const document = decodeJson(this.#encodings.json!, this.#limits);
      return encodeBinary(completeFrame(document));
    }
    const { skeleton, pose } = new BinaryDecoder(this.#limits).decode(this.#encodings.binary!);
    return encodeJson(frameOf(skeleton, pose));
  }
}

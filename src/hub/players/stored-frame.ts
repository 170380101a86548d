// A frame as the hub keeps it: the bytes that came, and the other encodings once someone asks.
import {
  BinaryEncoder,
  createPose,
  decodeJson,
  EncodeError,
  encodeJson,
  completeFrame,
  frameOf,
  identityFrame,
  poseOf,
  skeletonOf,
} from "../../codec/index.ts";
import { STREAM_FORMATS } from "../../codec/format.ts";
import { stampServerTimestamp } from "../../codec/binary-layout.ts";
import { outlineOf, withServerTimestamp } from "../../codec/json-outline.ts";
import type {
  BinaryDecoder,
  Format,
  FrameLimits,
  Pose,
  Skeleton,
  StreamFormat,
} from "../../codec/index.ts";
import type { JsonDecoder } from "../../codec/json-decoder.ts";
import type { FrameOutline } from "../../codec/json-outline.ts";
import type { PlayerStatus } from "../../protocol/index.ts";
import type { DecodedFrame, DecodedStreamFrame, PlayerStream } from "./player-stream.ts";

/** What is known of a stored frame without decoding it. */
export interface FrameSummary {
  readonly format: StreamFormat;
  readonly bytes: number;
  readonly bones: number;
  readonly blendShapes: number;
}

/** What is known of a stream's frame without decoding it. */
export function streamSummary(skeleton: Skeleton, payloadBytes: number): FrameSummary {
  const { boneNames, blendShapeNames } = skeleton;
  const [bones, blendShapes] = [boneNames.length, blendShapeNames.length];
  return { format: "stream", bytes: payloadBytes, bones, blendShapes };
}

/** Which formats can hold a frame, and why the others cannot. */
export type FrameVisibility = Pick<PlayerStatus, "visibleTo" | "unavailable">;

const VISIBLE: FrameVisibility = { visibleTo: STREAM_FORMATS, unavailable: null };

// The path of a place deep in a frame with room to spare; a header of the client's own may be quoted.
export const STATUS_MESSAGE_LENGTH_MAX = 200;

/** One player's decoders: each remembers what its frames have in common. */
export interface FrameDecoders {
  readonly json: JsonDecoder;
  readonly binary: BinaryDecoder;
  readonly limits: FrameLimits;
}

/** A frame as it came, checked. Binary has been stamped in place; JSON is stamped when it is read. */
type OriginalFrame =
  | { readonly format: "binary"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly format: "json";
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly outline: FrameOutline;
    }
  /** Undefined: none of its stream's frames decodes. Its pose is readable until the stream's next frame. */
  | { readonly format: "stream"; readonly decoded: DecodedStreamFrame | undefined };

/** One accepted frame. Each format is encoded at most once, and only when asked for. */
export class StoredFrame {
  readonly revision: number;
  readonly receivedMs: number;
  /** When it was captured, in microseconds on this server's clock. */
  captureTimeUs: number;
  /** As its sender says; null if it does not, or in the frame of a stream. */
  readonly timestamp: number | null;
  /** Its publisher's jumps, modulo 4. */
  readonly teleports: number;
  readonly summary: FrameSummary;
  readonly #original: OriginalFrame;
  readonly #decoders: FrameDecoders;
  readonly #encodings: { [format in Format]?: Uint8Array<ArrayBuffer> | EncodeError } = {};

  private constructor(
    original: OriginalFrame,
    size: { bytes: number; boneCount: number; blendShapeCount: number },
    frame: {
      revision: number;
      receivedMs: number;
      captureTimeUs: number;
      decoders: FrameDecoders;
      timestamp?: number | null;
      teleports?: number | undefined;
    },
  ) {
    this.revision = frame.revision;
    this.receivedMs = frame.receivedMs;
    this.captureTimeUs = frame.captureTimeUs;
    this.timestamp = frame.timestamp ?? null;
    this.teleports = frame.teleports ?? 0;
    this.summary = {
      format: original.format,
      bytes: size.bytes,
      bones: size.boneCount,
      blendShapes: size.blendShapeCount,
    };
    this.#original = original;
    this.#decoders = frame.decoders;
  }

  /**
   * Checks a frame and stamps it with the time of its arrival. Takes `bytes` over.
   * @throws {DecodeError} if the bytes are not a frame.
   */
  static accept(frame: {
    format: Format;
    bytes: Uint8Array<ArrayBuffer>;
    decoders: FrameDecoders;
    revision: number;
    nowMs: number;
    teleports?: number | undefined;
  }): StoredFrame {
    const { format, bytes, decoders, revision, nowMs, teleports } = frame;
    // The best guess, until somebody knows better.
    const captureTimeUs = Math.floor(nowMs * 1000);
    const rest = { revision, receivedMs: nowMs, captureTimeUs, decoders, teleports };
    switch (format) {
      case "binary": {
        const { skeleton, pose } = decoders.binary.decode(bytes);
        const { timestamp } = pose;
        stampServerTimestamp(bytes, nowMs / 1000);
        const size = {
          bytes: bytes.length,
          boneCount: skeleton.boneNames.length,
          blendShapeCount: skeleton.blendShapeNames.length,
        };
        return new StoredFrame({ format, bytes }, size, { ...rest, timestamp });
      }
      case "json": {
        const outline = decoders.json.check(bytes);
        const { boneCount, blendShapeCount } = outline;
        const { timestamp } = decoders.json;
        const size = { bytes: bytes.length, boneCount, blendShapeCount };
        return new StoredFrame({ format, bytes, outline }, size, { ...rest, timestamp });
      }
    }
  }

  /** A stream's newest frame that decodes. */
  static ofStream(
    newest: { readonly stream: PlayerStream; readonly receivedMs: number },
    decoded: DecodedStreamFrame | undefined,
    { revision, decoders }: { revision: number; decoders: FrameDecoders },
  ): StoredFrame {
    const { bytes, bones, blendShapes } = streamSummary(
      newest.stream.skeleton,
      decoded?.payloadBytes ?? 0,
    );
    const { receivedMs, captureTimeUs, teleports } = decoded ?? {
      ...newest,
      captureTimeUs: 0,
      teleports: 0,
    };
    return new StoredFrame(
      { format: "stream", decoded },
      { bytes, boneCount: bones, blendShapeCount: blendShapes },
      { revision, receivedMs, captureTimeUs, decoders, teleports },
    );
  }

  /** The frame of a slot that nobody has written: all its times are 0. */
  static identity(revision: number, decoders: FrameDecoders): StoredFrame {
    const bytes = encodeJson(identityFrame());
    const outline = outlineOf(identityFrame(), bytes);
    const original = { format: "json", bytes, outline } as const;
    return new StoredFrame(
      original,
      { ...outline, bytes: bytes.length },
      {
        revision,
        receivedMs: 0,
        captureTimeUs: 0,
        decoders,
      },
    );
  }

  /** Which formats can hold the frame, and why the others cannot. */
  get visibility(): FrameVisibility {
    const original = this.#original;
    const misfit = original.format === "json" ? original.outline.misfit : null;
    if (misfit === null) return VISIBLE;
    const { code, path, message } = misfit;
    const bounded = message.slice(0, STATUS_MESSAGE_LENGTH_MAX);
    return { visibleTo: ["json"], unavailable: { code, message: bounded, path } };
  }

  /**
   * The frame in `format`. The array belongs to the frame: do not write to it.
   * @throws {EncodeError} naming the first place that `format` cannot hold.
   */
  encode(format: Format): Uint8Array<ArrayBuffer> {
    const encoding = (this.#encodings[format] ??= this.#encode(format));
    if (encoding instanceof EncodeError) throw encoding;
    return encoding;
  }

  #encode(format: Format): Uint8Array<ArrayBuffer> | EncodeError {
    try {
      switch (format) {
        case "binary":
          return this.#toBinary();
        case "json":
          return this.#toJson();
      }
    } catch (error) {
      // A refusal is kept like a result: readers come again for the same frame.
      if (error instanceof EncodeError) return error;
      throw error;
    }
  }

  /**
   * The frame as names and numbers, in whatever format it came. They may change with the next frame.
   * @throws {EncodeError} naming the first place that keeps it from being a pose.
   */
  decode(): DecodedFrame {
    const original = this.#original;
    switch (original.format) {
      case "binary":
        return this.#decoders.binary.decode(original.bytes);
      case "json": {
        const document = decodeJson(original.bytes, this.#decoders.limits);
        // As JSON readers see it.
        const stamped = { ...document, server_timestamp: this.receivedMs / 1000 };
        const frame = completeFrame(stamped);
        const skeleton = skeletonOf(frame);
        return { skeleton, pose: poseOf(frame, createPose(skeleton)) };
      }
      case "stream": {
        const { decoded } = original;
        if (decoded === undefined) throw new EncodeError("unavailable", "$", "it does not decode");
        decoded.pose.timestamp = this.captureTimeUs / 1e6;
        this.#stamped(decoded.pose);
        return decoded;
      }
    }
  }

  #toBinary(): Uint8Array<ArrayBuffer> {
    const original = this.#original;
    if (original.format === "binary") return original.bytes;
    const { skeleton, pose } = this.decode();
    return new BinaryEncoder(skeleton).encode(pose);
  }

  #toJson(): Uint8Array<ArrayBuffer> {
    const original = this.#original;
    if (original.format === "json") {
      return withServerTimestamp(original.bytes, original.outline, this.receivedMs / 1000);
    }
    const { skeleton, pose } = this.decode();
    return encodeJson(frameOf(skeleton, pose));
  }

  #stamped(pose: Pose): Pose {
    pose.server_timestamp = this.receivedMs / 1000;
    return pose;
  }
}

// What a server sends, as plain objects for assertions.
import { DecodeError } from "../src/codec/index.ts";
import type { AvatarFrame, Format, Pose, StreamFormat } from "../src/codec/index.ts";
import { decodeSkeleton, layerOf, restPoseOf, StreamDecoder } from "../src/codec/stream/index.ts";
import {
  BatchReader,
  decodeServerMessage,
  EntryKind,
  HeldSkeletons,
  MessageType,
  messageTypeOf,
  PlacesReader,
  revisionByNumber,
  skeletonIdText,
} from "../src/protocol/index.ts";
import type { ServerMessage } from "../src/protocol/index.ts";
import type { Message } from "./memory-server.ts";

export interface ReceivedBatch {
  readonly type: "batch";
  readonly sequence: number;
  readonly isFullState: boolean;
  readonly serverTimeUs: number;
  /** Of frames. */
  readonly entries: readonly ReceivedEntry[];
  readonly skeletons: readonly ReceivedSkeleton[];
  /** Indices of players who have left this receiver's sight. */
  readonly out: readonly number[];
}

/** Everybody's place in a crowd, or a part of it. */
export interface ReceivedPlaces {
  readonly type: "places";
  readonly serverTimeUs: number;
  readonly places: readonly ReceivedPlace[];
}

export interface ReceivedPlace {
  readonly index: number;
  readonly position: readonly [x: number, y: number, z: number];
  readonly heading: number;
}

/** A skeleton entry. */
export interface ReceivedSkeleton {
  readonly index: number;
  readonly id: bigint;
  /** Of the payload; 0: this receiver is to hold the skeleton. */
  readonly byteLength: number;
  /** Whether it held the skeleton before. */
  readonly isHeld: boolean;
}

export interface ReceivedEntry {
  readonly index: number;
  readonly revision: number;
  readonly number: number;
  readonly layer: number;
  readonly teleports: number;
  readonly captureTimeUs: number;
  /** The frame's `rootTransform.worldPosition`, which tells frames apart; NaN where it is not known. */
  readonly x: number;
  readonly y: number;
  /** Of the payload. */
  readonly byteLength: number;
  /** Stream format: not newer than what was read, so not decoded again. */
  readonly isOld: boolean;
  /** Stream format: refers to a frame that did not come. */
  readonly isLost: boolean;
  /** Stream format: a payload that no encoder writes. */
  readonly isGarbage: boolean;
}

export type Received = ServerMessage | ReceivedBatch | ReceivedPlaces;
export type ReceivedType = Received["type"];

/** Reads one connection's messages in order, because frames of the stream format refer to earlier ones. */
export class MessageReader {
  readonly #format: StreamFormat;
  // Of players by their index, in the stream format.
  readonly #streams = new Map<number, StreamReader>();
  /** The skeletons that this receiver holds. */
  readonly held = new HeldSkeletons<Uint8Array>();

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** Content ids of the skeletons that it holds, as `join` and `keyframe` have them. */
  get heldSkeletons(): string[] {
    return this.held.ids.map(skeletonIdText);
  }

  /** Holds what the receiver of an earlier connection holds. */
  holdWhatIsHeldBy({ held }: MessageReader): void {
    for (const id of held.ids) this.held.touch(id, held.get(id)!);
  }

  /** @throws {Error} for what no server sends. */
  read(message: Message): Received {
    if (typeof message !== "string") {
      return messageTypeOf(message) === MessageType.Places
        ? readPlaces(message)
        : this.#readBatch(message);
    }
    const decoded = decodeServerMessage(message);
    if (decoded === undefined) throw new Error(`the server said ${message}`);
    if (decoded.type === "left") this.#streams.delete(decoded.index);
    return decoded;
  }

  #readBatch(bytes: Uint8Array<ArrayBuffer>): ReceivedBatch {
    const reader = new BatchReader(bytes);
    const { sequence, isFullState, serverTimeUs } = reader;
    const entries: ReceivedEntry[] = [];
    const skeletons: ReceivedSkeleton[] = [];
    const out: number[] = [];
    while (reader.next()) {
      switch (reader.kind) {
        case EntryKind.Skeleton:
          skeletons.push(this.#readSkeleton(reader));
          break;
        case EntryKind.OutOfSight:
          out.push(reader.playerIndex);
          this.#streams.delete(reader.playerIndex);
          break;
        case EntryKind.Frame:
          entries.push(this.#readEntry(reader));
      }
    }
    if (isFullState) {
      // [S35] Whoever it leaves out has left sight.
      const inSight = new Set(entries.map(({ index }) => index));
      for (const index of this.#streams.keys())
        if (!inSight.has(index)) this.#streams.delete(index);
    }
    return { type: "batch", sequence, isFullState, serverTimeUs, entries, skeletons, out };
  }

  #readSkeleton({ playerIndex: index, skeletonId: id, payload }: BatchReader): ReceivedSkeleton {
    // [S38]
    const isHeld = this.held.has(id);
    const bytes = payload.length > 0 ? payload.slice() : this.held.get(id);
    if (bytes === undefined) this.#streamOf(index).forgetSkeleton();
    else {
      this.held.touch(id, bytes);
      this.#streamOf(index).setSkeleton(bytes);
    }
    return { index, id, byteLength: payload.length, isHeld };
  }

  #readEntry(reader: BatchReader): ReceivedEntry {
    const { playerIndex: index, frame, captureTimeUs, payload } = reader;
    const { number, teleports } = frame;
    const known = { index, number, teleports, captureTimeUs, byteLength: payload.length };
    if (this.#format === "stream") {
      const stream = this.#streamOf(index);
      const revision = reader.revision ?? revisionByNumber(stream.last, number);
      return { ...known, revision, layer: layerOf(number), ...stream.read(reader, revision) };
    }
    if (reader.revision === null) throw new Error("[S14] a whole frame's entry has no revision");
    const position = rootPositionOf(payload, this.#format);
    return { ...known, revision: reader.revision, layer: 0, ...NOTHING, ...position };
  }

  #streamOf(index: number): StreamReader {
    const stream = this.#streams.get(index) ?? new StreamReader();
    this.#streams.set(index, stream);
    return stream;
  }
}

function readPlaces(bytes: Uint8Array): ReceivedPlaces {
  const reader = new PlacesReader(bytes);
  const places: ReceivedPlace[] = [];
  while (reader.next()) {
    const { index, x, y, z, heading } = reader;
    places.push({ index, position: [x, y, z], heading });
  }
  return { type: "places", serverTimeUs: reader.serverTimeUs, places };
}

const NOTHING = { x: NaN, y: NaN, isOld: false, isLost: false, isGarbage: false };

/** One player's frames in the stream format. */
class StreamReader {
  #skeletonText = "";
  #decoder: StreamDecoder | undefined;
  #pose: Pose | undefined;
  /** The newest frame that was taken. */
  last = { revision: -1, number: 0 };

  /** The receiver does not hold it: what follows is lost. */
  forgetSkeleton(): void {
    this.#skeletonText = "";
    this.#decoder = undefined;
  }

  /** Full state names the skeleton again: a known one changes nothing. */
  setSkeleton(payload: Uint8Array): void {
    const text = payload.toHex();
    if (text === this.#skeletonText) return;
    const skeleton = decodeSkeleton(payload);
    this.#skeletonText = text;
    this.#decoder = new StreamDecoder(skeleton);
    this.#pose = restPoseOf(skeleton);
  }

  read({ frame, payload }: BatchReader, revision: number) {
    if (revision <= this.last.revision) return { ...NOTHING, isOld: true };
    try {
      const result = this.#decoder?.decode(frame, payload, this.#pose!);
      if (result !== "decoded") return { ...NOTHING, isLost: true };
    } catch (error) {
      if (error instanceof DecodeError) return { ...NOTHING, isGarbage: true };
      throw error;
    }
    this.last = { revision, number: frame.number };
    const { root } = this.#pose!;
    return { ...NOTHING, x: toCentimetre(root[0]), y: toCentimetre(root[1]) };
  }
}

/** Positions are sent to 1 mm. */
function toCentimetre(metres: number): number {
  return Math.round(metres * 100) / 100;
}

/** `rootTransform.worldPosition` of a whole frame; NaN if a document has none. */
export function rootPositionOf(
  payload: Uint8Array<ArrayBuffer>,
  format: Format,
): { x: number; y: number } {
  if (format === "binary") {
    const view = new DataView(payload.buffer, payload.byteOffset);
    return { x: view.getFloat32(0, true), y: view.getFloat32(4, true) };
  }
  const document = JSON.parse(utf8.decode(payload)) as Partial<AvatarFrame>;
  const { x = NaN, y = NaN } = document.rootTransform?.worldPosition ?? {};
  return { x, y };
}

const utf8 = new TextDecoder();

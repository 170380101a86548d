// A second receiver of the stream format, written from docs/protocol.md and docs/stream-encoding.md alone. It shares no
// code with src/.
//
//   const receiver = new SecondReceiver(numbers);
//   receiver.read(message);   // text or bytes, in the order in which the server sent them
//   receiver.players;         // who is present, and what each shows
import { readSkeleton, SecondReader } from "./second-reader.ts";
import type { StreamNumbers } from "./second-reader.ts";

/** An entry of a batch as its bytes say it. */
export type SecondEntry = { readonly index: number } & (
  | { readonly kind: "skeleton"; readonly id: string; readonly payload: Uint8Array }
  | {
      readonly kind: "frame";
      readonly isKey: boolean;
      readonly teleports: number;
      readonly number: number;
      /** Null: told by the difference of numbers. */
      readonly revision: number | null;
      readonly captureTimeUs: number;
      readonly payload: Uint8Array;
    }
  | { readonly kind: "out of sight" }
);

export interface SecondBatch {
  readonly sequence: number;
  readonly serverTimeUs: number;
  readonly isFullState: boolean;
  readonly entries: readonly SecondEntry[];
}

/** Reads bytes from the first to the last; its errors name the byte. */
class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  take(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) throw new RangeError(`byte ${this.at}`);
    return this.bytes.subarray(this.at, (this.at += count));
  }

  u8(): number {
    return this.take(1)[0];
  }

  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  f64(): number {
    this.take(8);
    return this.#view.getFloat64(this.at - 8, true);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (scale > 128 ** 4) throw new RangeError(`byte ${this.at}`);
      const byte = this.u8();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }
}

/** @throws {RangeError} naming the byte at which the message is no batch. */
export function readBatch(bytes: Uint8Array): SecondBatch {
  const cursor = new Cursor(bytes);
  const type = cursor.u8();
  if (type % 16 !== 3) throw new RangeError("byte 0");
  const sequence = cursor.u32();
  const serverTimeUs = cursor.f64();
  const entries: SecondEntry[] = [];
  let index = 0;
  while (!cursor.isAtEnd) {
    index += cursor.varint();
    const headAt = cursor.at;
    const head = cursor.u8();
    switch (head % 16) {
      case 1: {
        const id = hexOf(cursor.take(8));
        entries.push({ index, kind: "skeleton", id, payload: cursor.take(cursor.varint()) });
        break;
      }
      case 2: {
        const number = cursor.u8();
        const revision = (head & 32) === 0 ? null : cursor.varint();
        const zigzag = cursor.varint();
        const age = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
        entries.push({
          index,
          kind: "frame",
          isKey: (head & 16) !== 0,
          teleports: head >> 6,
          number,
          revision,
          captureTimeUs: serverTimeUs - 100 * age,
          payload: cursor.take(cursor.varint()),
        });
        break;
      }
      case 3:
        entries.push({ index, kind: "out of sight" });
        break;
      default:
        throw new RangeError(`byte ${headAt}`);
    }
  }
  return { sequence, serverTimeUs, isFullState: (type & 16) !== 0, entries };
}

/** What a player shows: the newest frame that was taken. */
export interface Shown {
  readonly revision: number;
  /** The pose's f32 numbers, little-endian. */
  readonly pose: string;
}

interface SeenPlayer {
  readonly id: string;
  skeletonId: string;
  reader: SecondReader | undefined;
  revision: number;
  number: number;
  shown: Shown | undefined;
}

interface ServerText {
  readonly type: string;
  readonly index: number;
  readonly player: { readonly index: number; readonly id: string } | null;
  readonly players: readonly { readonly index: number; readonly id: string }[];
}

export class SecondReceiver {
  readonly #numbers: StreamNumbers;
  readonly #present = new Map<number, SeenPlayer>();
  #ownIndex: number | undefined;
  readonly #skeletons = new Map<string, Uint8Array>();
  #sequence = 0;

  constructor(numbers: StreamNumbers) {
    this.#numbers = numbers;
  }

  /** Players by id; undefined: present, and nothing is shown of it. */
  get players(): Record<string, Shown | undefined> {
    const others = [...this.#present].filter(([index]) => index !== this.#ownIndex);
    return Object.fromEntries(others.map(([, { id, shown }]) => [id, shown]));
  }

  read(message: string | Uint8Array): void {
    if (typeof message !== "string") return this.#batch(readBatch(message));
    const text = JSON.parse(message) as ServerText;
    switch (text.type) {
      case "welcome":
        this.#ownIndex = text.player?.index;
        for (const player of text.players) this.#enter(player);
        break;
      case "joined":
        this.#enter(text.player!);
        break;
      case "left":
        this.#present.delete(text.index);
        break;
      default:
    }
  }

  #enter({ index, id }: { readonly index: number; readonly id: string }): void {
    const nothing = { skeletonId: "", reader: undefined, revision: 0, number: 0, shown: undefined };
    this.#present.set(index, { id, ...nothing });
  }

  #batch({ sequence, isFullState, entries }: SecondBatch): void {
    // [S16b]
    const ahead = (sequence - this.#sequence) | 0;
    if (isFullState ? ahead < 0 : ahead <= 0) return;
    this.#sequence = sequence;
    for (const entry of entries) {
      const player = this.#present.get(entry.index);
      switch (entry.kind) {
        case "skeleton":
          this.#skeleton(player, entry.id, entry.payload);
          break;
        case "frame":
          if (player !== undefined) this.#frame(player, entry);
          break;
        case "out of sight":
          if (player !== undefined) this.#forget(player);
      }
    }
    if (!isFullState) return;
    const inSight = new Set(entries.map(({ index }) => index));
    for (const [index, player] of this.#present) if (!inSight.has(index)) this.#forget(player);
  }

  #forget(player: SeenPlayer): void {
    player.skeletonId = "";
    player.reader = undefined;
    player.shown = undefined;
  }

  #skeleton(player: SeenPlayer | undefined, id: string, payload: Uint8Array): void {
    const bytes = payload.length > 0 ? payload : this.#skeletons.get(id);
    if (bytes === undefined) throw new Error(`skeleton ${id} is not held`);
    this.#skeletons.delete(id);
    this.#skeletons.set(id, bytes);
    if (this.#skeletons.size > 512) this.#skeletons.delete(this.#skeletons.keys().next().value!);
    if (player === undefined || player.skeletonId === id) return;
    player.skeletonId = id;
    player.reader = new SecondReader(this.#numbers, readSkeleton(bytes));
  }

  #frame(player: SeenPlayer, frame: SecondEntry & { kind: "frame" }): void {
    const { number, isKey, payload } = frame;
    const difference = ((number - player.number + 128) & 255) - 128;
    const revision = frame.revision ?? player.revision + difference;
    if (revision <= player.revision || player.reader === undefined) return;
    const read = player.reader.read({ number, isKey }, payload);
    if (read === null) return;
    player.revision = revision;
    player.number = number;
    const pose = Float32Array.from(player.reader.pose(read.state));
    player.shown = { revision, pose: hexOf(new Uint8Array(pose.buffer)) };
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

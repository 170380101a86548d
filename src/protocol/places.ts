// Everybody's place: a data message of its own, which needs no other and is not acknowledged. docs/protocol.md has the
// rules.
//
//   Places  = type:u8 serverTime:f64 origin:f32 x 3 Place*            type 5
//   Place   = indexStep:varint x:varint y:varint z:varint heading:u8   x, y, z zigzag-coded, 3 bytes at most
//
// A place within 512 m of the origin, and 4 m above or below it, has 7 bytes.
import { CloseCode } from "./close-codes.ts";
import { MessageType, TYPE_MASK } from "./data.ts";
import { ProtocolError } from "./errors.ts";

/** Of a position: it is off by half of that at most, on each axis. */
export const PLACE_STEP_METRES = 1 / 16;
/** Further from the origin than 3 bytes reach, 65.5 km, a place is moved to where they end. */
export const PLACE_STEPS_MAX = 2 ** 20 - 1;
/** A heading is off by 0.7 degrees at most. */
const HEADINGS = 256;
const TURN = 2 * Math.PI;

const HEADER_BYTES = 21;
/** An index of 3 bytes, three numbers of 3 bytes, a heading. */
const PLACE_BYTES_MAX = 13;
const NUMBER_BYTES_MAX = 3;
/** No room has more players. */
export const PLACE_INDEX_MAX = 2 ** 21 - 1;

/** A receiver is sent no more of places in any second. */
export const PLACES_BYTES_PER_SECOND = 15_000;
/** Two of the largest messages a second are the budget. About 1,070 places. */
export const PLACES_BYTES_MAX = PLACES_BYTES_PER_SECOND / 2;
const PLACES_HZ_MAX = 5;

/**
 * How often a message of this many bytes may be sent: 5, 4, 3 or 2 times a second. In a room that needs several
 * messages they take turns, so that each player's place comes the more rarely the larger the room is.
 */
export function placesHz(messageBytes: number): number {
  return Math.max(1, Math.min(PLACES_HZ_MAX, Math.floor(PLACES_BYTES_PER_SECOND / messageBytes)));
}

/** The heading of a rotation, radians: how far it turns about the vertical axis, from -pi to pi. */
export function headingOf(y: number, w: number): number {
  // The part of a rotation that turns about one axis has the other two components left out.
  return y === 0 && w === 0 ? 0 : 2 * Math.atan2(w < 0 ? -y : y, Math.abs(w));
}

/**
 * Builds messages of places. All use the same memory.
 *
 *   writer.begin({ serverTimeUs, originX, originY, originZ });
 *   while (… && writer.add(index, x, y, z, heading)) …
 *   send(writer.finish());
 */
export class PlacesWriter {
  readonly #bytes = new Uint8Array(PLACES_BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #index = -1;
  #originX = 0;
  #originY = 0;
  #originZ = 0;

  /** Begins a message. The nearer the origin is to most players, the fewer bytes they need. */
  begin(head: { serverTimeUs: number; originX: number; originY: number; originZ: number }): void {
    this.#bytes[0] = MessageType.Places;
    this.#view.setFloat64(1, head.serverTimeUs, true);
    // Of f32: both sides count from the same origin.
    this.#originX = Math.fround(head.originX);
    this.#originY = Math.fround(head.originY);
    this.#originZ = Math.fround(head.originZ);
    this.#view.setFloat32(9, this.#originX, true);
    this.#view.setFloat32(13, this.#originY, true);
    this.#view.setFloat32(17, this.#originZ, true);
    this.#length = HEADER_BYTES;
    this.#index = -1;
  }

  /**
   * Adds a player's place: metres, and its heading in radians. Players come in ascending order of their indices.
   * @returns false if the message is full: the player is not in it.
   * @throws {RangeError} for an index that is not above the last one, or above `PLACE_INDEX_MAX`.
   */
  add(index: number, x: number, y: number, z: number, heading: number): boolean {
    if (index <= this.#index || index > PLACE_INDEX_MAX) {
      throw new RangeError(`player index ${index} after ${this.#index}: expected a higher one`);
    }
    if (this.#length + PLACE_BYTES_MAX > PLACES_BYTES_MAX) return false;
    this.#writeVarint(this.#index < 0 ? index : index - this.#index);
    this.#writeVarint(zigzag(stepsOf(x - this.#originX)));
    this.#writeVarint(zigzag(stepsOf(y - this.#originY)));
    this.#writeVarint(zigzag(stepsOf(z - this.#originZ)));
    this.#bytes[this.#length++] = Math.round((heading / TURN) * HEADINGS);
    this.#index = index;
    return true;
  }

  /** The message so far. The memory is used again by the next `begin`. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #writeVarint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }
}

/**
 * Reads a message place by place; its fields hold the place that `next` found.
 *
 *   const places = new PlacesReader(bytes);
 *   while (places.next()) use(places.index, places.x, places.y, places.z, places.heading);
 */
export class PlacesReader {
  readonly serverTimeUs: number;
  index = -1;
  /** Metres. */
  x = 0;
  y = 0;
  z = 0;
  /** Radians about the vertical axis, from -pi up to, but not including, pi. */
  heading = 0;
  readonly #bytes: Uint8Array;
  readonly #originX: number;
  readonly #originY: number;
  readonly #originZ: number;
  #at = HEADER_BYTES;

  /** @throws {ProtocolError} if the header is not that of places. */
  constructor(bytes: Uint8Array) {
    if ((bytes[0] & TYPE_MASK) !== MessageType.Places) throw bad("byte 0: expected places");
    if (bytes.length < HEADER_BYTES) {
      throw bad(`byte ${bytes.length}: the header of places is cut off`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes = bytes;
    this.serverTimeUs = view.getFloat64(1, true);
    this.#originX = view.getFloat32(9, true);
    this.#originY = view.getFloat32(13, true);
    this.#originZ = view.getFloat32(17, true);
    if (!Number.isFinite(this.#originX + this.#originY + this.#originZ)) {
      throw bad("byte 9: the origin of places is not finite");
    }
  }

  /** Moves to the next place; false at the end. @throws {ProtocolError} if the place is not one. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    const startedAt = this.#at;
    const step = this.#readVarint();
    if (step === 0 && this.index >= 0) throw bad(`byte ${startedAt}: a player has two places`);
    this.index = Math.max(0, this.index) + step;
    if (this.index > PLACE_INDEX_MAX) {
      throw bad(
        `byte ${startedAt}: player index ${this.index}; expected ${PLACE_INDEX_MAX} at most`,
      );
    }
    this.x = this.#originX + unzigzag(this.#readVarint()) * PLACE_STEP_METRES;
    this.y = this.#originY + unzigzag(this.#readVarint()) * PLACE_STEP_METRES;
    this.z = this.#originZ + unzigzag(this.#readVarint()) * PLACE_STEP_METRES;
    // As a signed byte.
    this.heading = (((this.#readByte() << 24) >> 24) / HEADINGS) * TURN;
    return true;
  }

  #readVarint(): number {
    let value = 0;
    for (let at = 0; at < NUMBER_BYTES_MAX; at++) {
      const byte = this.#readByte();
      value |= (byte & 0x7f) << (7 * at);
      if (byte < 0x80) return value;
    }
    throw bad(`byte ${this.#at}: a number of a place has more than ${NUMBER_BYTES_MAX} bytes`);
  }

  #readByte(): number {
    if (this.#at >= this.#bytes.length) throw bad(`byte ${this.#at}: a place is cut off`);
    return this.#bytes[this.#at++];
  }
}

function stepsOf(metres: number): number {
  const steps = Math.round(metres / PLACE_STEP_METRES);
  return Math.max(-PLACE_STEPS_MAX, Math.min(steps, PLACE_STEPS_MAX));
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(code: number): number {
  return (code & 1) === 0 ? code / 2 : -(code + 1) / 2;
}

function bad(message: string): ProtocolError {
  return new ProtocolError(CloseCode.BadMessage, message);
}

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ProtocolError } from "./errors.ts";
import {
  headingOf,
  PLACE_INDEX_MAX,
  PLACE_STEP_METRES,
  PLACE_STEPS_MAX,
  PLACES_BYTES_MAX,
  PLACES_BYTES_PER_SECOND,
  PlacesReader,
  placesHz,
  PlacesWriter,
} from "./places.ts";

const HEADER_BYTES = 21;
const metres = fc.oneof(
  fc.double({ min: -600, max: 600, noNaN: true }),
  fc.double({ min: -70_000, max: 70_000, noNaN: true }),
  fc.double({ min: -1e38, max: 1e38, noNaN: true }),
);
const anyPlace = fc.record(
  {
    step: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3000 })),
    x: metres,
    y: metres,
    z: metres,
    heading: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
  },
  { noNullPrototype: true },
);
const anyPlaces = fc.record(
  {
    serverTimeUs: fc.double({ noNaN: true }),
    origin: fc.tuple(metres, metres, metres),
    places: fc.array(anyPlace, { maxLength: 60 }),
  },
  { noNullPrototype: true },
);
type AnyPlaces = typeof anyPlaces extends fc.Arbitrary<infer T> ? T : never;

const writer = new PlacesWriter();

function begin([originX, originY, originZ]: readonly number[], serverTimeUs = 0): void {
  writer.begin({ serverTimeUs, originX, originY, originZ });
}

/** The places with their indices, which ascend from -1. */
function indexed({ places }: AnyPlaces) {
  let index = -1;
  return places.map((place) => ({ ...place, index: (index += place.step) }));
}

function write(message: AnyPlaces): Uint8Array<ArrayBuffer> {
  begin(message.origin, message.serverTimeUs);
  for (const { index, x, y, z, heading } of indexed(message)) {
    expect(writer.add(index, x, y, z, heading)).toBe(true);
  }
  return writer.finish().slice();
}

function read(bytes: Uint8Array) {
  const reader = new PlacesReader(bytes);
  const places = [];
  while (reader.next()) {
    const { index, x, y, z, heading } = reader;
    places.push({ index, x, y, z, heading });
  }
  return { serverTimeUs: reader.serverTimeUs, places };
}

function angleBetween(a: number, b: number): number {
  return Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
}

describe("messages of places", () => {
  test("[S40] [S42] a place is read as it was written, to half a step, and no further off than 3 bytes reach", () => {
    fc.assert(
      fc.property(anyPlaces, (message) => {
        const bytes = write(message);
        const embedded = new Uint8Array(bytes.length + 11).fill(0xa5);
        embedded.set(bytes, 7);
        const decoded = read(bytes);
        expect(read(embedded.subarray(7, 7 + bytes.length))).toEqual(decoded);
        expect(decoded.serverTimeUs).toBe(message.serverTimeUs);
        const sent = indexed(message);
        expect(decoded.places.length).toBe(sent.length);
        const reach = PLACE_STEPS_MAX * PLACE_STEP_METRES;
        for (const [at, place] of decoded.places.entries()) {
          expect(place.index).toBe(sent[at].index);
          expect(angleBetween(place.heading, sent[at].heading)).toBeLessThan(Math.PI / 255);
          expect(place.heading).toBeWithin(-Math.PI, Math.PI);
          for (const [axis, name] of (["x", "y", "z"] as const).entries()) {
            const origin = Math.fround(message.origin[axis]);
            const offset = Math.max(-reach, Math.min(sent[at][name] - origin, reach));
            // Far from zero, metres themselves have few digits.
            const slack = 1e-9 + 1e-15 * Math.abs(origin);
            const error = Math.abs(place[name] - (origin + offset));
            expect(error).toBeLessThanOrEqual(PLACE_STEP_METRES / 2 + slack);
          }
        }
      }),
    );
  });

  test("a message has the bytes of the grammar", () => {
    begin([1, 2, -3]);
    writer.add(300, 1, 2 - 1 / 16, 61, Math.PI / 2);
    writer.add(301, 1 + 511.9375, 2, -3, -Math.PI / 2);
    // 300 is 2 x 128 + 44. 64 m are 1,024 steps: zigzag 2,048, 16 x 128. 511.9375 m: zigzag 16,382.
    const head = ["05", "0000000000000000", "0000803f", "00000040", "000040c0"];
    const places = ["ac02", "00", "01", "8010", "40", "01", "fe7f", "00", "00", "c0"];
    expect(writer.finish().toHex()).toBe([...head, ...places].join(""));
  });

  test("[S42] a place near the origin has 7 bytes, the furthest 13 at most", () => {
    begin([0, 0, 0]);
    writer.add(4, 500, 3.9, -500, 1);
    expect(writer.finish().length).toBe(HEADER_BYTES + 7);
    begin([0, 0, 0]);
    writer.add(PLACE_INDEX_MAX, 1e38, -1e38, 1e38, 1);
    expect(writer.finish().length).toBe(HEADER_BYTES + 13);
  });

  test("[S41] players that do not ascend are an error of the caller", () => {
    for (const [first, second] of [
      [5, 5],
      [5, 4],
      [0, PLACE_INDEX_MAX + 1],
    ]) {
      begin([0, 0, 0]);
      writer.add(first, 0, 0, 0, 0);
      expect(() => writer.add(second, 0, 0, 0, 0)).toThrow(RangeError);
    }
  });

  test("[S44] a full message takes no more, and the next continues", () => {
    const positions = Array.from({ length: 5000 }, (_, index) => [index % 70, index / 70] as const);
    const seen: number[] = [];
    let messages = 0;
    for (let next = 0; next < positions.length; messages++) {
      begin([35, 0, 35]);
      while (next < positions.length) {
        const [x, z] = positions[next];
        if (!writer.add(next, x, 0, z, 0)) break;
        next++;
      }
      const bytes = writer.finish();
      expect(bytes.length).toBeLessThanOrEqual(PLACES_BYTES_MAX);
      seen.push(...read(bytes).places.map(({ index }) => index));
    }
    expect(seen).toEqual(positions.map((_, index) => index));
    expect(messages).toBe(5);
  });
});

describe("[S44] how often", () => {
  test("no second has more than 15 kB, whatever the size of the messages", () => {
    for (let bytes = HEADER_BYTES; bytes <= PLACES_BYTES_MAX; bytes++) {
      const hz = placesHz(bytes);
      expect(hz).toBeWithin(2, 6);
      expect(Math.ceil(hz) * bytes).toBeLessThanOrEqual(PLACES_BYTES_PER_SECOND);
    }
    expect([20, 400, 700, 1000].map((players) => placesHz(HEADER_BYTES + 7 * players))).toEqual([
      5, 5, 3, 2,
    ]);
  });
});

describe("[S43] headings", () => {
  test("a heading is the turn about the vertical axis, whatever else a rotation does", () => {
    expect(headingOf(0, 1)).toBe(0);
    expect(headingOf(Math.sin(0.5), Math.cos(0.5))).toBeCloseTo(1, 12);
    // q and -q are the same rotation.
    expect(headingOf(-Math.sin(0.5), -Math.cos(0.5))).toBeCloseTo(1, 12);
    expect(headingOf(Math.sin(-0.5), Math.cos(-0.5))).toBeCloseTo(-1, 12);
    expect(headingOf(1, 0)).toBeCloseTo(Math.PI, 12);
    // Upside down about x: no turn about y.
    expect(headingOf(0, 0)).toBe(0);
  });
});

describe("[S4] [S41] places that break the rules", () => {
  const head = (): number[] => {
    begin([0, 0, 0]);
    return [...writer.finish()];
  };
  const readAll = (bytes: Uint8Array) => () => read(bytes);

  test("a header that is cut off, of another type or with an origin that is not finite is refused", () => {
    for (let length = 0; length < HEADER_BYTES; length++) {
      expect(readAll(Uint8Array.from(head().slice(0, length)))).toThrow(ProtocolError);
    }
    expect(readAll(Uint8Array.of(3, ...head().slice(1)))).toThrow("byte 0");
    const infinite = Uint8Array.from(head());
    new DataView(infinite.buffer).setFloat32(13, Infinity, true);
    expect(readAll(infinite)).toThrow("byte 9");
  });

  test("a place that is cut off, comes twice or has too large a number is refused with its byte", () => {
    expect(readAll(Uint8Array.of(...head(), 0, 0, 0, 0))).toThrow("byte 25");
    expect(readAll(Uint8Array.of(...head(), 0, 0x80, 0x80))).toThrow("byte 24");
    expect(readAll(Uint8Array.of(...head(), 0x80, 0x80, 0x80, 0))).toThrow("3 bytes");
    expect(readAll(Uint8Array.of(...head(), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow("byte 26");
    const last = [0xff, 0xff, 0x7f, 0, 0, 0, 0];
    expect(read(Uint8Array.of(...head(), ...last)).places[0].index).toBe(PLACE_INDEX_MAX);
    expect(readAll(Uint8Array.of(...head(), ...last, 1, 0, 0, 0, 0))).toThrow("byte 28");
  });

  test("whatever bytes come, only ProtocolError escapes, and what is read is finite and ascends", () => {
    const mutated = fc
      .tuple(
        anyPlaces,
        fc.array(fc.tuple(fc.nat({ max: 9999 }), fc.nat({ max: 255 })), { maxLength: 8 }),
        fc.nat({ max: 9999 }),
      )
      .map(([message, changes, length]) => {
        const bytes = write(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes.slice(0, length % (2 * bytes.length));
      });
    const noise = fc
      .uint8Array({ maxLength: 80 })
      .map((rest) => Uint8Array.of(5, ...Array.from({ length: 20 }, () => 0), ...rest));
    fc.assert(
      fc.property(fc.oneof(mutated, noise), (bytes) => {
        const before = bytes.slice();
        try {
          let last = -1;
          for (const { index, x, y, z, heading } of read(bytes).places) {
            expect(index).toBeGreaterThan(last);
            expect([x, y, z, heading].every((value) => Number.isFinite(value))).toBe(true);
            last = index;
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        expect(bytes).toEqual(before);
      }),
      { numRuns: 3000 },
    );
  });
});

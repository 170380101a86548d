// Where everybody is, and who is nearest to a few points. A grid of square cells over the ground: looking for
// neighbours costs as much as there are neighbours, however large the room is.
//
//   grid.set(index, x, y, z);
//   grid.build();
//   const count = grid.nearest(points, 1, 60);       // grid.ranked[0 … count - 1], the nearest first
import { sortNumbers } from "./sort-numbers.ts";

// A cell that is shared with 3 to 12 players: 60 neighbours are within two or three rings of cells.
const MATES_MIN = 3;
const MATES_MAX = 12;
const CELL_METRES_MIN = 1 / 8;
const CELL_METRES_MAX = 2 ** 16;
// From the smallest cell to the largest.
const RESIZES_MAX = 19;
// So that cells of a position of 1e38 m are whole numbers that can be counted on from.
const CELL_MAX = 2 ** 30;
// Of the bits of a distance squared: its exponent and 2 bits of its fraction. No sign.
const BUCKET_SHIFT = 21;
const BUCKETS = 2 ** (31 - BUCKET_SHIFT);
// A key is the bits of the distance squared, times this, plus the index.
const INDEX_END = 2 ** 16;

export class Grid {
  /** Who is nearest, from the last search. */
  readonly ranked: Int32Array;
  /** By axis, the middle one of all players' numbers: a single player far away does not move it. */
  readonly middle = new Float64Array(3);
  readonly #positions: Float64Array;
  readonly #isHere: Uint8Array;
  #indexEnd = 0;
  #cellMetres = 4;
  // The players by cell: those of cells with hash h are #byCell[#starts[h] … #starts[h + 1]].
  #count = 0;
  #hashes = 1;
  readonly #byCell: Int32Array;
  readonly #starts: Int32Array;
  readonly #cells: Int32Array;
  // Of a search: who was found and how far off. The distances and their bits are the same memory.
  #found = 0;
  readonly #foundIndices: Int32Array;
  readonly #distances: Float32Array;
  readonly #distanceBits: Uint32Array;
  readonly #seen: Uint32Array;
  #search = 0;
  readonly #buckets = new Int32Array(BUCKETS);
  readonly #keys: Float64Array;

  /** For player indices below `indexCount`: more than there are players, as an index rests after its player left. @throws {RangeError} for more than 65,536. */
  constructor(indexCount: number) {
    if (!(indexCount >= 1 && indexCount <= INDEX_END)) {
      throw new RangeError(`${indexCount} player indices: expected 1 to ${INDEX_END}`);
    }
    this.ranked = new Int32Array(indexCount);
    this.#positions = new Float64Array(3 * indexCount);
    this.#isHere = new Uint8Array(indexCount);
    this.#byCell = new Int32Array(indexCount);
    this.#starts = new Int32Array(hashesFor(indexCount) + 2);
    this.#cells = new Int32Array(2 * indexCount);
    this.#foundIndices = new Int32Array(indexCount);
    this.#distances = new Float32Array(indexCount);
    this.#distanceBits = new Uint32Array(this.#distances.buffer);
    this.#seen = new Uint32Array(indexCount);
    this.#keys = new Float64Array(indexCount);
  }

  /** Players below this index may be in the grid. */
  get indexEnd(): number {
    return this.#indexEnd;
  }

  has(index: number): boolean {
    return this.#isHere[index] === 1;
  }

  /** Puts a player somewhere, metres. Searches know of it after the next `build`. */
  set(index: number, x: number, y: number, z: number): void {
    this.#isHere[index] = 1;
    this.#positions[3 * index] = x;
    this.#positions[3 * index + 1] = y;
    this.#positions[3 * index + 2] = z;
    if (index >= this.#indexEnd) this.#indexEnd = index + 1;
  }

  /** A player is gone. Searches do not find it any more. */
  remove(index: number): void {
    this.#isHere[index] = 0;
    while (this.#indexEnd > 0 && this.#isHere[this.#indexEnd - 1] === 0) this.#indexEnd--;
  }

  /** Writes where a player is to `out` at `at`; false if that is not known. */
  read(index: number, out: Float64Array, at: number): boolean {
    if (this.#isHere[index] !== 1) return false;
    for (let axis = 0; axis < 3; axis++) out[at + axis] = this.#positions[3 * index + axis];
    return true;
  }

  /** Sorts the players into cells, of a size that fits how dense they are where most of them are. */
  build(): void {
    this.#count = 0;
    for (let index = 0; index < this.#indexEnd; index++) this.#count += this.#isHere[index];
    let mates = this.#sortIntoCells();
    const factor = mates > MATES_MAX ? 0.5 : 2;
    for (let resizes = 0; resizes < RESIZES_MAX && this.#count > 0; resizes++) {
      if (factor < 1 ? mates <= MATES_MAX : mates >= MATES_MIN) break;
      const metres = this.#cellMetres * factor;
      if (metres < CELL_METRES_MIN || metres > CELL_METRES_MAX) break;
      this.#cellMetres = metres;
      mates = this.#sortIntoCells();
    }
    this.#findMiddle();
  }

  /**
   * Finds the `wanted` players that are nearest to one of the points: x, y and z of each in `points`.
   * @returns how many there are, at most `wanted`. They are in `ranked`.
   */
  nearest(points: Float64Array, pointCount: number, wanted: number): number {
    this.#found = 0;
    this.#search = (this.#search + 1) >>> 0;
    if (this.#search === 0) this.#seen.fill(0);
    for (let point = 0; point < pointCount; point++) {
      // The nearest of all points are among the nearest of each.
      if (!this.#findAround(points, pointCount, point, wanted)) {
        this.#findEverybody(points, pointCount);
        break;
      }
    }
    return this.#rank(wanted);
  }

  /** @returns how many players one shares its cell with on average, itself included. */
  #sortIntoCells(): number {
    const starts = this.#starts;
    const hashes = hashesFor(this.#count);
    this.#hashes = hashes;
    starts.fill(0, 0, hashes + 2);
    for (let index = 0; index < this.#indexEnd; index++) {
      if (this.#isHere[index] === 0) continue;
      const x = this.#cellAt(this.#positions[3 * index]);
      const z = this.#cellAt(this.#positions[3 * index + 2]);
      this.#cells[2 * index] = x;
      this.#cells[2 * index + 1] = z;
      starts[hashOf(x, z, hashes) + 2]++;
    }
    let pairs = 0;
    for (let hash = 2; hash < hashes + 2; hash++) {
      pairs += starts[hash] * starts[hash];
      starts[hash] += starts[hash - 1];
    }
    // starts[h + 1] runs from where the players of h begin to where they end.
    for (let index = 0; index < this.#indexEnd; index++) {
      if (this.#isHere[index] === 0) continue;
      const hash = hashOf(this.#cells[2 * index], this.#cells[2 * index + 1], hashes);
      this.#byCell[starts[hash + 1]++] = index;
    }
    return this.#count === 0 ? 0 : pairs / this.#count;
  }

  #cellAt(metres: number): number {
    const cell = Math.floor(metres / this.#cellMetres);
    return Math.max(-CELL_MAX, Math.min(cell, CELL_MAX));
  }

  #findMiddle(): void {
    const count = this.#count;
    if (count === 0) {
      this.middle.fill(0);
      return;
    }
    for (let axis = 0; axis < 3; axis++) {
      for (let at = 0; at < count; at++)
        this.#keys[at] = this.#positions[3 * this.#byCell[at] + axis];
      sortNumbers(this.#keys, count);
      this.middle[axis] = this.#keys[count >> 1];
    }
  }

  /**
   * Looks ring by ring around one point. @returns false where that costs more than looking at everybody.
   */
  #findAround(points: Float64Array, pointCount: number, point: number, wanted: number): boolean {
    const cellX = this.#cellAt(points[3 * point]);
    const cellZ = this.#cellAt(points[3 * point + 2]);
    const enough = Math.min(wanted, this.#count);
    for (let ring = 0; ; ring++) {
      if ((2 * ring + 1) ** 2 > this.#count) return false;
      for (let z = cellZ - ring; z <= cellZ + ring; z++) {
        // The first and last row whole, of the others both ends.
        const step = ring === 0 || Math.abs(z - cellZ) === ring ? 1 : 2 * ring;
        for (let x = cellX - ring; x <= cellX + ring; x += step) {
          this.#findInCell(x, z, points, pointCount);
        }
      }
      if (this.#found < enough) continue;
      // Whoever is not found yet is further off than the ring is wide.
      const known = (ring * this.#cellMetres) ** 2;
      let within = 0;
      for (let at = 0; at < this.#found; at++) if (this.#distances[at] <= known) within++;
      if (within >= enough) return true;
    }
  }

  #findInCell(x: number, z: number, points: Float64Array, pointCount: number): void {
    const cells = this.#cells;
    const hash = hashOf(x, z, this.#hashes);
    const end = this.#starts[hash + 1];
    for (let at = this.#starts[hash]; at < end; at++) {
      const index = this.#byCell[at];
      // Other cells may have the same hash.
      if (cells[2 * index] === x && cells[2 * index + 1] === z) {
        this.#find(index, points, pointCount);
      }
    }
  }

  #findEverybody(points: Float64Array, pointCount: number): void {
    for (let at = 0; at < this.#count; at++) this.#find(this.#byCell[at], points, pointCount);
  }

  #find(index: number, points: Float64Array, pointCount: number): void {
    // Gone since the last build, or found from another point.
    if (this.#isHere[index] === 0 || this.#seen[index] === this.#search) return;
    this.#seen[index] = this.#search;
    let nearest = Infinity;
    for (let at = 0; at < 3 * pointCount; at += 3) {
      const x = this.#positions[3 * index] - points[at];
      const y = this.#positions[3 * index + 1] - points[at + 1];
      const z = this.#positions[3 * index + 2] - points[at + 2];
      nearest = Math.min(nearest, x * x + y * y + z * z);
    }
    this.#foundIndices[this.#found] = index;
    this.#distances[this.#found] = nearest;
    this.#found++;
  }

  /** Sorts the nearest of those that were found. Of two at one distance the lower index is first. */
  #rank(wanted: number): number {
    const last = this.#bucketOf(wanted);
    let kept = 0;
    for (let at = 0; at < this.#found; at++) {
      const bits = this.#distanceBits[at];
      if (bits >>> BUCKET_SHIFT > last) continue;
      this.#keys[kept++] = bits * INDEX_END + this.#foundIndices[at];
    }
    sortNumbers(this.#keys, kept);
    const count = Math.min(kept, wanted);
    for (let at = 0; at < count; at++) this.ranked[at] = this.#keys[at] % INDEX_END;
    return count;
  }

  /** The bucket of distances up to which there are `wanted` players: the others need not be sorted. */
  #bucketOf(wanted: number): number {
    if (this.#found <= wanted) return BUCKETS;
    const buckets = this.#buckets;
    buckets.fill(0);
    for (let at = 0; at < this.#found; at++) buckets[this.#distanceBits[at] >>> BUCKET_SHIFT]++;
    let last = 0;
    for (let count = buckets[0]; count < wanted; count += buckets[last]) last++;
    return last;
  }
}

/** A power of two, twice the players or more, so that few cells share a hash. */
function hashesFor(players: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2 * players, 2)));
}

function hashOf(x: number, z: number, hashes: number): number {
  // Two large primes, as in "Optimized Spatial Hashing for Collision Detection" (Teschner et al., 2003).
  return (Math.imul(x, 73_856_093) ^ Math.imul(z, 19_349_663)) & (hashes - 1);
}

// A second reader of the stream encoding, written from docs/stream-encoding.md and the numbers of vectors/stream.json alone.
// It shares no code with src/codec/stream, and follows the text instead of being fast: bytes are one large integer.
//
//   const reader = new SecondReader(numbers, readSkeleton(bytes));
//   const { state, steps } = reader.read(header, payload);   // throws Refused, or returns null for an unknown reference

/** The numbers of the encoding, as `vectors/stream.json` has them [E1]. */
export interface StreamNumbers {
  readonly levels: string;
  readonly energyThresholds: readonly number[];
  readonly tableSets: Readonly<Record<string, number>>;
  readonly flagTables: Readonly<Record<string, number>>;
  readonly prediction: Readonly<Record<Kind, readonly number[]>>;
  readonly energyWeights: Readonly<Record<Kind, readonly (readonly number[])[]>>;
  readonly tables: readonly string[];
}
type Kind = "rotation" | "offset" | "weight";

export interface SecondSkeleton {
  readonly boneNames: string[];
  readonly boneParents: (string | null)[] | undefined;
  readonly blendShapeNames: string[];
  readonly hasRestPose: boolean;
  readonly weightScale: number;
  /** By transform: steps of the rotation, the position, the scale; and 10 numbers of its rest. */
  readonly steps: number[][];
  readonly rests: number[][];
}

/** Transforms by three numbers each, and weights. */
export interface SecondState {
  rotations: number[][];
  positions: number[][];
  scales: number[][];
  weights: number[];
}

export type CodedStep = ["symbol" | "residual" | "bits", number, number];

export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The skeleton message [E27]. It is taken to be a good one. */
export function readSkeleton(bytes: Uint8Array): SecondSkeleton {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const u8 = () => view.getUint8(at++);
  const u16 = () => view.getUint16((at += 2) - 2, true);
  const f32 = () => view.getFloat32((at += 4) - 4, true);
  const name = () => {
    const length = u8();
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at, (at += length)));
  };
  const upperHalf = () => {
    const half = new DataView(new ArrayBuffer(4));
    half.setUint16(2, u16(), true);
    return half.getFloat32(0, true);
  };
  const [steps, rests]: number[][][] = [[], []];
  const transform = () => {
    steps.push([upperHalf(), upperHalf(), upperHalf()]);
    rests.push(Array.from({ length: 10 }, f32));
  };
  if (u8() !== 1) throw new Refused("unsupported_version");
  const flags = u8();
  const weightScale = f32();
  const [boneCount, blendShapeCount] = [u16(), u16()];
  transform();
  const boneNames: string[] = [];
  const parents: (number | string)[] = [];
  for (let bone = 0; bone < boneCount; bone++) {
    boneNames.push(name());
    if (flags & 1) {
      const parent = u16();
      parents.push(parent === 0xffff ? name() : parent);
    }
    transform();
  }
  const blendShapeNames = Array.from({ length: blendShapeCount }, name);
  const parentOf = (parent: number | string) =>
    typeof parent === "string" ? parent : (boneNames[parent - 1] ?? null);
  return {
    boneNames,
    boneParents: flags & 1 ? parents.map(parentOf) : undefined,
    blendShapeNames,
    hasRestPose: (flags & 2) !== 0,
    weightScale,
    steps,
    rests,
  };
}

/** The frequencies of a table [E19]. */
export function frequenciesOf(numbers: StreamNumbers, table: number): number[] {
  const count = table < numbers.flagTables["Still"] ? 52 : 2;
  const weights = Array.from({ length: count }, (_, symbol) => {
    const level = numbers.levels.indexOf(numbers.tables[table][symbol] ?? "0");
    return level === 0 ? 0 : (4 + (level % 4)) * 2 ** Math.floor(level / 4);
  });
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const frequencies = weights.map((weight) => 1 + Math.floor((weight * (32768 - count)) / sum));
  const missing = 32768 - frequencies.reduce((all, each) => all + each, 0);
  frequencies[weights.indexOf(Math.max(...weights))] += missing;
  return frequencies;
}

/** The interval of [E20]: low of any size, in units that become 2^-8 as large with each byte. */
class Interval {
  low = 0n;
  range = 2 ** 30;
  shifts = 0;

  narrow(unit: number, start: number, size: number): void {
    this.low += BigInt(unit * start);
    this.range = unit * size;
    while (this.range < 2 ** 22) {
      this.low *= 256n;
      this.range *= 256;
      this.shifts++;
    }
  }

  /** The bytes of [E22]. */
  bytes(): string {
    const multiple = (of: bigint) => ((this.low + of - 1n) / of) * of;
    const whole = multiple(2n ** 30n);
    const end = whole < this.low + BigInt(this.range) ? whole : multiple(2n ** 22n);
    // The first byte is bits 22 to 29 of the low that it left: two more bits make whole bytes.
    const hex = (end * 4n).toString(16).padStart(8 + 2 * this.shifts, "0");
    return hex.replace(/(?:00)+$/, "");
  }
}

/** Reads what is coded [E18] to [E23], and notes it. */
class Symbols {
  readonly steps: CodedStep[] = [];
  readonly #frequencies: (table: number) => number[];
  readonly #payload: Uint8Array;
  readonly #interval = new Interval();

  constructor(payload: Uint8Array, frequencies: (table: number) => number[]) {
    this.#payload = payload;
    this.#frequencies = frequencies;
  }

  symbol(table: number): number {
    const symbol = this.#symbol(table);
    this.steps.push(["symbol", table, symbol]);
    return symbol;
  }

  residual(table: number): number {
    const step: CodedStep = ["residual", table, 0];
    this.steps.push(step);
    let z = this.#symbol(table);
    if (z >= 16) {
      const k = 4 + ((z - 16) >> 1);
      const bit = (z - 16) & 1;
      z = 2 ** k + bit * 2 ** (k - 1) + this.#bits(k - 1);
    }
    return (step[2] = z % 2 === 0 ? z / 2 : -(z + 1) / 2);
  }

  /** [E23a] */
  finish(): void {
    const hex = Array.from(this.#payload, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== this.#interval.bytes()) throw new Refused("not_canonical");
  }

  #symbol(table: number): number {
    const { range } = this.#interval;
    const unit = Math.floor(range / 2 ** 15);
    const target = Math.floor(this.#above / unit);
    let start = 0;
    const frequencies = this.#frequencies(table);
    for (const [symbol, frequency] of frequencies.entries()) {
      if (target < start + frequency) {
        this.#interval.narrow(unit, start, frequency);
        return symbol;
      }
      start += frequency;
    }
    throw new Refused("not_canonical");
  }

  #bits(count: number): number {
    if (count > 12) return this.#bits(count - 12) * 2 ** 12 + this.#bits(12);
    const unit = Math.floor(this.#interval.range / 2 ** count);
    const value = Math.floor(this.#above / unit);
    if (value >= 2 ** count) throw new Refused("not_canonical");
    this.#interval.narrow(unit, value, 1);
    return value;
  }

  /** The number minus low. */
  get #above(): number {
    const { low, shifts } = this.#interval;
    let number = 0n;
    for (let at = 0; at < 4 + shifts; at++) number = number * 256n + BigInt(this.#payload[at] ?? 0);
    return Number(number / 4n - low);
  }
}

interface Known {
  readonly number: number;
  readonly state: SecondState;
  /** The layer-0 frame before, if it is known. */
  readonly before?: SecondState | undefined;
}

/** Reads the frames of one stream. */
export class SecondReader {
  readonly #numbers: StreamNumbers;
  readonly #skeleton: SecondSkeleton;
  readonly #frequencies = new Map<number, number[]>();
  #layer0: Known | undefined;
  #layer1: Known | undefined;

  constructor(numbers: StreamNumbers, skeleton: SecondSkeleton) {
    this.#numbers = numbers;
    this.#skeleton = skeleton;
  }

  /** A frame's state and what is coded of it; null for an unknown reference. @throws {Refused} */
  read(
    header: { readonly isKey: boolean; readonly number: number },
    payload: Uint8Array,
  ): { readonly state: SecondState; readonly steps: CodedStep[] } | null {
    const { isKey, number } = header;
    const layer = [0, 2, 1, 2][number % 4];
    // [E4b]
    if (isKey && layer !== 0) throw new Refused("bad_header");
    const coded = new Symbols(payload, (table) => {
      const known = this.#frequencies.get(table) ?? frequenciesOf(this.#numbers, table);
      this.#frequencies.set(table, known);
      return known;
    });
    if (isKey) {
      // [E24], [E25]
      const hasBefore = coded.symbol(this.#numbers.flagTables["HasBefore"]) === 1;
      const rest = this.#rest();
      const state = this.#state(coded, 5, rest, rest);
      const before = hasBefore ? this.#delta(coded, 4, state, state) : undefined;
      coded.finish();
      this.#layer0 = { number, state, before };
      this.#layer1 = undefined;
      return { state, steps: coded.steps };
    }
    const references = this.#references(number);
    if (references === null) {
      // [E4a]
      if (layer === 0) this.#layer0 = this.#layer1 = undefined;
      return null;
    }
    const state = this.#delta(coded, references.mode, references.r, references.p);
    coded.finish();
    if (layer === 0) {
      this.#layer0 = { number, state, before: this.#layer0!.state };
      this.#layer1 = undefined;
    } else if (layer === 1) this.#layer1 = { number, state };
    return { state, steps: coded.steps };
  }

  /** The pose of a state: root, bones and weights [E8], [E10], [E11]. */
  pose(state: SecondState): number[] {
    const { steps, rests, weightScale } = this.#skeleton;
    const out: number[] = [];
    for (const [transform, [turnStep, positionStep, scaleStep]] of steps.entries()) {
      const rest = rests[transform];
      const offset = (value: number, from: number, step: number) =>
        value === 0 ? from : from + value * step;
      out.push(
        ...state.positions[transform].map((value, at) => offset(value, rest[at], positionStep)),
      );
      const [a, b, c] = state.rotations[transform].map((value) => value * turnStep);
      const n = a * a + b * b + c * c;
      const length = Math.sqrt(1 - n / 4);
      out.push(
        ...product(normalised(rest.slice(3, 7)), [a * length, b * length, c * length, 1 - n / 2]),
      );
      out.push(
        ...state.scales[transform].map((value, at) => offset(value, rest[7 + at], scaleStep)),
      );
    }
    return [...out, ...state.weights.map((value) => (value * weightScale) / 255)];
  }

  /** [E3]: the mode, the frame that a delta refers to, and the frame before that one. */
  #references(number: number): { mode: number; r: SecondState; p: SecondState } | null {
    const layer0 = this.#layer0;
    const phase = number % 4;
    const back = (by: number) => (number - by + 256) % 256;
    if (phase === 3) {
      if (this.#layer1?.number !== back(1) || layer0?.number !== back(3)) return null;
      return { mode: 3, r: this.#layer1.state, p: layer0.state };
    }
    if (layer0?.number !== back(phase === 0 ? 4 : phase)) return null;
    const { state, before } = layer0;
    return before === undefined
      ? { mode: 4, r: state, p: state }
      : { mode: phase, r: state, p: before };
  }

  #rest(): SecondState {
    const zeros = () => this.#skeleton.steps.map(() => [0, 0, 0]);
    const weights = this.#skeleton.blendShapeNames.map(() => 0);
    return { rotations: zeros(), positions: zeros(), scales: zeros(), weights };
  }

  /** [E12] */
  #delta(coded: Symbols, mode: number, r: SecondState, p: SecondState): SecondState {
    return coded.symbol(this.#numbers.flagTables["Still"]) === 1
      ? structuredClone(r)
      : this.#state(coded, mode, r, p);
  }

  /** [E26] */
  #state(coded: Symbols, mode: number, r: SecondState, p: SecondState): SecondState {
    const state = this.#rest();
    const transforms = state.rotations.map((_, transform) => transform);
    for (const group of [transforms.slice(0, 1), transforms.slice(1)]) {
      this.#rotations(coded, mode, group, r.rotations, p.rotations, state.rotations);
      for (const list of ["positions", "scales"] as const) {
        for (let first = 0; first < group.length; first += 16) {
          const sixteen = group.slice(first, first + 16);
          this.#offsets(coded, mode, sixteen, r[list], p[list], state[list]);
        }
      }
    }
    this.#weights(coded, mode, r.weights, p.weights, state.weights);
    return state;
  }

  /** [E13] */
  #table(set: string, energy: number): number {
    const reached = this.#numbers.energyThresholds.filter((threshold) => threshold <= energy);
    return this.#numbers.tableSets[set] * 36 + reached.length;
  }

  #predicted(kind: Kind, mode: number, r: number, m: number): number {
    return r + ((this.#numbers.prediction[kind][mode] * m + 32) >> 6);
  }

  /** [E14] */
  #rotations(
    coded: Symbols,
    mode: number,
    transforms: number[],
    r: number[][],
    p: number[][],
    out: number[][],
  ): void {
    const set = mode === 5 ? "RotationKey" : mode === 4 ? "RotationBlind" : "Rotation";
    const w = this.#numbers.energyWeights.rotation[mode];
    let n = 0;
    for (const transform of transforms) {
      const m = r[transform].map((value, axis) => value - p[transform][axis]);
      const [ma, mb, mc] = m.map(Math.abs);
      const code = (axis: number, energy: number) => {
        const residual = coded.residual(this.#table(set, energy));
        out[transform][axis] =
          this.#predicted("rotation", mode, r[transform][axis], m[axis]) + residual;
        return Math.abs(residual);
      };
      const a = code(0, w[0] * ma + w[1] * (mb + mc) + w[2] * n);
      const b = code(1, w[3] * mb + w[4] * (ma + mc) + w[5] * a + w[6] * n);
      const c = code(2, w[7] * mc + w[8] * (ma + mb) + w[9] * b + w[10] * a + w[11] * n);
      n = a + b + c;
      // [E17]
      const [turnStep] = this.#skeleton.steps[transform];
      const square = out[transform].reduce((sum, value) => sum + value * value, 0);
      if (square > 3 / (turnStep * turnStep)) throw new Refused("out_of_range");
    }
  }

  /** [E15] */
  #offsets(
    coded: Symbols,
    mode: number,
    group: number[],
    r: number[][],
    p: number[][],
    out: number[][],
  ): void {
    const { flagTables } = this.#numbers;
    const key = mode === 5 ? "Key" : "";
    const equal = (transform: number) =>
      r[transform].every((value, at) => value === p[transform][at]);
    const rests = (transform: number) =>
      equal(transform) && r[transform].every((value) => value === 0);
    const leaving = group.some(rests) && coded.symbol(flagTables[`GroupLeaves${key}`]) === 1;
    for (const transform of group) {
      let set = "Offset";
      if (equal(transform)) {
        set = mode === 5 ? "OffsetKey" : "OffsetStart";
        const changes = rests(transform)
          ? leaving && (group.length === 1 || coded.symbol(flagTables[`Leaves${key}`]) === 1)
          : coded.symbol(flagTables["Moves"]) === 1;
        if (!changes) {
          out[transform] = [...r[transform]];
          continue;
        }
      }
      const w = this.#numbers.energyWeights.offset[mode];
      const m = r[transform].map((value, axis) => value - p[transform][axis]);
      const all = m.reduce((sum, each) => sum + Math.abs(each), 0);
      let sizes = 0;
      for (let axis = 0; axis < 3; axis++) {
        const own = Math.abs(m[axis]);
        const energy = w[0] * own + w[1] * (all - own) + w[2] * sizes;
        const residual = coded.residual(this.#table(set, energy));
        const value = this.#predicted("offset", mode, r[transform][axis], m[axis]) + residual;
        if (Math.abs(value) > 2 ** 19) throw new Refused("out_of_range");
        out[transform][axis] = value;
        sizes += Math.abs(residual);
      }
    }
  }

  /** [E16] */
  #weights(coded: Symbols, mode: number, r: number[], p: number[], out: number[]): void {
    const w = this.#numbers.energyWeights.weight[mode];
    let [last, beforeLast] = [0, 0];
    for (const [at, from] of r.entries()) {
      const end = from === 0 || from === 255 ? "AtEnd" : "Inside";
      const set = mode === 5 ? "WeightKey" : mode === 4 ? `WeightBlind${end}` : `Weight${end}`;
      const m = from - p[at];
      const energy = w[0] * Math.abs(m) + w[1] * last + w[2] * beforeLast;
      const residual = coded.residual(this.#table(set, energy));
      out[at] = this.#predicted("weight", mode, from, m) + residual;
      if (Math.abs(out[at]) > 1023) throw new Refused("out_of_range");
      [beforeLast, last] = [last, Math.abs(residual)];
    }
  }
}

/** [E6] */
function normalised(q: number[]): number[] {
  const [x, y, z, w] = q;
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  return length === 0 ? [0, 0, 0, 1] : q.map((value) => value / length);
}

function product([ax, ay, az, aw]: number[], [bx, by, bz, bw]: number[]): number[] {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

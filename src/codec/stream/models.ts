// The static frequencies of all symbols, and the energy that picks a table. Rules E12 to E19.
// tables.ts holds the numbers, scripts/train-stream-tables.ts makes them.
import { BIN_COUNT } from "./residual-bins.ts";
import { KNOT_TABLES } from "./tables.ts";

/** Frequencies of a table sum to 2^15. */
export const FREQUENCY_BITS = 15;
/** Symbols of the largest table. */
export const SYMBOLS_MAX = BIN_COUNT;

/** A decoder looks up the top 7 bits of a frequency to begin its search. */
export const LOOKUP_SHIFT = 8;
export const LOOKUP_SIZE = 1 << (FREQUENCY_BITS - LOOKUP_SHIFT);

/**
 * Energy says how large a residual is likely to be, in 64ths of a step. An octave has three classes; class 0
 * is energy 0. The numbers are the lowest energy of each class from 1:
 * 64 x 2^((class - 8.5) / 3), rounded, from 2048 on to a multiple of 64.
 */
export const ENERGY_THRESHOLDS: readonly number[] = [
  11, 14, 18, 23, 29, 36, 45, 57, 72, 91, 114, 144, 181, 228, 287, 362, 456, 575, 724, 912, 1149,
  1448, 1825, 2304, 2880, 3648, 4608, 5824, 7296, 9216, 11584, 14592, 18368, 23168, 29184,
];
export const CLASS_COUNT = ENERGY_THRESHOLDS.length + 1;

/** Each set has one table for each class. */
export const TableSet = {
  Rotation: 0,
  /** For a frame without known motion: the frame before its reference is missing. */
  RotationBlind: 1,
  RotationKey: 2,
  /** For a weight whose reference is neither 0 nor whole. */
  WeightInside: 3,
  /** For a weight whose reference is 0 or whole. */
  WeightAtEnd: 4,
  WeightBlindInside: 5,
  WeightBlindAtEnd: 6,
  WeightKey: 7,
  /** For a position or scale that was moving. */
  Offset: 8,
  /** For a position or scale that starts to move. */
  OffsetStart: 9,
  OffsetKey: 10,
} as const;
export type TableSet = (typeof TableSet)[keyof typeof TableSet];
const SET_COUNT = Object.keys(TableSet).length;

/** Tables of yes (1) and no (0). */
const FLAGS = SET_COUNT * CLASS_COUNT;
export const FlagTable = {
  /** The frame is the same as its reference. */
  Still: FLAGS,
  /** A keyframe carries the layer-0 frame before it. */
  HasBefore: FLAGS + 1,
  /** Any of a group at rest leaves it. */
  GroupLeaves: FLAGS + 2,
  GroupLeavesKey: FLAGS + 3,
  /** One of that group leaves its rest. */
  Leaves: FLAGS + 4,
  LeavesKey: FLAGS + 5,
  /** One that is away from its rest moves. */
  Moves: FLAGS + 6,
} as const;
export const TABLE_COUNT = FLAGS + 7;

/** Symbols of a table. */
export function symbolCountOf(table: number): number {
  return table < FLAGS ? BIN_COUNT : 2;
}

// Energies below 2048 look up their class directly, larger ones in steps of 64.
const DIRECT = 2048;
const smallClasses = classesOf(DIRECT, 1);
const largeClasses = classesOf(512, 64);

/** The class of an energy: how many thresholds it has reached. */
export function classOf(energy: number): number {
  if (energy < DIRECT) return smallClasses[energy];
  return energy < 64 * 512 ? largeClasses[energy >>> 6] : CLASS_COUNT - 1;
}

/** The classes of the energies 0, step, 2 step and so on: how many thresholds each has reached. */
function classesOf(length: number, step: number): Uint8Array {
  const classes = new Uint8Array(length);
  let reached = 0;
  for (let index = 0; index < length; index++) {
    while (ENERGY_THRESHOLDS[reached] <= index * step) reached++;
    classes[index] = reached;
  }
  return classes;
}

/** Levels of a frequency, one character each: a weight of (4 + n mod 4) x 2^(n div 4), the first 0. */
export const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** The weight of level `level`. */
export function weightOfLevel(level: number): number {
  return level === 0 ? 0 : (4 + (level & 3)) << (level >> 2);
}

/** All tables, ready to code with. */
export interface Models {
  /** SYMBOLS_MAX + 1 numbers a table: the sum of the frequencies before each symbol. */
  readonly cumulative: Uint16Array;
  /** LOOKUP_SIZE numbers a table: the symbol at which a search begins. */
  readonly lookup: Uint8Array;
}

/** Builds models from one text per table: a character per symbol; those left out at the end are 0. */
export function buildModels(tables: readonly string[]): Models {
  const cumulative = new Uint16Array(TABLE_COUNT * (SYMBOLS_MAX + 1));
  const lookup = new Uint8Array(TABLE_COUNT * LOOKUP_SIZE);
  for (let table = 0; table < TABLE_COUNT; table++) {
    const first = table * (SYMBOLS_MAX + 1);
    const frequencies = frequenciesOf(tables[table], symbolCountOf(table));
    for (let symbol = 0; symbol < SYMBOLS_MAX; symbol++) {
      cumulative[first + symbol + 1] = cumulative[first + symbol] + (frequencies[symbol] ?? 0);
    }
    let symbol = 0;
    for (let entry = 0; entry < LOOKUP_SIZE; entry++) {
      while (cumulative[first + symbol + 1] <= entry << LOOKUP_SHIFT) symbol++;
      lookup[table * LOOKUP_SIZE + entry] = symbol;
    }
  }
  return { cumulative, lookup };
}

/** Each symbol gets 1 and its share of the rest by weight. The heaviest gets what rounding leaves over. */
function frequenciesOf(text: string, count: number): number[] {
  const weights = Array.from({ length: count }, (_, symbol) => {
    return weightOfLevel(Math.max(0, LEVELS.indexOf(text[symbol] ?? "0")));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shared = (1 << FREQUENCY_BITS) - count;
  const frequencies = weights.map((weight) => 1 + Math.floor((weight * shared) / sum));
  const used = frequencies.reduce((total, frequency) => total + frequency, 0);
  frequencies[weights.indexOf(Math.max(...weights))] += (1 << FREQUENCY_BITS) - used;
  return frequencies;
}

/**
 * Classes with their own table in tables.ts. Tables between are mixed from the two beside them, which makes a
 * client's bundle 7 KB smaller and a frame 0.4 % larger.
 */
export const KNOT_CLASSES: readonly number[] = [0, 1, 9, 17, 25, 35];

/** All tables, from those of the knots. Levels between two knots are interpolated by class. */
export function expandTables(knots: readonly string[]): string[] {
  const tables: string[] = [];
  for (let set = 0; set < SET_COUNT; set++) {
    const first = set * KNOT_CLASSES.length;
    for (let next = 1; next < KNOT_CLASSES.length; next++) {
      const [from, to] = [KNOT_CLASSES[next - 1], KNOT_CLASSES[next]];
      for (let index = from; index < to; index++) {
        tables.push(
          mixTables(knots[first + next - 1], knots[first + next], index - from, to - from),
        );
      }
    }
    tables.push(knots[first + KNOT_CLASSES.length - 1]);
  }
  return [...tables, ...knots.slice(SET_COUNT * KNOT_CLASSES.length)];
}

function mixTables(low: string, high: string, part: number, whole: number): string {
  let text = "";
  for (let symbol = 0; symbol < Math.max(low.length, high.length); symbol++) {
    const [a, b] = [LEVELS.indexOf(low[symbol] ?? "0"), LEVELS.indexOf(high[symbol] ?? "0")];
    text += LEVELS[Math.floor((a * (whole - part) + b * part) / whole + 0.5)];
  }
  return text.replace(/0+$/, "");
}

let models: Models | undefined;

/** The models of version 1, built when the first stream needs them. */
export function streamModels(): Models {
  return (models ??= buildModels(expandTables(KNOT_TABLES)));
}

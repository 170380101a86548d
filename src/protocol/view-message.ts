// From where a receiver wants to see a crowd, and how much of it [S47].
import { DecodeError } from "../codec/index.ts";

/** Points of view that a receiver may name. */
export const VIEW_POINTS_MAX = 4;
/** Players whom a receiver may have near wherever they are. */
export const PINNED_MAX = 16;
/** 20 kB/s hold a few bodies at rest, 10 MB/s are more than all that is in sight. */
export const VIEW_BYTES_PER_SECOND = { min: 20_000, max: 10_000_000 } as const;

const ID_LENGTH_MAX = 64;

/** A position in metres, in the coordinates of the room's frames, or the id of a player who is where the point is. */
export type ViewPoint = readonly [x: number, y: number, z: number] | string;

/** Replaces all that was said before. */
export interface ViewMessage {
  readonly type: "view";
  /** Absent or empty: its own player's place; of a spectator, the middle of everybody. */
  readonly points?: readonly ViewPoint[];
  /** Ids of players who are near wherever they are, the most important first. */
  readonly pinned?: readonly string[];
  /** All that the receiver may be sent. Default: 150,000; JSON and binary 2,000,000. */
  readonly bytesPerSecond?: number;
}

/** Checks a `view` message. @throws {DecodeError} naming the JSON path. */
export function checkView({ points, pinned, bytesPerSecond }: ViewMessage): void {
  checkList(points, "$.points", VIEW_POINTS_MAX, checkPoint);
  checkList(pinned, "$.pinned", PINNED_MAX, checkId);
  if (bytesPerSecond === undefined) return;
  const { min, max } = VIEW_BYTES_PER_SECOND;
  const expected = `expected a number from ${min} to ${max}`;
  if (typeof bytesPerSecond !== "number") throw wrongType("$.bytesPerSecond", expected);
  if (bytesPerSecond >= min && bytesPerSecond <= max) return;
  throw new DecodeError("out_of_range", { path: "$.bytesPerSecond" }, expected);
}

function checkList(
  values: unknown,
  path: string,
  countMax: number,
  check: (value: unknown, path: string) => void,
): void {
  if (values === undefined) return;
  if (!Array.isArray(values)) throw wrongType(path, "expected an array");
  if (values.length > countMax) {
    const detail = `expected at most ${countMax} values, found ${values.length}`;
    throw new DecodeError("too_large", { path }, detail);
  }
  for (const [index, value] of values.entries()) check(value, `${path}[${index}]`);
}

function checkPoint(value: unknown, path: string): void {
  if (!Array.isArray(value)) return checkId(value, path);
  // JSON's 1e999 is infinite.
  if (value.length === 3 && value.every((number) => Number.isFinite(number))) return;
  throw wrongType(path, "expected three finite numbers");
}

function checkId(value: unknown, path: string): void {
  if (typeof value === "string" && value.length > 0 && value.length <= ID_LENGTH_MAX) return;
  throw wrongType(path, `expected a player id of 1 to ${ID_LENGTH_MAX} characters`);
}

function wrongType(path: string, detail: string): DecodeError {
  return new DecodeError("wrong_type", { path }, detail);
}

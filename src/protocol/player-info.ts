// What a player says of itself apart from its frames: a name, a model, the handedness of its numbers,
// and whatever its application adds [H11].
import { DecodeError } from "../codec/index.ts";
import { parseJson } from "../codec/json.ts";
import type { BlendShapeRange } from "../codec/rig/weight-range.ts";
import { jsonByteLength } from "./control.ts";

/** 4 KiB is ample for a name and two URLs. Every newcomer of a room is sent everybody's info. */
export const PLAYER_INFO_BYTES_MAX = 4096;

/** `unity`: left-handed. `gltf`: right-handed, as in three.js and Godot too. */
export const COORDINATE_SYSTEMS = ["unity", "gltf"] as const;
export type CoordinateSystem = (typeof COORDINATE_SYSTEMS)[number];

/** Weights of blend shapes are 0..1, or 0..100 as in Unity. */
const BLEND_SHAPE_RANGES: readonly BlendShapeRange[] = [1, 100];

/** What a player says of itself: at most 4 KiB of JSON. */
export interface PlayerInfo {
  readonly displayName?: string;
  readonly avatarUrl?: string;
  /** The handedness of its frames. Default: `unity`. */
  readonly coordinateSystem?: CoordinateSystem;
  /** The largest weight of its blend shapes. Default: guessed from the weights. */
  readonly blendShapeRange?: BlendShapeRange;
  /** Whatever the application adds. */
  readonly [property: string]: unknown;
}

/** Reads a player's info. @throws {DecodeError} naming the byte or the JSON path. */
export function decodePlayerInfo(bytes: Uint8Array): PlayerInfo {
  return checkPlayerInfo(parseJson(bytes));
}

/** Checks a player's info, its size included. @throws {DecodeError} naming the JSON path. */
export function checkPlayerInfo(value: unknown): PlayerInfo {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DecodeError("wrong_type", { path: "$" }, "expected an object");
  }
  const info = value as Record<string, unknown>;
  for (const field of ["displayName", "avatarUrl"]) {
    if (info[field] === undefined || typeof info[field] === "string") continue;
    throw new DecodeError("wrong_type", { path: `$.${field}` }, "expected a string");
  }
  const system = info["coordinateSystem"];
  if (system !== undefined && !COORDINATE_SYSTEMS.some((known) => known === system)) {
    const expected = COORDINATE_SYSTEMS.map((known) => `"${known}"`).join(" or ");
    throw new DecodeError("wrong_type", { path: "$.coordinateSystem" }, `expected ${expected}`);
  }
  const range = info["blendShapeRange"];
  if (range !== undefined && !BLEND_SHAPE_RANGES.some((known) => known === range)) {
    throw new DecodeError("wrong_type", { path: "$.blendShapeRange" }, "expected 1 or 100");
  }
  if (jsonByteLength(info) > PLAYER_INFO_BYTES_MAX) {
    const detail = `expected at most ${PLAYER_INFO_BYTES_MAX} bytes of JSON`;
    throw new DecodeError("too_large", { path: "$" }, detail);
  }
  return info;
}

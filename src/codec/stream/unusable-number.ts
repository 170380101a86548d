// The error for a number of a pose that a stream cannot hold.
import { EncodeError } from "../errors.ts";

/** The error for a transform's number, with its path. Transform 0 is the root, bone b is b + 1. */
export function unusableNumber(
  transform: number,
  field: "Position" | "Rotation" | "Scale",
  value: number,
): EncodeError {
  if (transform > 0) return unusableAt(`$.bones[${transform - 1}].local${field}`, value);
  return unusableAt(`$.rootTransform.${field === "Scale" ? "local" : "world"}${field}`, value);
}

/** The error for the number at a path. */
export function unusableAt(path: string, value: number): EncodeError {
  if (!Number.isFinite(value)) return new EncodeError("not_finite", path, `found ${value}`);
  return new EncodeError("out_of_range", path, `${value} is too far from the rest`);
}

// Framing: finds a place from which a camera sees everybody, ignoring players at impossible places.
import { Vector3 } from "three";

interface Shown {
  readonly middle: Vector3;
  /** How much more room it takes than a grown body: 1 or more. */
  readonly size: number;
}

/** The place of a camera, and the point that it looks at. */
export interface View {
  readonly position: Vector3;
  readonly target: Vector3;
}

export const FOV_DEGREES = 34;
// A body with its arms out, around its middle.
const BODY_HALF_WIDTH_M = 0.85;
const BODY_HALF_HEIGHT_M = 1.17;
const NAME_ROOM_M = 0.03;
// A little from above and from the side, which shows depth.
export const VIEW_DIRECTION = new Vector3(0.3, 0.14, 1).normalize();
const VIEW_RIGHT = new Vector3(0, 1, 0).cross(VIEW_DIRECTION).normalize();
const VIEW_UP = VIEW_DIRECTION.clone().cross(VIEW_RIGHT);
// Up to here, 32-bit floats resolve a millimetre. Anything farther away, or NaN, is no place.
const PLACE_MAX_M = 10_000;
// A player that lost its tracking must not move the camera to where nobody can be seen.
const FRAME_REACH_M = 40;
// A body sent in centimetres takes 100 times the room. Of one in millimetres only the feet are shown.
const SIZE_MAX = 200;

/** Whether the camera can look at this point. */
export const isPlace = (point: Vector3) => point.lengthSq() < PLACE_MAX_M ** 2;

/**
 * Writes a view of all figures within 40 m of the figure nearest to the room's origin. Returns false and
 * leaves `out` unchanged if no figure is at a place that can be looked at.
 */
export function frameAll(
  figures: ReadonlyMap<string, Shown>,
  aspectRatio: number,
  out: View,
): boolean {
  const centre = nearestToOrigin(figures);
  if (centre === null) return false;
  const { position, target } = out;
  low.copy(centre);
  high.copy(centre);
  for (const { middle, size } of figures.values()) {
    if (!isNear(middle, size, centre)) continue;
    // A large one is framed whole, so its half is added to its middle.
    const more = (bounded(size) - 1) * BODY_HALF_HEIGHT_M;
    low.min(edge.copy(middle).setY(middle.y - more));
    high.max(edge.setY(middle.y + more));
  }
  target.copy(low).add(high).multiplyScalar(0.5);
  // Names are above heads; nothing is below feet.
  target.y += NAME_ROOM_M;
  const tangent = Math.tan((FOV_DEGREES / 360) * Math.PI);
  let distance = 0;
  for (const { middle, size } of figures.values()) {
    if (!isNear(middle, size, centre)) continue;
    offset.copy(middle).sub(target);
    const halfWidth = Math.abs(offset.dot(VIEW_RIGHT)) + BODY_HALF_WIDTH_M * bounded(size);
    const halfHeight = Math.abs(offset.dot(VIEW_UP)) + BODY_HALF_HEIGHT_M * bounded(size);
    const away = Math.max(halfWidth / aspectRatio, halfHeight) / tangent;
    distance = Math.max(distance, away + offset.dot(VIEW_DIRECTION));
  }
  position.copy(VIEW_DIRECTION).multiplyScalar(distance).add(target);
  return true;
}

/** NaN counts as 1. */
const bounded = (size: number) => (size > 1 ? Math.min(size, SIZE_MAX) : 1);

const isNear = (middle: Vector3, size: number, centre: Vector3) =>
  middle.distanceTo(centre) < FRAME_REACH_M + (bounded(size) - 1) * BODY_HALF_HEIGHT_M;

function nearestToOrigin(figures: ReadonlyMap<string, Shown>): Vector3 | null {
  let nearest: Vector3 | null = null;
  for (const { middle } of figures.values()) {
    if (!isPlace(middle)) continue;
    if (nearest === null || middle.lengthSq() < nearest.lengthSq()) nearest = middle;
  }
  return nearest;
}

const low = new Vector3();
const high = new Vector3();
const edge = new Vector3();
const offset = new Vector3();

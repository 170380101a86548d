// Framing: from where a camera sees everybody, whatever somebody says of where they are.
import { Vector3 } from "three";

interface Shown {
  readonly middle: Vector3;
}

/** Where a camera is, and what it looks at. */
export interface View {
  readonly position: Vector3;
  readonly target: Vector3;
}

export const FOV_DEGREES = 34;
// Around everybody's middle: a body with its arms out.
const BODY_HALF_WIDTH_M = 0.85;
const BODY_HALF_HEIGHT_M = 1.17;
const NAME_ROOM_M = 0.03;
// Seen from a little above and aside, depth shows.
export const VIEW_DIRECTION = new Vector3(0.3, 0.14, 1).normalize();
const VIEW_RIGHT = new Vector3(0, 1, 0).cross(VIEW_DIRECTION).normalize();
const VIEW_UP = VIEW_DIRECTION.clone().cross(VIEW_RIGHT);
// Numbers of 32 bits still tell a millimetre there; what is farther away, or not a number, is nowhere.
const PLACE_MAX_M = 10_000;
// Who lost its tracking, or says that it is at 1e38, is no reason to go where nobody is to be made out.
const FRAME_REACH_M = 40;

/** Whether something there can be looked at. */
export const isPlace = (point: Vector3) => point.lengthSq() < PLACE_MAX_M ** 2;

/**
 * Writes from where all figures are in view that are less than 40 m from the one nearest the room's origin.
 * False, and `out` as it was, where nobody is anywhere.
 */
export function frameAll(
  out: View,
  figures: ReadonlyMap<string, Shown>,
  aspectRatio: number,
): boolean {
  const centre = nearestToOrigin(figures);
  if (centre === null) return false;
  const { position, target } = out;
  low.copy(centre);
  high.copy(centre);
  for (const { middle } of figures.values()) {
    if (!isNear(middle, centre)) continue;
    low.min(middle);
    high.max(middle);
  }
  target.copy(low).add(high).multiplyScalar(0.5);
  // Names stand above heads; nothing stands below feet.
  target.y += NAME_ROOM_M;
  const tangent = Math.tan((FOV_DEGREES / 360) * Math.PI);
  let distance = 0;
  for (const { middle } of figures.values()) {
    if (!isNear(middle, centre)) continue;
    offset.copy(middle).sub(target);
    const halfWidth = Math.abs(offset.dot(VIEW_RIGHT)) + BODY_HALF_WIDTH_M;
    const halfHeight = Math.abs(offset.dot(VIEW_UP)) + BODY_HALF_HEIGHT_M;
    const away = Math.max(halfWidth / aspectRatio, halfHeight) / tangent;
    distance = Math.max(distance, away + offset.dot(VIEW_DIRECTION));
  }
  position.copy(VIEW_DIRECTION).multiplyScalar(distance).add(target);
  return true;
}

const isNear = (middle: Vector3, centre: Vector3) =>
  middle.distanceToSquared(centre) < FRAME_REACH_M ** 2;

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
const offset = new Vector3();

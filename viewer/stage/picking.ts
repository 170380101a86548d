// Picking: finds the player that somebody double-clicks or double-taps.
import { Raycaster, Vector2, Vector3 } from "three";
import type { Camera } from "three";

const DOUBLE_CLICK_MS = 500;
// How far apart two taps of a fingertip, or of a headset's pointer, may be.
const DOUBLE_CLICK_PX = 24;
// The width of a body with its arms a little away from it.
const RADIUS_M = 0.4;

interface Pickable {
  readonly middle: Vector3;
  /** A little above the head. */
  readonly labelPosition: Vector3;
}

/** Calls `listener` with the place of each double click or double tap: x and y are -1 (left, bottom) to 1. */
export function onDoubleClick(
  canvas: HTMLCanvasElement,
  listener: (x: number, y: number) => void,
): void {
  let last = { timeStamp: -Infinity, offsetX: 0, offsetY: 0 };
  // Not every browser sends `dblclick` for touches.
  canvas.addEventListener("click", ({ timeStamp, offsetX, offsetY }) => {
    const isDouble =
      timeStamp - last.timeStamp < DOUBLE_CLICK_MS &&
      Math.hypot(offsetX - last.offsetX, offsetY - last.offsetY) < DOUBLE_CLICK_PX;
    last = { timeStamp: isDouble ? -Infinity : timeStamp, offsetX, offsetY };
    if (!isDouble) return;
    listener((2 * offsetX) / canvas.clientWidth - 1, 1 - (2 * offsetY) / canvas.clientHeight);
  });
}

/** The nearest player at a place of the view (x and y: -1 to 1); null: nobody. */
export function playerAt(
  { x, y }: { readonly x: number; readonly y: number },
  players: ReadonlyMap<string, Pickable>,
  camera: Camera,
): string | null {
  const raycaster = new Raycaster();
  raycaster.setFromCamera(new Vector2(x, y), camera);
  const { ray } = raycaster;
  const feet = new Vector3();
  let nearest: string | null = null;
  let best = Infinity;
  for (const [id, { middle, labelPosition }] of players) {
    feet.copy(middle).multiplyScalar(2).sub(labelPosition);
    const distance = middle.distanceTo(ray.origin);
    const isHit = ray.distanceSqToSegment(feet, labelPosition) < RADIUS_M ** 2;
    if (isHit && distance < best) [nearest, best] = [id, distance];
  }
  return nearest;
}

// Picking: who stands where somebody clicks or taps twice.
import { Raycaster, Vector2, Vector3 } from "three";
import type { Camera } from "three";

const DOUBLE_CLICK_MS = 500;
// As far as a fingertip, or a ray from a hand, misses itself.
const DOUBLE_CLICK_PX = 24;
// As wide as a body with its arms a little away from it.
const RADIUS_M = 0.4;

interface Pickable {
  readonly middle: Vector3;
  /** A little above the head. */
  readonly labelPosition: Vector3;
}

/** Tells where a canvas was clicked or tapped twice, -1..1 from left and bottom. */
export function onDoubleClick(
  canvas: HTMLCanvasElement,
  listener: (x: number, y: number) => void,
): void {
  let last = { timeStamp: -Infinity, offsetX: 0, offsetY: 0 };
  // Not every browser has a dblclick for fingers.
  canvas.addEventListener("click", ({ timeStamp, offsetX, offsetY }) => {
    const isDouble =
      timeStamp - last.timeStamp < DOUBLE_CLICK_MS &&
      Math.hypot(offsetX - last.offsetX, offsetY - last.offsetY) < DOUBLE_CLICK_PX;
    last = { timeStamp: isDouble ? -Infinity : timeStamp, offsetX, offsetY };
    if (!isDouble) return;
    listener((2 * offsetX) / canvas.clientWidth - 1, 1 - (2 * offsetY) / canvas.clientHeight);
  });
}

/** Who is seen at a place, -1..1: of several, the nearest; null: nobody. */
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

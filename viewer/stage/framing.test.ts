import { expect, test } from "bun:test";
import { PerspectiveCamera, Vector3 } from "three";
import { FOV_DEGREES, frameAll } from "./framing.ts";

const ASPECT_RATIO = 16 / 9;

function framed(...middles: readonly [number, number, number][]) {
  const figures = new Map(
    middles.map((at, index) => [String(index), { middle: new Vector3(...at), size: 1 }]),
  );
  const view = { position: new Vector3(), target: new Vector3() };
  return { ...view, isFramed: frameAll(figures, ASPECT_RATIO, view) };
}

test("everybody is in view, the nearest at the edges too", () => {
  const places = [
    [-6, 1, 0],
    [4.8, 1, 0],
    [-6, 1, -1.2],
    [4.8, 1, 3],
  ] as const;
  const { position, target } = framed(...places.map((at) => [...at] as [number, number, number]));
  const camera = new PerspectiveCamera(FOV_DEGREES, ASPECT_RATIO);
  camera.position.copy(position);
  camera.lookAt(target);
  camera.updateMatrixWorld();
  for (const [x, y, z] of places) {
    for (const point of [new Vector3(x, y + 1, z), new Vector3(x, y - 1, z)]) {
      const { x: across, y: up } = point.project(camera);
      expect(Math.abs(across)).toBeLessThan(1);
      expect(Math.abs(up)).toBeLessThan(1);
    }
  }
});

test("whoever is nowhere, or far from all others, is not looked for", () => {
  const alone = framed([0, 1, 0]);
  for (const elsewhere of [1e38, Infinity, Number.NaN, 20_000, 50]) {
    expect(framed([elsewhere, 1, 0], [0, 1, 0], [0, elsewhere, elsewhere])).toEqual(alone);
  }
  expect(framed([Number.NaN, 0, 0]).isFramed).toBe(false);
  expect(framed().isFramed).toBe(false);
});

test("a room far from its origin is looked at where it is", () => {
  expect(framed([500, 1, 0], [502, 1, 0]).target.x).toBe(501);
});

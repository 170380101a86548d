import { expect, test } from "bun:test";
import { PerspectiveCamera, Vector3 } from "three";
import { playerAt } from "./picking.ts";

const camera = new PerspectiveCamera(34, 1);
camera.position.set(0, 1, 6);
camera.updateMatrixWorld();

const standing = (x: number, z: number) => ({
  middle: new Vector3(x, 0.9, z),
  labelPosition: new Vector3(x, 1.9, z),
});

const at = (point: Vector3) => playerAt(point.project(camera), players, camera);

const players = new Map([
  ["behind", standing(0, -2)],
  ["nowhere", standing(Number.NaN, 0)],
  ["far", standing(1e38, 0)],
  ["before", standing(0, 0)],
  ["aside", standing(1.2, 0)],
]);

test("the nearest of those who are under the pointer, from head to feet", () => {
  for (const y of [0.05, 0.9, 1.7]) {
    expect(at(new Vector3(0, y, 0))).toBe("before");
    expect(at(new Vector3(1.2, y, 0))).toBe("aside");
  }
});

test("beside everybody is nobody", () => {
  expect(at(new Vector3(-1, 0.9, 0))).toBeNull();
});

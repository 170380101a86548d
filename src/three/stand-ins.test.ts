import { beforeEach, expect, test } from "bun:test";
import { Color, Matrix4, Vector3 } from "three";
import type { Place } from "../client/index.ts";
import { StandIns } from "./stand-ins.ts";

let standIns: StandIns;

beforeEach(() => {
  standIns = new StandIns();
});

const placeAt = (x: number, headingRadians = 0): Place => ({
  position: Float32Array.of(x, 0.5, -1),
  headingRadians,
});

function show(places: readonly Place[], color = new Color("red")): void {
  standIns.begin();
  for (const place of places) standIns.add(place, color);
  standIns.commit();
}

/** Where a point of the figure is in the scene. */
function seen(index: number, point: Vector3): number[] {
  const matrix = new Matrix4();
  standIns.object.getMatrixAt(index, matrix);
  return point.applyMatrix4(matrix).toArray();
}

function colorAt(index: number): Color {
  const color = new Color();
  standIns.object.getColorAt(index, color);
  return color;
}

test("a figure is at its place and turned as it says", () => {
  show([placeAt(3, Math.PI / 2)]);
  const [x, y, z] = seen(0, new Vector3(0, 1, 2));
  // What is in front of it, +z, is at +x after a quarter turn about y.
  expect(x).toBeCloseTo(5, 5);
  expect(y).toBeCloseTo(1.5, 5);
  expect(z).toBeCloseTo(-1, 5);
});

test("a thousand are one mesh, which keeps those before when it grows", () => {
  show(Array.from({ length: 1000 }, (_, index) => placeAt(index)));
  expect(standIns.object.count).toBe(1000);
  expect(standIns.object.children).toEqual([]);
  for (const index of [0, 63, 64, 999]) {
    expect(seen(index, new Vector3())[0]).toBeCloseTo(index, 3);
    expect(colorAt(index).getHexString()).toBe("ff0000");
  }
});

test("nobody is nothing to draw, and whoever is gone is not drawn", () => {
  expect(standIns.object.visible).toBe(false);
  show([placeAt(1), placeAt(2)]);
  expect(standIns.object.visible).toBe(true);
  show([placeAt(2)]);
  expect(standIns.object.count).toBe(1);
  show([]);
  expect(standIns.object.visible).toBe(false);
});

test("colors are uploaded only when they change", () => {
  show([placeAt(1)]);
  const { version } = standIns.object.instanceColor!;
  show([placeAt(2)]);
  expect(standIns.object.instanceColor!.version).toBe(version);
  show([placeAt(2)], new Color("blue"));
  expect(standIns.object.instanceColor!.version).toBeGreaterThan(version);
  expect(colorAt(0).getHexString()).toBe("0000ff");
});

test("a figure is as tall as a body, on the floor, and faces +z", () => {
  const { geometry } = standIns.object;
  geometry.computeBoundingBox();
  const { min, max } = geometry.boundingBox!;
  expect(min.y).toBeCloseTo(0, 1);
  expect(max.y).toBeGreaterThan(1.65);
  expect(max.y).toBeLessThan(1.8);
  const colors = geometry.getAttribute("color");
  const positions = geometry.getAttribute("position");
  for (let index = 0; index < colors.count; index++) {
    // The eyes.
    if (colors.getX(index) < 0.5) expect(positions.getZ(index)).toBeGreaterThan(0.1);
  }
  expect(geometry.getIndex()!.count / 3).toBeLessThan(600);
});

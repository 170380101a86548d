import { describe, expect, test } from "bun:test";
import { Random } from "../../../test/random.ts";
import { Grid } from "./grid.ts";

type Position = readonly [number, number, number];

/** Crowds of different shapes: everywhere, in groups, in a line, all in one place, one far away. */
const SHAPES: Readonly<Record<string, (random: Random) => Position>> = {
  even: (random) => [random.between(-50, 50), random.between(0, 2), random.between(-50, 50)],
  groups: (random) => {
    const group = random.below(5) * 200;
    return [group + random.between(-3, 3), 0, random.between(-3, 3)];
  },
  line: (random) => [random.between(-1000, 1000), 0, 0],
  onePlace: () => [7, 0, -7],
  tower: (random) => [random.between(-3, 3), random.between(0, 300), random.between(-3, 3)],
  far: (random) => [random.chance(0.05) ? 1e38 : random.between(-9, 9), 0, random.between(-9, 9)],
  wide: (random) => [random.between(-1e6, 1e6), 0, random.between(-1e6, 1e6)],
};

function distance(a: Position, points: readonly Position[]): number {
  return Math.min(
    ...points.map((b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2),
  );
}

describe("the nearest are those that a look at everybody finds", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    test(name, () => {
      const random = new Random(1);
      for (const players of [1, 2, 5, 60, 300, 1000]) {
        const grid = new Grid(1000);
        const positions = new Map<number, Position>();
        for (let index = 0; index < players; index++) {
          positions.set(index, shape(random));
          grid.set(index, ...positions.get(index)!);
        }
        grid.build();
        for (let search = 0; search < 20; search++) {
          const points = Array.from({ length: 1 + random.below(4) }, () =>
            random.chance(0.7) ? positions.get(random.below(players))! : shape(random),
          );
          const wanted = 1 + random.below(80);
          const count = grid.nearest(Float64Array.from(points.flat()), points.length, wanted);
          const found = [...grid.ranked.subarray(0, count)].map((index) =>
            Math.fround(distance(positions.get(index)!, points)),
          );
          const expected = [...positions.values()]
            .map((position) => Math.fround(distance(position, points)))
            .toSorted((a, b) => a - b)
            .slice(0, wanted);
          expect(found).toEqual(expected);
        }
      }
    });
  }
});

test("who moves is found where it is after the next build, who leaves is not found at once", () => {
  const grid = new Grid(10);
  const nearest = () => [...grid.ranked.subarray(0, grid.nearest(new Float64Array(3), 1, 10))];
  grid.set(3, 1, 0, 0);
  grid.set(8, 2, 0, 0);
  grid.build();
  expect(nearest()).toEqual([3, 8]);
  grid.set(3, 30, 0, 0);
  grid.build();
  expect(nearest()).toEqual([8, 3]);
  grid.remove(8);
  expect(nearest()).toEqual([3]);
  expect([grid.has(8), grid.has(3), grid.indexEnd]).toEqual([false, true, 4]);
  grid.remove(3);
  expect(grid.indexEnd).toBe(0);
  expect(nearest()).toEqual([]);
  grid.build();
  expect(nearest()).toEqual([]);
});

test("of two at one distance the lower index is first", () => {
  const grid = new Grid(10);
  for (const index of [7, 2, 5]) grid.set(index, index === 2 ? -1 : 1, 0, 0);
  grid.build();
  grid.nearest(new Float64Array(3), 1, 3);
  expect([...grid.ranked.subarray(0, 3)]).toEqual([2, 5, 7]);
});

test("a player far away does not move the middle", () => {
  const grid = new Grid(10);
  for (const [index, x] of [4, 5, 6, 1e38].entries()) grid.set(index, x, 1, -x);
  grid.build();
  expect([...grid.middle]).toEqual([6, 1, -5]);
});

test("a number of indices that is none, or more than keys have room for, is refused", () => {
  for (const count of [65_537, 0, NaN]) expect(() => new Grid(count)).toThrow(RangeError);
});

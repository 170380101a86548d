import { expect, test } from "bun:test";
import { Vector3 } from "three";
import { Closest } from "./closest.ts";

const at = (id: string, x: number) => ({ id, root: [x, 0, 0] });
const look = (x: number, timeMs: number, followed: string | null = null) => ({
  target: new Vector3(x, 0, 0),
  followed,
  timeMs,
});

test("the closest are chosen, and whoever is followed", () => {
  const crowd = [at("a", 1), at("b", 9), at("c", 2), at("d", NaN)];
  const closest = new Closest(2);
  expect([...closest.choose(crowd, 4, look(0, 0))]).toEqual(["a", "c"]);
  expect([...closest.choose(crowd, 4, look(0, 10, "b"))]).toEqual(["b", "a"]);
  expect(new Closest(4).choose(crowd, 4, look(0, 0)).size).toBe(4);
});

test("the choice lasts half a second, and changes for somebody who is clearly closer", () => {
  const closest = new Closest(1);
  closest.choose([at("a", 1), at("b", 2)], 2, look(0, 0));
  expect([...closest.choose([at("a", 3), at("b", 2)], 2, look(0, 400))]).toEqual(["a"]);
  expect([...closest.choose([at("a", 3), at("b", 2)], 2, look(0, 600))]).toEqual(["b"]);
  expect([...closest.choose([at("a", 1.9), at("b", 2)], 2, look(0, 1200))]).toEqual(["b"]);
});

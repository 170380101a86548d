import { expect, test } from "bun:test";
import { Vector3 } from "three";
import { Placement } from "./placement.ts";

const FRAME_MS = 16;

class Body {
  readonly ownMiddle: Vector3;
  readonly forward = [0, 0, 1];
  shownAt: { x: number; z: number } | null = null;

  constructor(x: number) {
    this.ownMiddle = new Vector3(x, 1, 0);
  }

  place(at: { x: number; z: number } | null): void {
    this.shownAt = at;
  }
}

/** Shows frame after frame until `untilMs`; what the placement decided, with its times. */
function run(placement: Placement, bodies: Map<string, Body>, fromMs: number, untilMs: number) {
  const decisions: { isApart: boolean; timeMs: number }[] = [];
  for (let timeMs = fromMs; timeMs < untilMs; timeMs += FRAME_MS) {
    const isApart = placement.update(bodies, timeMs);
    if (isApart !== null) decisions.push({ isApart, timeMs });
  }
  return decisions;
}

test("[20] bodies that come to be inside each other long after both were there are put apart", () => {
  const [ann, ben] = [new Body(0), new Body(5)];
  const bodies = new Map(Object.entries({ ann, ben }));
  const placement = new Placement();
  expect(run(placement, bodies, 0, 10_000)).toEqual([]);
  ben.ownMiddle.x = 0.1;
  const decisions = run(placement, bodies, 10_000, 20_000);
  expect(decisions.map(({ isApart }) => isApart)).toEqual([true]);
  expect(decisions[0].timeMs).toBeLessThan(11_500);
  expect(Math.abs(ann.shownAt!.x - ben.shownAt!.x)).toBeGreaterThan(1);
});

test("[20] people who pass each other stay where they are", () => {
  const [ann, ben] = [new Body(-2), new Body(0)];
  const bodies = new Map(Object.entries({ ann, ben }));
  const placement = new Placement();
  for (let timeMs = 0; timeMs < 5000; timeMs += FRAME_MS) {
    // 1.2 m/s: inside each other for 0.75 s.
    ann.ownMiddle.x = -2 + (1.2 * timeMs) / 1000;
    expect(placement.update(bodies, timeMs)).toBeNull();
    expect(ann.shownAt).toBeNull();
  }
});

test("[20] whoever is left alone is shown where it is, and the next pair is looked at again", () => {
  const [ann, ben] = [new Body(3), new Body(3)];
  const bodies = new Map(Object.entries({ ann, ben }));
  const placement = new Placement();
  run(placement, bodies, 0, 2000);
  bodies.delete("ben");
  placement.forget("ben");
  expect(run(placement, bodies, 2000, 2100)).toEqual([{ isApart: false, timeMs: 2000 }]);
  expect(ann.shownAt).toBeNull();
  bodies.set("ben", ben);
  expect(run(placement, bodies, 2100, 5000).map(({ isApart }) => isApart)).toEqual([true]);
});

test("what somebody chose stays", () => {
  const bodies = new Map(Object.entries({ ann: new Body(0), ben: new Body(0) }));
  const placement = new Placement();
  placement.choose(false);
  expect(run(placement, bodies, 0, 5000)).toEqual([]);
  placement.choose(true);
  bodies.delete("ben");
  expect(run(placement, bodies, 5000, 9000)).toEqual([]);
  expect(bodies.get("ann")!.shownAt).toEqual({ x: -0, z: -0, turn: -0 } as never);
});

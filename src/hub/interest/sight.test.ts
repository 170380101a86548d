import { describe, expect, test } from "bun:test";
import { Interest } from "./interest.ts";
import { EntryKind, Selection } from "./selection.ts";
import { SightClass } from "./sight-class.ts";
import type { Sight, SightOptions } from "./sight.ts";

const PLAYERS = 200;
const TICK_MS = 50;
const LAYERS = [0, 2, 1, 2];

/** Players along a line, a metre apart, each of whom sends a frame of `bytes` at every tick. */
class Line {
  readonly interest = new Interest({ indexCount: PLAYERS });
  readonly frames = this.interest.createFrames({ areIndependent: false });
  readonly selection = new Selection();
  readonly out: [kind: number, player: number][] = [];
  nowMs = 1000;
  bytes = 90;
  stateBytes = 180;
  #ticks = 0;

  constructor(players = PLAYERS) {
    for (let index = 0; index < players; index++) this.interest.grid.set(index, index, 0, 0);
  }

  join(options: Partial<SightOptions> = {}): Sight {
    return this.interest.createSight({ own: 0, nowMs: this.nowMs, ...options });
  }

  /** Ticks for a while; `out` has what the last tick selected. */
  run(sight: Sight, forMs = 2000): void {
    for (let endMs = this.nowMs + forMs; this.nowMs < endMs;) {
      this.nowMs += TICK_MS;
      this.#ticks++;
      this.interest.beginTick(this.nowMs);
      this.frames.begin(this.nowMs);
      for (let player = 0; player < this.interest.grid.indexEnd; player++) {
        if (!this.interest.grid.has(player)) continue;
        this.frames.add(player, LAYERS[(this.#ticks + player) & 3], this.bytes);
      }
      const costs = { stateBytes: () => this.stateBytes };
      sight.select(this.frames, costs, this.nowMs, this.selection);
      const { count, kinds, players } = this.selection;
      this.out.length = 0;
      for (let at = 0; at < count; at++) this.out.push([kinds[at], players[at]]);
      const states = this.out.filter(([kind]) => kind === EntryKind.State).length;
      const frames = this.out.filter(([kind]) => kind === EntryKind.Frame).length;
      sight.budget.charge(states * this.stateBytes + frames * this.bytes);
    }
  }
}

/** Players of a class, in order. */
function members(sight: Sight, sightClass: SightClass, players = PLAYERS): number[] {
  return Array.from({ length: players }, (_, player) => player).filter(
    (player) => sight.classOf(player) === sightClass,
  );
}

const range = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, at) => first + at);

describe("a receiver's sight", () => {
  test("the 20 nearest are near, the next 40 middle, the rest far as the budget holds", () => {
    const line = new Line();
    const sight = line.join();
    line.run(sight, 5000);
    expect(members(sight, SightClass.Near)).toEqual(range(1, 21));
    expect(members(sight, SightClass.Middle)).toEqual(range(21, 61));
    const far = members(sight, SightClass.Far);
    expect(far[0]).toBe(61);
    // 20 x 1,800 + 40 x 900 + n x 450 bytes a second in some 100 kB.
    expect(far.length).toBeWithin(40, 75);
    expect(sight.inSight).toBe(60 + far.length);
    expect(sight.isShort(line.nowMs, 2000)).toBe(false);
  });

  test("near has all frames, middle half of them, far a quarter", () => {
    const line = new Line();
    const sight = line.join();
    line.run(sight, 5000);
    const counts = new Map<number, number>();
    for (let tick = 0; tick < 40; tick++) {
      line.run(sight, 1);
      for (const [, player] of line.out) counts.set(player, (counts.get(player) ?? 0) + 1);
    }
    expect([1, 20, 21, 60, 61, 80].map((player) => counts.get(player))).toEqual([
      40, 40, 20, 20, 10, 10,
    ]);
  });

  test("entries are in ascending order of players", () => {
    const line = new Line();
    const sight = line.join({ own: 100 });
    for (let tick = 0; tick < 40; tick++) {
      line.run(sight, 1);
      const players = line.out.map(([, player]) => player);
      expect(players).toEqual(players.toSorted((a, b) => a - b));
    }
  });

  test("the own player is not in sight", () => {
    const line = new Line();
    const sight = line.join({ own: 50 });
    line.run(sight);
    expect(sight.classOf(50)).toBe(SightClass.Out);
    expect(sight.classOf(49)).toBe(SightClass.Near);
    expect(sight.classOf(51)).toBe(SightClass.Near);
  });

  test("a pinned player is near wherever it is", () => {
    const line = new Line();
    const sight = line.join();
    line.run(sight);
    expect(sight.classOf(199)).toBe(SightClass.Out);
    sight.view.pin([199]);
    sight.viewChanged();
    line.run(sight, 200);
    expect(sight.classOf(199)).toBe(SightClass.Near);
    sight.view.pin([]);
    line.run(sight);
    expect(sight.classOf(199)).toBe(SightClass.Out);
  });

  test("several points of view share the places that are near", () => {
    const line = new Line();
    const sight = line.join();
    sight.view.look([[100, 0, 0], 150]);
    line.run(sight);
    expect(members(sight, SightClass.Near)).toEqual([...range(95, 106), ...range(146, 155)]);
  });

  test("a spectator without a view looks from the middle of everybody", () => {
    const line = new Line();
    const sight = line.join({ own: null });
    line.run(sight);
    expect(members(sight, SightClass.Near)).toEqual(range(90, 110));
  });

  test("who moves a little about the border of near does not change its class", () => {
    const line = new Line();
    const sight = line.join();
    line.run(sight);
    const classes = new Set<number>();
    for (let second = 0; second < 10; second++) {
      line.interest.grid.set(21, second % 2 === 0 ? 19.5 : 21, 0, 0);
      line.run(sight, 1000);
      classes.add(sight.classOf(21));
    }
    expect(classes.size).toBe(1);
  });

  test("a player that comes near enters at once, and leaves once it is far", () => {
    const line = new Line();
    const sight = line.join();
    line.run(sight);
    line.interest.grid.set(199, 0.5, 0, 0);
    const outs: number[] = [];
    line.run(sight, 800);
    expect(sight.classOf(199)).toBe(SightClass.Near);
    line.interest.grid.set(199, 1e6, 0, 0);
    for (let tick = 0; tick < 60; tick++) {
      line.run(sight, 1);
      outs.push(...line.out.filter(([kind]) => kind === EntryKind.Out).map(([, player]) => player));
    }
    expect(outs.filter((player) => player === 199)).toEqual([199]);
    expect(sight.classOf(199)).toBe(SightClass.Out);
  });

  test("near shrinks first where the budget does not hold what rank asks for", () => {
    const line = new Line();
    const sight = line.join({ budget: { bytesPerSecond: 110_000, burstBytes: 300_000 } });
    line.run(sight, 6000);
    const near = members(sight, SightClass.Near).length;
    expect(near).toBeWithin(5, 20);
    expect(near + members(sight, SightClass.Middle).length).toBe(60);
    expect(sight.isShort(line.nowMs, 0)).toBe(true);
  });

  test("without a burst the nearest enter first, and the others as the budget holds them", () => {
    const line = new Line();
    line.stateBytes = 6000;
    const sight = line.join({ budget: { bytesPerSecond: 150_000, burstBytes: 0 } });
    line.run(sight, 1);
    const first = members(sight, SightClass.Near);
    expect(first).toEqual(range(1, first.length + 1));
    expect(first.length).toBeWithin(1, 5);
    line.run(sight, 10_000);
    expect(members(sight, SightClass.Near)).toEqual(range(1, 21));
  });

  test("full state gives everybody in sight again, as far as the budget holds it", () => {
    const line = new Line(40);
    const sight = line.join();
    line.run(sight);
    sight.reset();
    expect(sight.inSight).toBe(0);
    line.run(sight, 1);
    expect(line.out).toEqual(range(1, 40).map((player) => [EntryKind.State, player]));
  });

  test("a player that has left the room is not told of again, nor sent", () => {
    const line = new Line(40);
    const sight = line.join();
    line.run(sight);
    line.interest.grid.remove(5);
    sight.forget(5);
    for (let tick = 0; tick < 40; tick++) {
      line.run(sight, 1);
      expect(line.out.filter(([, player]) => player === 5)).toEqual([]);
    }
    expect(sight.inSight).toBe(38);
  });

  test("a receiver of one layer is sent a quarter of the frames of those who are near", () => {
    const line = new Line(20);
    const sight = line.join();
    sight.layersMax = 1;
    line.run(sight);
    let count = 0;
    for (let tick = 0; tick < 40; tick++) {
      line.run(sight, 1);
      count += line.out.length;
    }
    expect(count).toBe(19 * 10);
  });
});

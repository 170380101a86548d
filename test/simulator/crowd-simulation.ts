// The simulation of interest: players who walk between groups, come and go, stop and dance, and receivers that look
// here and there with budgets large and small. Every receiver checks what it is sent at every tick: see
// crowd-receiver.ts. Then everybody stops, and who is in sight must be seen as it is.
import { Interest } from "../../src/hub/interest/interest.ts";
import type { NewFrames } from "../../src/hub/interest/new-frames.ts";
import { Selection } from "../../src/hub/interest/selection.ts";
import type { ViewPoint } from "../../src/hub/interest/view.ts";
import { VIEW_POINTS_MAX } from "../../src/protocol/index.ts";
import { Random } from "../random.ts";
import type { CrowdFrame } from "./crowd-player.ts";
import { CrowdPlayer } from "./crowd-player.ts";
import { CrowdReceiver } from "./crowd-receiver.ts";

const PLAYERS_MAX = 320;
const TICK_MS = 50;
const SETTLE_MS = 100;
const PLACES_MS = 500;
const PLACE_BYTES = 7;
const CONVERGED_AFTER_MS = 6000;

/** Counts of what a run did, to check that it did something. */
export interface CrowdCounts {
  ticks: number;
  entered: number;
  left: number;
  frames: number;
  inSight: number;
  shortTicks: number;
}

export class CrowdSimulation {
  readonly counts: CrowdCounts = {
    ticks: 0,
    entered: 0,
    left: 0,
    frames: 0,
    inSight: 0,
    shortTicks: 0,
  };
  nowMs = 1000;
  readonly #random: Random;
  readonly #interest = new Interest({ indexCount: PLAYERS_MAX });
  readonly #frames: NewFrames;
  readonly #areIndependent: boolean;
  readonly #players: (CrowdPlayer | undefined)[] = [];
  readonly #receivers: CrowdReceiver[] = [];
  readonly #selection = new Selection();
  #settleMs = 0;
  #placesMs = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = random;
    // Now and then a crowd of JSON or binary.
    this.#areIndependent = random.chance(0.2);
    this.#frames = this.#interest.createFrames({ areIndependent: this.#areIndependent });
    const players = 20 + random.below(PLAYERS_MAX - 20);
    for (let index = 0; index < players; index++) this.#join(index);
    const receivers = 3 + random.below(5);
    for (let count = 0; count < receivers; count++) this.#connect();
  }

  /** Ticks, with something unexpected in every tenth. */
  run(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) {
      if (this.#random.chance(0.1)) this.#random.pick(OPERATIONS)(this);
      const isLate = this.#random.chance(0.02);
      this.#tick(TICK_MS + this.#random.between(-3, isLate ? 250 : 5));
    }
  }

  /** Everybody stops. @throws {Error} unless each receiver sees everybody in its sight as it is. */
  settle(): void {
    const rates = this.#players.map((player) => player?.hz ?? 0);
    for (const player of this.#players) if (player !== undefined) player.hz = 0;
    const endMs = this.nowMs + CONVERGED_AFTER_MS;
    while (this.nowMs < endMs) this.#tick(TICK_MS);
    for (const receiver of this.#receivers) {
      this.counts.inSight += receiver.checkConverged(this.#players);
    }
    for (const [index, player] of this.#players.entries()) {
      if (player !== undefined) player.hz = rates[index];
    }
  }

  #tick(elapsedMs: number): void {
    this.nowMs += elapsedMs;
    const { nowMs } = this;
    const frames = this.#frames;
    this.counts.ticks++;
    this.#interest.beginTick(nowMs);
    frames.begin(nowMs);
    const isSettling = nowMs - this.#settleMs >= SETTLE_MS;
    if (isSettling) this.#settleMs = nowMs;
    const framesByNumber: CrowdFrame[] = [];
    for (const player of this.#players) {
      if (player === undefined) continue;
      const { index } = player;
      player.advance(nowMs, elapsedMs);
      if (player.fresh.some(({ layer }) => layer === 0)) {
        this.#interest.grid.set(index, player.x, player.y, player.z);
      }
      for (const frame of player.fresh) {
        framesByNumber[frames.add(index, frame.layer, frame.bytes)] = frame;
      }
      if (player.isRestarted && player.fresh.length > 0) frames.restart(index);
      if (!isSettling) continue;
      for (const frame of player.settle()) {
        framesByNumber[frames.addAgain(index, frame.layer, frame.bytes)] = frame;
      }
    }
    for (const receiver of this.#receivers) {
      receiver.tick(this.#players, frames, framesByNumber, this.#selection, nowMs);
      this.counts.entered += this.#selection.entered;
      this.counts.left += this.#selection.left;
      this.counts.frames += this.#selection.count;
      if (receiver.sight.isShort(nowMs, 0)) this.counts.shortTicks++;
    }
    for (const player of this.#players) {
      if (player === undefined || player.fresh.length === 0) continue;
      player.fresh.length = 0;
      player.isRestarted = false;
    }
    this.#sendPlaces();
  }

  #sendPlaces(): void {
    if (this.nowMs - this.#placesMs < PLACES_MS) return;
    this.#placesMs = this.nowMs;
    const bytes = PLACE_BYTES * this.#players.length;
    for (const receiver of this.#receivers) {
      // A receiver with a small budget is sent no places.
      if (bytes < 0.05 * receiver.bytesPerSecond) receiver.sendOther(bytes, this.nowMs);
    }
  }

  #join(index: number): void {
    this.#players[index] = new CrowdPlayer(index, this.#random, this.nowMs);
    this.#players[index].hz = this.#random.pick([20, 20, 20, 20, 5, 2, 30]);
    this.#players[index].liveliness = this.#random.pick([1, 1, 1, 0.02]);
  }

  #connect(): void {
    const own = this.#random.chance(0.8) ? this.#random.below(this.#players.length) : null;
    const usual = this.#areIndependent ? [150_000] : [150_000, 150_000, 60_000, 20_000, 1_000_000];
    const bytesPerSecond = this.#random.pick(usual);
    const areIndependent = this.#areIndependent;
    const options = { own, nowMs: this.nowMs, bytesPerSecond, areIndependent };
    this.#receivers.push(new CrowdReceiver(this.#interest, options));
  }

  #anyPlayer(): CrowdPlayer | undefined {
    return this.#random.pick(this.#players);
  }

  playersChange(): void {
    const index = this.#random.below(this.#players.length);
    if (this.#receivers.some(({ own }) => own === index)) return;
    if (this.#players[index] === undefined) {
      this.#join(index);
      return;
    }
    this.#players[index] = undefined;
    this.#interest.grid.remove(index);
    this.#frames.forget(index);
    for (const receiver of this.#receivers) receiver.forget(index);
  }

  playersWalk(): void {
    const [x, z] = [this.#random.between(-40, 40), this.#random.between(-40, 40)];
    const share = this.#random.fraction();
    for (const player of this.#players) {
      if (this.#random.chance(share)) {
        player?.goTo(x + this.#random.between(-5, 5), z + this.#random.between(-5, 5));
      }
    }
  }

  playerJumps(): void {
    const far = this.#random.chance(0.1) ? 1e30 : 60;
    this.#anyPlayer()?.jumpTo(this.#random.between(-far, far), this.#random.between(-far, far));
  }

  everybodyMoves(): void {
    const liveliness = this.#random.pick([1, 0.02, 2]);
    for (const player of this.#players) if (player !== undefined) player.liveliness = liveliness;
  }

  playerChangesRate(): void {
    const player = this.#anyPlayer();
    if (player !== undefined) player.hz = this.#random.pick([0, 1, 5, 20, 30, 60]);
  }

  playerRestarts(): void {
    this.#anyPlayer()?.restart();
  }

  receiverLooks(): void {
    const { view } = this.#pickReceiver();
    view.look(Array.from({ length: this.#random.below(VIEW_POINTS_MAX + 1) }, () => this.#point()));
  }

  receiverPins(): void {
    const sight = this.#pickReceiver();
    const pins = Array.from({ length: this.#random.below(5) }, () =>
      this.#random.below(this.#players.length),
    );
    sight.view.pin(pins);
    sight.viewChanged();
  }

  receiverLags(): void {
    const layers = this.#random.pick([1, 2, 3, 3]);
    this.#random.pick(this.#receivers).setLayersMax(layers, this.nowMs);
  }

  receiverIsReset(): void {
    this.#random.pick(this.#receivers).reset();
  }

  #pickReceiver() {
    const { sight } = this.#random.pick(this.#receivers);
    sight.viewChanged();
    return sight;
  }

  #point(): ViewPoint {
    if (this.#random.chance(0.5)) return this.#random.below(this.#players.length);
    return [
      this.#random.between(-60, 60),
      this.#random.between(0, 2),
      this.#random.between(-60, 60),
    ];
  }
}

const OPERATIONS: readonly ((simulation: CrowdSimulation) => void)[] = [
  (simulation) => simulation.playersChange(),
  (simulation) => simulation.playersWalk(),
  (simulation) => simulation.playersWalk(),
  (simulation) => simulation.playerJumps(),
  (simulation) => simulation.everybodyMoves(),
  (simulation) => simulation.playerChangesRate(),
  (simulation) => simulation.playerRestarts(),
  (simulation) => simulation.receiverLooks(),
  (simulation) => simulation.receiverPins(),
  (simulation) => simulation.receiverLags(),
  (simulation) => simulation.receiverIsReset(),
];

/** Runs the simulation of this seed. @throws {Error} that names the seed and what went wrong. */
export function simulateCrowd(seed: number, ticks: number): CrowdCounts {
  const simulation = new CrowdSimulation(seed);
  const rounds = 3;
  try {
    for (let round = 0; round < rounds; round++) {
      simulation.run(ticks / rounds);
      simulation.settle();
    }
    return simulation.counts;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`seed ${seed}, ${simulation.nowMs} ms: ${message}`, { cause: error });
  }
}

// A receiver of the simulated crowd. It checks every selection by the rules of a crowd.
import type { Interest } from "../../src/hub/interest/interest.ts";
import type { NewFrames } from "../../src/hub/interest/new-frames.ts";
import { EntryKind } from "../../src/hub/interest/selection.ts";
import type { Selection } from "../../src/hub/interest/selection.ts";
import { SightClass } from "../../src/hub/interest/sight-class.ts";
import type { Sight } from "../../src/hub/interest/sight.ts";
import type { CrowdFrame, CrowdPlayer } from "./crowd-player.ts";

const CLASS_HELD_MS = 1000;
const STARVED_MS = 1000;
const NEAR_FOR_MS = 2000;
const WINDOW_MS = 1000;
const BATCH_HEADER_BYTES = 13;
const KEYFRAME_BYTES = 160;

/** What the receiver holds of one player. */
interface Held {
  isInSight: boolean;
  class: SightClass;
  changedMs: number;
  /** The frames of the newest group that were received: the first is of layer 0. */
  group: number[];
  newest: number;
  /** When the oldest frame was published that the receiver has not been sent anything after. */
  lackingMs: number | null;
}

interface Sent {
  readonly nowMs: number;
  readonly bytes: number;
  /** What the burst at join, or what was saved for a large skeleton, allowed in addition. */
  readonly allowance: number;
}

export class CrowdReceiver {
  readonly sight: Sight;
  readonly own: number | null;
  readonly bytesPerSecond: number;
  readonly #held = new Map<number, Held>();
  readonly #skeletons = new Set<number>();
  readonly #areIndependent: boolean;
  #layersChangedMs = -Infinity;
  #sent: Sent[] = [];

  constructor(
    interest: Interest,
    options: { own: number | null; nowMs: number; bytesPerSecond: number; areIndependent: boolean },
  ) {
    const { own, nowMs, bytesPerSecond, areIndependent } = options;
    const burstBytes = (10 / 3) * bytesPerSecond;
    const otherBytesPerSecond = Math.min(15_000, bytesPerSecond / 10);
    this.own = own;
    this.bytesPerSecond = bytesPerSecond;
    this.#areIndependent = areIndependent;
    this.sight = interest.createSight({
      own,
      nowMs,
      budget: { bytesPerSecond, burstBytes },
      otherBytesPerSecond,
    });
  }

  get inSight(): number {
    return [...this.#held.values()].filter(({ isInSight }) => isInSight).length;
  }

  stateBytes(player: CrowdPlayer | undefined): number {
    if (player?.newest === undefined) return -1;
    if (this.#areIndependent) return player.newest.bytes;
    const skeleton = this.#skeletons.has(player.skeletonBytes) ? 0 : player.skeletonBytes;
    return 12 + skeleton + KEYFRAME_BYTES + sum(player.group.slice(1));
  }

  setLayersMax(layers: number, nowMs: number): void {
    this.sight.layersMax = layers;
    this.#layersChangedMs = nowMs;
  }

  /** Full state is to come: nothing that was held counts. */
  reset(): void {
    this.sight.reset();
    this.#held.clear();
  }

  forget(player: number): void {
    this.sight.forget(player);
    this.#held.delete(player);
  }

  /** Everybody's place, or something else that no selection knows of. */
  sendOther(bytes: number, nowMs: number): void {
    this.#charge(bytes, nowMs);
  }

  /** One tick: selects, receives and checks. */
  tick(
    players: readonly (CrowdPlayer | undefined)[],
    frames: NewFrames,
    framesByNumber: readonly CrowdFrame[],
    selection: Selection,
    nowMs: number,
  ): void {
    this.#noteLacking(players);
    const costs = { stateBytes: (index: number) => this.stateBytes(players[index]) };
    this.sight.select(frames, costs, nowMs, selection);
    let bytes = selection.count > 0 ? BATCH_HEADER_BYTES : 0;
    let last = -1;
    const received = new Set<CrowdFrame>();
    for (let at = 0; at < selection.count; at++) {
      const index = selection.players[at];
      if (index < last) throw new Error(`entries of players ${last} and ${index}: not ascending`);
      last = index;
      const player = players[index];
      switch (selection.kinds[at]) {
        case EntryKind.Out:
          this.#leave(index);
          bytes += 2;
          break;
        case EntryKind.State:
          bytes += this.stateBytes(player);
          this.#takeState(player!);
          for (const frame of player!.fresh) received.add(frame);
          break;
        case EntryKind.Frame: {
          const frame = framesByNumber[selection.frames[at]];
          bytes += frame.bytes;
          received.add(frame);
          this.#takeFrame(index, frame);
          break;
        }
        default:
      }
    }
    this.#checkClasses(players, nowMs);
    this.#checkNear(players, received, nowMs);
    this.#checkStarved(nowMs);
    if (bytes > 0) this.#charge(bytes, nowMs);
  }

  /** Everybody in sight is as the player is. @returns how many are in sight. */
  checkConverged(players: readonly (CrowdPlayer | undefined)[]): number {
    let count = 0;
    for (const [index, held] of this.#held) {
      if (!held.isInSight) continue;
      count++;
      const newest = players[index]?.newest?.number;
      if (held.newest !== newest) {
        throw new Error(`player ${index}: frame ${held.newest} is seen, ${newest} is the newest`);
      }
    }
    return count;
  }

  #leave(index: number): void {
    const held = this.#held.get(index);
    if (held?.isInSight !== true) throw new Error(`player ${index} leaves and is not in sight`);
    held.isInSight = false;
    held.group = [];
    held.lackingMs = null;
  }

  #takeState(player: CrowdPlayer): void {
    const held = this.#heldOf(player.index);
    this.#skeletons.add(player.skeletonBytes);
    held.isInSight = true;
    held.group = player.group.map(({ number }) => number);
    held.newest = player.newest!.number;
    held.lackingMs = null;
  }

  #takeFrame(index: number, { number, isKey }: CrowdFrame): void {
    const held = this.#held.get(index);
    if (held?.isInSight !== true) throw new Error(`player ${index} is sent and is not in sight`);
    held.lackingMs = null;
    held.newest = Math.max(held.newest, number);
    if (this.#areIndependent) return;
    const phase = number & 3;
    // What [E3] says each frame refers to.
    const reference = phase === 0 ? number - 4 : phase === 3 ? number - 1 : number - phase;
    if (!isKey && !held.group.includes(reference)) {
      throw new Error(
        `player ${index}: frame ${number} refers to ${reference}, which was not sent`,
      );
    }
    if (phase === 0) held.group = [number];
    else held.group.push(number);
  }

  /** Whoever has a new frame is lacking since it was published, until anything of it is sent. */
  #noteLacking(players: readonly (CrowdPlayer | undefined)[]): void {
    for (const [index, held] of this.#held) {
      const fresh = players[index]?.fresh[0];
      if (held.isInSight && fresh !== undefined) held.lackingMs ??= fresh.publishedMs;
    }
  }

  #checkStarved(nowMs: number): void {
    for (const [index, { isInSight, lackingMs }] of this.#held) {
      if (isInSight && lackingMs !== null && nowMs - lackingMs > STARVED_MS) {
        throw new Error(`player ${index} has starved since ${lackingMs} ms`);
      }
    }
  }

  #checkClasses(players: readonly (CrowdPlayer | undefined)[], nowMs: number): void {
    for (const player of players) {
      if (player === undefined) continue;
      const { index } = player;
      const now = this.sight.classOf(index);
      if (now !== SightClass.Out && index === this.own)
        throw new Error("the own player is in sight");
      const held = this.#held.get(index);
      if (now === (held?.class ?? SightClass.Out)) continue;
      const { changedMs } = held ?? { changedMs: -Infinity };
      if (nowMs - changedMs < CLASS_HELD_MS) {
        throw new Error(
          `player ${index}: class ${now} ${nowMs - changedMs} ms after another change`,
        );
      }
      const changed = this.#heldOf(index);
      changed.class = now;
      changed.changedMs = nowMs;
      if ((now !== SightClass.Out) !== changed.isInSight) {
        throw new Error(`player ${index}: class ${now}, in sight: ${changed.isInSight}`);
      }
    }
  }

  /** Who has been near for a while is sent whole, unless the budget has shrunk near. */
  #checkNear(
    players: readonly (CrowdPlayer | undefined)[],
    received: ReadonlySet<CrowdFrame>,
    nowMs: number,
  ): void {
    if (this.sight.isShort(nowMs, NEAR_FOR_MS) || this.sight.layersMax < SightClass.Near) return;
    for (const [index, { class: sightClass, changedMs }] of this.#held) {
      const sinceMs = Math.max(changedMs, this.#layersChangedMs);
      if (sightClass !== SightClass.Near || nowMs - sinceMs < NEAR_FOR_MS) continue;
      // More layers come from the next frame of layer 0 on, which a slow player publishes seconds later.
      const missing = players[index]?.fresh.find(
        (frame) => !received.has(frame) && frame.groupMs > sinceMs,
      );
      if (missing === undefined) continue;
      throw new Error(`player ${index} is near, and frame ${missing.number} was not sent`);
    }
  }

  #heldOf(index: number): Held {
    let held = this.#held.get(index);
    if (held === undefined) {
      const nothing = { newest: -1, group: [], lackingMs: null };
      held = { isInSight: false, class: SightClass.Out, changedMs: -Infinity, ...nothing };
      this.#held.set(index, held);
    }
    return held;
  }

  #charge(bytes: number, nowMs: number): void {
    const share = 0.1 * this.bytesPerSecond;
    const allowance = Math.max(0, this.sight.budget.available - share);
    this.sight.budget.charge(bytes);
    this.#sent = this.#sent.filter((sent) => nowMs - sent.nowMs < WINDOW_MS);
    this.#sent.push({ nowMs, bytes, allowance });
    const total = this.#sent.reduce((all, sent) => all + sent.bytes, 0);
    const allowed = this.bytesPerSecond + this.#sent[0].allowance;
    if (total > allowed) throw new Error(`${total} bytes in a second: expected ${allowed} or less`);
  }
}

function sum(frames: readonly CrowdFrame[]): number {
  return frames.reduce((bytes, frame) => bytes + frame.bytes, 0);
}

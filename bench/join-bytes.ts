// What joining a room costs in bytes: a newcomer that holds no skeleton, and one that holds all of the room's.
import type { StreamFormat } from "../src/codec/index.ts";
import { BatchReader, EntryKind, HeldSkeletons, skeletonIdText } from "../src/protocol/index.ts";
import { median } from "./measure.ts";
import { Watcher } from "./watcher.ts";

export interface JoinBytes {
  /** What the newcomer says. */
  readonly join: number;
  readonly welcome: number;
  readonly fullState: { readonly median: number; readonly largest: number };
}

interface JoinedRoom {
  /** `ws://host:port` */
  readonly url: string;
  readonly room: string;
  readonly format: StreamFormat;
}

// Full state has the frames since everybody's last frame of layer 0: it is larger at one moment than at another.
const JOINS = 10;
// Other moments of the publishers' frames, of which one of 20 Hz comes every 50 ms.
const BETWEEN_JOINS_MS = 37;

/** Spectators join, one after another; the later ones say what an earlier one was sent. */
export async function measureJoinBytes(
  joined: JoinedRoom,
): Promise<{ first: JoinBytes; known: JoinBytes }> {
  const { skeletons } = await joinWith(joined, []);
  return { first: await measure(joined, []), known: await measure(joined, skeletons) };
}

async function measure(joined: JoinedRoom, skeletons: readonly string[]): Promise<JoinBytes> {
  const fullStates: number[] = [];
  let [join, welcome] = [0, 0];
  for (let count = 0; count < JOINS; count++) {
    const newcomer = await joinWith(joined, skeletons);
    [join, welcome] = [newcomer.join, newcomer.welcome];
    fullStates.push(newcomer.fullState);
    await Bun.sleep(BETWEEN_JOINS_MS);
  }
  const fullState = { median: median(fullStates), largest: Math.max(...fullStates) };
  return { join, welcome, fullState };
}

async function joinWith(joined: JoinedRoom, skeletons: readonly string[]) {
  const watcher = new Watcher({ ...joined, skeletons });
  const welcome = await watcher.welcome;
  const full = await watcher.firstBatch;
  watcher.leave();
  return {
    join: Buffer.byteLength(watcher.joinMessage),
    welcome: Buffer.byteLength(JSON.stringify(welcome)),
    fullState: full.length,
    skeletons: skeletonsOf(full),
  };
}

/** Content ids of the skeletons that a batch names. */
function skeletonsOf(bytes: Uint8Array<ArrayBuffer>): string[] {
  const held = new HeldSkeletons<true>();
  const batch = new BatchReader(bytes);
  while (batch.next()) {
    if (batch.kind === EntryKind.Skeleton) held.touch(batch.skeletonId, true);
  }
  return held.ids.map(skeletonIdText);
}

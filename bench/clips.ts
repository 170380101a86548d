// The clips that the benchmarks run on: the committed ones, or the given paths.
import { basename, join } from "node:path";
import { skeletonOf } from "../src/codec/index.ts";
import type { AvatarFrame, Skeleton } from "../src/codec/index.ts";
import { UsageError } from "../src/flags.ts";
import { decodeClip } from "../src/recording/clip.ts";

const COMMITTED = join(import.meta.dir, "..", "clips");

export const COMMITTED_CLIPS = [
  join(COMMITTED, "cmu-jumps.60hz.ndjson.gz"),
  join(COMMITTED, "dcl-dance.30hz.ndjson.gz"),
  join(COMMITTED, "vive-hands.90hz.ndjson.gz"),
];

/** The committed clip whose frames are the largest. */
export const LARGEST_COMMITTED_CLIP = join(COMMITTED, "dcl-dance.30hz.ndjson.gz");

export interface BenchClip {
  /** The file's name without its extensions. */
  readonly name: string;
  readonly frames: readonly AvatarFrame[];
  /** The skeleton of all frames. Its parents are the frames' own, or those of NAME.parents.json beside the clip. */
  readonly skeleton: Skeleton;
}

/** @throws {UsageError} for a file that is not a clip, or a clip whose frames differ in their bones. */
export async function readClip(path: string): Promise<BenchClip> {
  const name = basename(path).replace(/\.ndjson(\.gz)?$/, "");
  const frames = await decodeFile(path);
  if (frames.length === 0) throw new UsageError(`${path}: no frames in it`);
  const skeleton = skeletonOf(frames[0]);
  const other = frames.findIndex((frame) => !Bun.deepEquals(skeletonOf(frame), skeleton));
  if (other >= 0) {
    throw new UsageError(`${path}: line ${other + 1} has other bones or blend shapes than line 1`);
  }
  return { name, frames, skeleton: await withParents(skeleton, path) };
}

async function withParents(skeleton: Skeleton, path: string): Promise<Skeleton> {
  const file = Bun.file(path.replace(/\.ndjson(\.gz)?$/, ".parents.json"));
  if (skeleton.boneParents !== undefined || !(await file.exists())) return skeleton;
  const parents = (await file.json()) as Readonly<Record<string, string | null>>;
  return { ...skeleton, boneParents: skeleton.boneNames.map((name) => parents[name] ?? null) };
}

/** `count` of the items, or all if there are fewer, evenly spread over the list. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const taken = Math.min(count, items.length);
  return Array.from({ length: taken }, (_, index) => {
    return items[Math.floor((index * items.length) / taken)];
  });
}

async function decodeFile(path: string): Promise<readonly AvatarFrame[]> {
  try {
    return decodeClip(await Bun.file(path).bytes());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.includes(path) ? message : `${path}: ${message}`);
  }
}

// The poses of real clips, for tests: the clips of clips/, and those of the folder in AVATAR_SYNC_CLIPS, which
// must not be committed.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createPose, poseOf, skeletonOf } from "../src/codec/index.ts";
import type { Pose, Skeleton } from "../src/codec/index.ts";
import { decodeClip } from "../src/recording/clip.ts";

const COMMITTED = join(import.meta.dir, "../clips");
const MORE = process.env["AVATAR_SYNC_CLIPS"];

export interface ClipPoses {
  readonly name: string;
  readonly skeleton: Skeleton;
  readonly poses: readonly Pose[];
  readonly timesUs: readonly number[];
}

export async function readClipPoses(path: string): Promise<ClipPoses> {
  const frames = decodeClip(await Bun.file(path).bytes());
  const skeleton = skeletonOf(frames[0]);
  return {
    name: path.replace(/^.*\/|\.ndjson.*$/g, ""),
    skeleton,
    poses: frames.map((frame) => poseOf(frame, createPose(skeleton))),
    timesUs: frames.map(({ timestamp }) => Math.round(timestamp * 1e6)),
  };
}

/** Paths of the committed clips, and of those that AVATAR_SYNC_CLIPS adds. */
export function clipPaths(): string[] {
  const list = (folder: string): string[] =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".ndjson.gz"))
      .toSorted()
      .map((file) => join(folder, file));
  const committed = list(COMMITTED);
  if (MORE === undefined) return committed;
  const names = new Set(committed.map((path) => path.replace(/^.*\//, "")));
  return [...committed, ...list(MORE).filter((path) => !names.has(path.replace(/^.*\//, "")))];
}

/** One line where the clips that may not be committed are absent. */
export function noteMissingClips(): void {
  if (MORE === undefined) console.log("AVATAR_SYNC_CLIPS names no folder: committed clips only");
}

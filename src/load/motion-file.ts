// Motion file: from a clip on disk to what a load publishes.
import type { StreamFormat } from "../codec/index.ts";
import { decodeClip } from "../recording/clip.ts";
import { LoadClip } from "./load-clip.ts";
import type { LoadMotion } from "./load-motion.ts";
import { StreamClip } from "./stream-clip.ts";
import type { Walks } from "./walk.ts";

/**
 * With `walks`, of the stream format only, players are moved on top of the clip's motion.
 * @throws {DecodeError}, {EncodeError} for a file that is not a clip.
 */
export function loadMotion(
  file: Uint8Array<ArrayBuffer>,
  format: StreamFormat,
  walks?: Walks,
): LoadMotion {
  const frames = decodeClip(file);
  if (frames.length === 0) throw new Error("no frames in it");
  return format === "stream" ? new StreamClip(frames, walks) : new LoadClip(frames, format);
}

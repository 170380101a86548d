// A face for a clip that has none: 52 blend shapes with ARKit's names, each of which moves by itself.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import type { AvatarFrame, BlendShape, StreamFormat } from "../src/codec/index.ts";
import { ARKIT_BLEND_SHAPES } from "../src/motion/arkit-names.ts";
import { Random } from "../test/random.ts";
import { LARGEST_COMMITTED_CLIP, readClip } from "./clips.ts";

const SEED = 52;
// Slower than a glance, quicker than a mood.
const CYCLES_PER_SECOND_MIN = 0.2;
const CYCLES_PER_SECOND_MAX = 1.5;

/** The given clip; by default the dance, with a face in the stream encoding, whose figures are about both. */
export async function clipToPublish(format: StreamFormat, path?: string) {
  if (path === undefined && format === "stream") {
    return await writeClipWithFace(LARGEST_COMMITTED_CLIP);
  }
  const dispose = () => Promise.resolve();
  return { path: path ?? LARGEST_COMMITTED_CLIP, [Symbol.asyncDispose]: dispose };
}

/** Writes the clip with a face added to it into a file that is removed when disposed of. */
async function writeClipWithFace(path: string) {
  const { frames } = await readClip(path);
  const directory = await mkdtemp(join(tmpdir(), "avatar-sync-bench-"));
  const file = join(directory, "clip.ndjson");
  await Bun.write(
    file,
    withFace(frames)
      .map((frame) => `${JSON.stringify(frame)}\n`)
      .join(""),
  );
  return {
    path: file,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Two waves for each shape, with a whole number of cycles, so that the clip loops. */
function withFace(frames: readonly AvatarFrame[]): AvatarFrame[] {
  const random = new Random(SEED);
  const seconds = frames[frames.length - 1].timestamp - frames[0].timestamp;
  const wave = () => ({
    cycles: Math.round(seconds * random.between(CYCLES_PER_SECOND_MIN, CYCLES_PER_SECOND_MAX)),
    phase: 2 * Math.PI * random.fraction(),
  });
  const waves = ARKIT_BLEND_SHAPES.map((name) => ({ name, pair: [wave(), wave()] }));
  return frames.map((frame, index) => {
    const turn = (2 * Math.PI * index) / frames.length;
    const blendShapes = waves.map(({ name, pair }): BlendShape => {
      const sum = pair.reduce((all, { cycles, phase }) => all + Math.sin(cycles * turn + phase), 0);
      return { name, weight: Math.round((0.5 + sum / 4) * 1e4) / 1e4 };
    });
    return { ...frame, blendShapes };
  });
}

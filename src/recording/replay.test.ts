import { expect, test } from "bun:test";
import { smallFrame } from "../../test/frames.ts";
import { decodeClip } from "./clip.ts";
import { Replay } from "./replay.ts";

const clip = [0, 0.1, 0.2].map((timestamp, x) => ({ ...smallFrame(x), timestamp }));
const xOf = (frame: ReturnType<Replay["frameAt"]>) => frame?.rootTransform.worldPosition.x;

test("each frame is due once, at its own time, stamped with the time of playing", () => {
  const replay = new Replay(clip, 1000);
  expect(xOf(replay.frameAt(1000))).toBe(0);
  expect(replay.frameAt(1099)).toBeUndefined();
  const second = replay.frameAt(1101);
  expect(xOf(second)).toBe(1);
  expect(second?.timestamp).toBe(1.101);
});

test("a late caller gets the frame that is due then, and the clip loops", () => {
  const replay = new Replay(clip, 1000);
  expect(xOf(replay.frameAt(1250))).toBe(2);
  expect(xOf(replay.frameAt(1301))).toBe(0);
  expect(xOf(replay.frameAt(1000 + 300 * 50 + 150))).toBe(1);
});

test("a clip is NDJSON, gzipped or not, and its bones learn their parents", () => {
  const text = new TextEncoder().encode(clip.map((frame) => JSON.stringify(frame)).join("\n"));
  const parents = { Hips: null, Head: "Hips" };
  for (const bytes of [text, Bun.gzipSync(text)]) {
    const decoded = decodeClip(bytes, parents);
    expect(decoded).toHaveLength(3);
    expect(decoded[1].bones.map((bone) => bone.parent)).toEqual([null, "Hips"]);
  }
});

test("a bad line of a clip is named by its number", () => {
  const bytes = new TextEncoder().encode(`${JSON.stringify(clip[0])}\n{"bones":5}\n`);
  expect(() => decodeClip(bytes)).toThrow("line 2: $.bones");
});

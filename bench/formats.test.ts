// The format benchmark gives the shape that it promises, and sizes that add up.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { encodeJson } from "../src/codec/index.ts";
import { binaryByteLength } from "../src/codec/binary-layout.ts";
import { LARGEST_COMMITTED_CLIP, readClip } from "./clips.ts";
import { median } from "./measure.ts";

const MAIN = join(import.meta.dir, "main.ts");

async function bench(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, MAIN, ...args], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

// The stream encoding is timed over 100 passes and 100,000 frames whatever --seconds says.
const SLOW_MS = 60_000;

test(
  "formats --json prints one array and nothing else, an object a clip",
  async () => {
    const { frames, skeleton } = await readClip(LARGEST_COMMITTED_CLIP);
    const flags = ["--json", "--seconds", "0.1", "--error-metres", "0.02"];
    const { code, stdout } = await bench("formats", LARGEST_COMMITTED_CLIP, ...flags);
    expect(code).toBe(0);
    const jsonBytes = frames.reduce((sum, frame) => sum + encodeJson(frame).length, 0);
    const us = { encodeUs: expect.any(Number), decodeUs: expect.any(Number) };
    const memoryBytes = expect.any(Number);
    expect(JSON.parse(stdout)).toEqual([
      {
        clip: "dcl-dance.30hz",
        frames: 321,
        bones: 62,
        blendShapes: 0,
        json: {
          bytes: jsonBytes / frames.length,
          ...us,
          memoryBytes,
          checkUs: expect.any(Number),
        },
        binary: { bytes: binaryByteLength(skeleton.boneNames.length, 0), ...us, memoryBytes },
        stream: {
          errorMetres: 0.02,
          bytesMean: expect.any(Number),
          payloadBytesMean: expect.any(Number),
          rootUs: expect.any(Number),
          bytesByLayer: [expect.any(Number), expect.any(Number), expect.any(Number)],
          keyframeBytes: expect.any(Number),
          ...us,
          heapGrowthBytes: expect.any(Number),
          spaceErrorMm: {
            p50: expect.any(Number),
            p99: expect.any(Number),
            max: expect.any(Number),
          },
          guaranteedErrorMm: expect.any(Number),
          maxRotationErrorDeg: expect.any(Number),
          maxPositionErrorM: expect.any(Number),
          maxWeightError: 0,
        },
      },
    ]);
  },
  SLOW_MS,
);

test(
  "the table is the original's",
  async () => {
    const { stdout } = await bench("formats", LARGEST_COMMITTED_CLIP, "--seconds", "0.1");
    for (const aspect of ["Data Size", "Parse Speed", "Memory Usage", "CPU Usage"]) {
      expect(stdout).toContain(`| ${aspect}`);
    }
  },
  SLOW_MS,
);

test.each([
  [["nonsense"], "unknown command nonsense"],
  [["--nonsense"], "'--nonsense'"],
  [["formats", "absent.ndjson"], "absent.ndjson"],
  [["formats", "--seconds", "soon"], "--seconds soon"],
  [["formats", "--error-metres", "0"], "--error-metres 0"],
])("%p ends with one line and code 2", async (args, words) => {
  const { code, stdout, stderr } = await bench(...args);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(words);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("the median of an even count lies between the middle two", () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

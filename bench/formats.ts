// JSON against binary, frame by frame: size, speed and memory of the two formats of one frame.
import { DEFAULT_PRECISION } from "../src/codec/stream/index.ts";
import { parseFlags, UsageError } from "../src/flags.ts";
import { COMMITTED_CLIPS, readClip } from "./clips.ts";
import { parseSeconds, rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { measureFormats } from "./formats-measure.ts";
import type { FormatsReport } from "./formats-measure.ts";
import { measureStream } from "./formats-stream.ts";
import type { StreamFigures } from "./formats-stream.ts";

const SECONDS_DEFAULT = 6;

const HELP = `npm run bench -- formats [CLIP.ndjson[.gz]...] [flags]

JSON against binary on the clips given, or on the committed ones: means per frame.

  --seconds S  for timing one clip (${SECONDS_DEFAULT})
  --error-metres X
               in stream: how far off a point of the body may be because of one bone
               (${DEFAULT_PRECISION.errorMetres})
  --json       print one JSON array, an object a clip:
               {clip, frames, bones, blendShapes,
                json: {bytes, encodeUs, decodeUs, memoryBytes, checkUs},
                binary: {bytes, encodeUs, decodeUs, memoryBytes},
                stream: {errorMetres, bytesMean, payloadBytesMean, bytesByLayer, keyframeBytes,
                         encodeUs, decodeUs, rootUs, heapGrowthBytes,
                         spaceErrorMm: {p50, p99, max}, guaranteedErrorMm, maxRotationErrorDeg, maxPositionErrorM, maxWeightError}}`;

export const formats: Command = {
  summary: "JSON against binary: size, speed and memory of a frame",
  help: HELP,
  async run(args) {
    const { values, positionals } = parseFlags(args, {
      options: {
        seconds: { type: "string", default: String(SECONDS_DEFAULT) },
        "error-metres": { type: "string", default: String(DEFAULT_PRECISION.errorMetres) },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const seconds = parseSeconds(values.seconds, "--seconds");
    const errorMetres = parseErrorMetres(values["error-metres"]);
    const paths = positionals.length > 0 ? positionals : COMMITTED_CLIPS;
    const clips = await Promise.all(paths.map(readClip));
    const reports: (FormatsReport & { stream: StreamFigures })[] = [];
    for (const clip of clips) {
      const report = { ...measureFormats(clip, seconds), stream: measureStream(clip, errorMetres) };
      reports.push(report);
      if (!values.json) console.log(`${table(report)}\n\nstream\n${rowsOf(report.stream)}`);
    }
    if (values.json) console.log(JSON.stringify(reports));
  },
};

function parseErrorMetres(text: string): number {
  const metres = Number(text);
  if (text.trim() !== "" && metres > 0 && metres < Number.POSITIVE_INFINITY) return metres;
  throw new UsageError(`--error-metres ${text}: expected metres, more than 0`);
}

/** The original's "Performance Comparison", measured. */
function table({ clip, frames, bones, blendShapes, json, binary }: FormatsReport): string {
  const jsonCpuUs = json.encodeUs + json.decodeUs;
  const binaryCpuUs = binary.encodeUs + binary.decodeUs;
  const share = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
  const us = (value: number) => `${value.toFixed(1)} us`;
  const bytes = (value: number) => `${Math.round(value).toLocaleString("en")} B`;
  const faster = (json.decodeUs / binary.decodeUs).toFixed(1);
  return `
${clip}: ${frames} frames, ${bones} bones, ${blendShapes} blend shapes

| Aspect (mean of a frame) | JSON | Binary |
|--------------------------|------|--------|
| Data Size | 100 % (${bytes(json.bytes)}) | ${share(binary.bytes, json.bytes)} (${bytes(binary.bytes)}) |
| Parse Speed | Baseline (${us(json.decodeUs)}) | ${faster}x faster (${us(binary.decodeUs)}) |
| Memory Usage | 100 % (${bytes(json.memoryBytes)}) | ${share(binary.memoryBytes, json.memoryBytes)} (${bytes(binary.memoryBytes)}) |
| CPU Usage (encode + decode) | 100 % (${us(jsonCpuUs)}) | ${share(binaryCpuUs, jsonCpuUs)} (${us(binaryCpuUs)}) |

A posted JSON frame checked by the server, not parsed: ${us(json.checkUs)}`;
}

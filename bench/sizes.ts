// A frame's size in every encoding, and the size and the error in space of the stream at several precisions.
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { DEFAULT_PRECISION } from "../src/codec/stream/index.ts";
import { parseFlags } from "../src/flags.ts";
import { COMMITTED_CLIPS, readClip } from "./clips.ts";
import type { BenchClip } from "./clips.ts";
import type { Command } from "./command.ts";
import { encodeClip, HEADER_BYTES, measureErrors } from "./formats-stream.ts";
import { plotSizes } from "./sizes-plot.ts";

const ERRORS_METRES = [0.01, 0.014, DEFAULT_PRECISION.errorMetres, 0.028, 0.04];

const HELP = `npm run bench -- sizes [CLIP.ndjson[.gz]...] [flags]

Mean bytes of a frame as JSON, JSON + gzip, MessagePack, binary and stream, and the stream at ${ERRORS_METRES.length} precisions.

  --plot FILE  write an SVG of bytes against the error in space
  --json       print one JSON array, an object a clip`;

/** A stream's size at one precision. */
interface StreamSize {
  readonly errorMetres: number;
  readonly bytes: number;
  /** 99 of 100 bones of all frames are within this error in space. */
  readonly p99Mm: number;
}

interface Sizes {
  readonly clip: string;
  readonly json: number;
  readonly jsonGzip: number;
  readonly msgpack: number;
  readonly binary: number;
  readonly stream: readonly StreamSize[];
}

export const sizes: Command = {
  summary: "a frame's size in every encoding, and at several precisions",
  help: HELP,
  async run(args) {
    const { values, positionals } = parseFlags(args, {
      options: {
        plot: { type: "string" },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const paths = positionals.length > 0 ? positionals : COMMITTED_CLIPS;
    const all = (await Promise.all(paths.map(readClip))).map(measure);
    console.log(values.json ? JSON.stringify(all) : `${table(all)}\n\n${errorTable(all)}`);
    if (values.plot !== undefined) await Bun.write(values.plot, plotSizes(all));
  },
};

function measure(clip: BenchClip): Sizes {
  const { name, frames } = clip;
  const mean = (bytesOf: (frame: (typeof frames)[number]) => number) =>
    frames.reduce((sum, frame) => sum + bytesOf(frame), 0) / frames.length;
  return {
    clip: name,
    json: mean((frame) => encodeJson(frame).length),
    jsonGzip: mean((frame) => Bun.gzipSync(encodeJson(frame)).length),
    msgpack: mean((frame) => encodeMsgpack(frame, { forceFloat32: true }).length),
    binary: mean((frame) => encodeBinary(frame).length),
    stream: ERRORS_METRES.map((errorMetres) => {
      const encoded = encodeClip(clip, { errorMetres });
      const { space } = measureErrors(encoded);
      const bytes = encoded.frames.reduce((sum, { payload }) => sum + payload.length, 0);
      return {
        errorMetres,
        bytes: HEADER_BYTES + bytes / encoded.frames.length,
        p99Mm: 1000 * space.quantile(0.99),
      };
    }),
  };
}

function table(all: readonly Sizes[]): string {
  const rows = all.map((each) => {
    const stream = each.stream.find(
      ({ errorMetres }) => errorMetres === DEFAULT_PRECISION.errorMetres,
    )!.bytes;
    const cells = [each.json, each.jsonGzip, each.msgpack, each.binary].map((bytes) =>
      Math.round(bytes).toLocaleString("en"),
    );
    return `| ${each.clip} | ${cells.join(" | ")} | ${stream.toFixed(1)} | ${Math.round(each.json / stream)}x |`;
  });
  return `| clip | JSON | JSON + gzip | MessagePack (f32) | binary | stream | JSON / stream |
|---|---|---|---|---|---|---|
${rows.join("\n")}`;
}

function errorTable(all: readonly Sizes[]): string {
  const head = ERRORS_METRES.map((metres) => `${1000 * metres} mm`).join(" | ");
  const rows = all.map((each) => {
    const cells = each.stream.map(
      ({ bytes, p99Mm }) => `${bytes.toFixed(1)} / ${p99Mm.toFixed(1)}`,
    );
    return `| ${each.clip} | ${cells.join(" | ")} |`;
  });
  return `| clip | ${head} |\n|---|${ERRORS_METRES.map(() => "---|").join("")}\n${rows.join("\n")}`;
}

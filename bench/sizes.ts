// A frame's size in every encoding, and the size of the stream encoding at each precision.
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { maxErrors } from "../src/codec/stream/index.ts";
import { parseFlags } from "../src/flags.ts";
import { COMMITTED_CLIPS, readClip } from "./clips.ts";
import type { BenchClip } from "./clips.ts";
import type { Command } from "./command.ts";
import { encodeClip, HEADER_BYTES, measureErrors } from "./formats-stream.ts";

const BITS = [8, 9, 10, 11, 12];

const HELP = `npm run bench -- sizes [CLIP.ndjson[.gz]...] [flags]

Mean bytes of a frame as JSON, JSON + gzip, MessagePack, binary and stream, and the stream at 8 to 12 bits.

  --plot FILE  write an SVG of bytes against the worst rotation error
  --json       print one JSON array, an object a clip`;

interface Sizes {
  readonly clip: string;
  readonly json: number;
  readonly jsonGzip: number;
  readonly msgpack: number;
  readonly binary: number;
  /** Bytes, by the bits of a rotation's component. */
  readonly stream: readonly { readonly bits: number; readonly bytes: number }[];
}

export const sizes: Command = {
  summary: "a frame's size in every encoding, and at 8 to 12 bits",
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
    console.log(values.json ? JSON.stringify(all) : `${table(all)}\n\n${bitsTable(all)}`);
    if (values.plot !== undefined) await Bun.write(values.plot, plot(all));
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
    stream: BITS.map((rotationBits) => {
      const encoded = encodeClip(clip, { rotationBits });
      measureErrors(encoded);
      const bytes = encoded.frames.reduce((sum, { payload }) => sum + payload.length, 0);
      return { bits: rotationBits, bytes: HEADER_BYTES + bytes / encoded.frames.length };
    }),
  };
}

function streamAt(sizesOfClip: Sizes, bits: number): number {
  return sizesOfClip.stream.find((entry) => entry.bits === bits)!.bytes;
}

function table(all: readonly Sizes[]): string {
  const rows = all.map((each) => {
    const stream = streamAt(each, 10);
    const cells = [each.json, each.jsonGzip, each.msgpack, each.binary].map((bytes) =>
      Math.round(bytes).toLocaleString("en"),
    );
    return `| ${each.clip} | ${cells.join(" | ")} | ${stream.toFixed(1)} | ${Math.round(each.json / stream)}x |`;
  });
  return `| clip | JSON | JSON + gzip | MessagePack (f32) | binary | stream | JSON / stream |
|---|---|---|---|---|---|---|
${rows.join("\n")}`;
}

const errorOf = (rotationBits: number) =>
  maxErrors({ rotationBits, positionStep: 0.002, scaleStep: 0.002, weightScale: 1 })
    .rotationDegrees;

function bitsTable(all: readonly Sizes[]): string {
  const head = BITS.map((bits) => `${bits} bits, ${errorOf(bits).toFixed(2)}°`).join(" | ");
  const rows = all.map(
    (each) => `| ${each.clip} | ${each.stream.map(({ bytes }) => bytes.toFixed(1)).join(" | ")} |`,
  );
  return `| clip | ${head} |\n|---|${BITS.map(() => "---|").join("")}\n${rows.join("\n")}`;
}

const COLOURS = ["#4f46e5", "#0891b2", "#059669", "#ca8a04", "#dc2626", "#9333ea"];

/** A chart of bytes (upwards) against the guaranteed rotation error (to the right), both logarithmic. */
function plot(all: readonly Sizes[]): string {
  const [width, height, margin] = [640, 400, 56];
  const errors = BITS.map(errorOf);
  const bytes = all.flatMap((each) => each.stream.map((entry) => entry.bytes));
  const scale = (value: number, low: number, high: number) =>
    Math.log(value / low) / Math.log(high / low);
  const [lowError, highError] = [Math.min(...errors) * 0.9, Math.max(...errors) * 1.1];
  const [lowBytes, highBytes] = [Math.min(...bytes) * 0.8, Math.max(...bytes) * 1.2];
  const x = (degrees: number) =>
    margin + scale(degrees, lowError, highError) * (width - margin - 150);
  const y = (count: number) =>
    height - margin - scale(count, lowBytes, highBytes) * (height - 2 * margin);
  const text = (at: [number, number], content: string, more = "") =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${content}</text>`;
  const lines = all.map((each, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const points = each.stream.map(
      (entry) => `${x(errorOf(entry.bits)).toFixed(1)},${y(entry.bytes).toFixed(1)}`,
    );
    const dots = points.map((point) => {
      const [cx, cy] = point.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`;
    });
    const [first] = each.stream;
    const label = text(
      [x(errorOf(first.bits)) + 10, y(first.bytes) + 4],
      each.clip,
      `fill="${colour}"`,
    );
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join("")}${label}`;
  });
  const ticksX = BITS.map(
    (bits) =>
      text(
        [x(errorOf(bits)), height - margin + 20],
        `${errorOf(bits).toFixed(2)}°`,
        'text-anchor="middle"',
      ) +
      text(
        [x(errorOf(bits)), height - margin + 36],
        `${bits} bits`,
        'text-anchor="middle" fill="#777"',
      ),
  );
  const ticksY = [10, 20, 50, 100, 200]
    .filter((tick) => tick > lowBytes && tick < highBytes)
    .map(
      (tick) =>
        `<line x1="${margin}" x2="${width - 150}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#ddd"/>${text([margin - 8, y(tick) + 4], String(tick), 'text-anchor="end"')}`,
    );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<rect width="${width}" height="${height}" fill="#fff"/>
${text([margin, 24], "Mean bytes of a frame against the worst rotation error", 'font-size="14"')}
${[...ticksY, ...ticksX, ...lines].join("\n")}
</svg>
`;
}

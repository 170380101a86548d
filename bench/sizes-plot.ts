// A chart of bytes against the error in space, as SVG.

/** Sizes of one clip's stream, from coarse to fine or the other way. */
interface Curve {
  readonly clip: string;
  readonly stream: readonly { readonly bytes: number; readonly p99Mm: number }[];
}

/**
 * Before precision was by reach, every rotation had the same bits: 8 to 11 here, measured by the last version that
 * did so. Bytes include the 6-byte header.
 */
const SAME_BITS: readonly Curve[] = [
  {
    clip: "cmu-jumps.60hz",
    stream: [
      { bytes: 32.4, p99Mm: 9.43 },
      { bytes: 39.8, p99Mm: 4.86 },
      { bytes: 48.1, p99Mm: 2.83 },
      { bytes: 57.3, p99Mm: 1.96 },
    ],
  },
  {
    clip: "dcl-dance.30hz",
    stream: [
      { bytes: 44, p99Mm: 13.68 },
      { bytes: 52.6, p99Mm: 6.79 },
      { bytes: 62.7, p99Mm: 3.76 },
      { bytes: 73.8, p99Mm: 2.29 },
    ],
  },
  {
    clip: "full-cmu.60hz",
    stream: [
      { bytes: 57.7, p99Mm: 10.58 },
      { bytes: 68.7, p99Mm: 5.36 },
      { bytes: 81.6, p99Mm: 3.16 },
      { bytes: 96, p99Mm: 2.12 },
    ],
  },
  {
    clip: "full-conversation.30hz",
    stream: [
      { bytes: 71, p99Mm: 19.3 },
      { bytes: 83.7, p99Mm: 13.43 },
      { bytes: 98, p99Mm: 7.09 },
      { bytes: 114, p99Mm: 4.15 },
    ],
  },
  {
    clip: "vive-hands.90hz",
    stream: [
      { bytes: 15.1, p99Mm: 9.75 },
      { bytes: 17.4, p99Mm: 5.37 },
      { bytes: 19.7, p99Mm: 2.89 },
      { bytes: 22.6, p99Mm: 1.99 },
    ],
  },
];

const COLOURS = ["#4f46e5", "#0891b2", "#059669", "#ca8a04", "#dc2626", "#9333ea"];
const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = 56;
const LABEL_WIDTH = 150;

/** Bytes upwards, the 99th percentile of the error to the right, both logarithmic. Dashed: the same bits for all. */
export function plotSizes(all: readonly Curve[]): string {
  const drawn = all.filter(({ stream }) => stream.every(({ p99Mm }) => p99Mm > 0.1));
  const old = SAME_BITS.filter(({ clip }) => drawn.some((each) => each.clip === clip));
  const points = [...drawn, ...old].flatMap(({ stream }) => stream);
  const scale = (values: readonly number[], from: number, to: number) => {
    const [low, high] = [Math.min(...values) * 0.9, Math.max(...values) * 1.1];
    return (value: number) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
  };
  const x = scale(
    points.map(({ p99Mm }) => p99Mm),
    MARGIN,
    WIDTH - LABEL_WIDTH,
  );
  const y = scale(
    points.map(({ bytes }) => bytes),
    HEIGHT - MARGIN,
    MARGIN,
  );
  const line = ({ clip, stream }: Curve, isOld: boolean): string => {
    const colour = COLOURS[drawn.findIndex((each) => each.clip === clip) % COLOURS.length];
    const at = stream.map(({ bytes, p99Mm }) => `${x(p99Mm).toFixed(1)},${y(bytes).toFixed(1)}`);
    const dashes = isOld ? ' stroke-dasharray="4 3"' : "";
    const path = `<polyline points="${at.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5"${dashes}/>`;
    if (isOld) return path;
    const last = stream[stream.length - 1];
    return `${path}${text(x(last.p99Mm) + 8, y(last.bytes) + 4, clip, `fill="${colour}"`)}`;
  };
  const ticksX = within(
    [0.5, 1, 2, 3, 5, 7, 10, 20],
    points.map(({ p99Mm }) => p99Mm),
  ).map((tick) => text(x(tick), HEIGHT - MARGIN + 20, `${tick} mm`, 'text-anchor="middle"'));
  const ticksY = within(
    [10, 20, 30, 50, 70, 100, 150],
    points.map(({ bytes }) => bytes),
  ).map(
    (tick) =>
      `<line x1="${MARGIN}" x2="${WIDTH - LABEL_WIDTH}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#ddd"/>${text(MARGIN - 8, y(tick) + 4, String(tick), 'text-anchor="end"')}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(MARGIN, 24, "Mean bytes of a frame against the error in space, 99th percentile", 'font-size="14"')}
${text(MARGIN, 40, "dashed: the same bits for every rotation", 'fill="#777"')}
${[...ticksY, ...ticksX, ...old.map((each) => line(each, true)), ...drawn.map((each) => line(each, false))].join("\n")}
</svg>
`;
}

function within(ticks: readonly number[], values: readonly number[]): number[] {
  return ticks.filter((tick) => tick >= Math.min(...values) && tick <= Math.max(...values));
}

function text(x: number, y: number, content: string, more: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${content}</text>`;
}

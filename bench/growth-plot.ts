// A chart of what one receiver of a crowd costs against the size of the crowd, as SVG.

const WIDTH = 480;
const HEIGHT = 280;
const MARGIN = 48;

/** Microseconds of one receiver and tick upwards, from 0; players to the right. */
export function plotGrowth(
  sizes: readonly { readonly players: number; readonly usPerReceiverTick: number }[],
): string {
  const playersMax = Math.max(...sizes.map(({ players }) => players));
  const usMax = 1.3 * Math.max(...sizes.map(({ usPerReceiverTick }) => usPerReceiverTick));
  const x = (players: number) => MARGIN + ((WIDTH - 2 * MARGIN) * players) / playersMax;
  const y = (us: number) => HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * us) / usMax;
  const line = (ends: string) => `<line ${ends} stroke="#ccc"/>`;
  const text = (at: string, content: string) => `<text ${at}>${content}</text>`;
  const marks = sizes.flatMap(({ players, usPerReceiverTick: us }) => [
    `<circle cx="${x(players)}" cy="${y(us).toFixed(1)}" r="4" fill="#4f46e5"/>`,
    text(`x="${x(players)}" y="${(y(us) - 10).toFixed(1)}" text-anchor="middle"`, `${us} us`),
    text(`x="${x(players)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle"`, String(players)),
  ]);
  const points = sizes.map(({ players, usPerReceiverTick }) => {
    return `${x(players)},${y(usPerReceiverTick).toFixed(1)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(`x="${MARGIN}" y="24" font-size="14"`, "CPU time of one receiver at one tick, by players of the crowd")}
${line(`x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${y(0)}" y2="${y(0)}"`)}
<polyline points="${points.join(" ")}" fill="none" stroke="#4f46e5" stroke-width="1.5"/>
${marks.join("\n")}
</svg>
`;
}

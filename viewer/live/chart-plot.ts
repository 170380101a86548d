// Chart plot: the lines of a chart, drawn by uPlot in the page's colours, with a cursor over them.
import uPlot from "uplot";
import type { Threshold } from "./threshold.ts";

/** One sample a second. */
export const SAMPLES = 120;
const HEIGHT_PX = 96;
// Above the largest value, so that its line is whole.
const HEADROOM = 1.15;
// All charts show the same moment under the cursor.
const SYNC_KEY = "health";

const AGES = Array.from({ length: SAMPLES }, (_, index) => index - SAMPLES + 1);

export interface PlottedLine {
  readonly color: string;
  readonly dash: readonly number[];
  /** A value for each second, oldest first; null if it is not known. */
  readonly values: readonly (number | null)[];
}

export interface ChartPlotOptions {
  readonly threshold: Threshold | null;
  readonly textOf: (value: number) => string;
  /** The cursor is at this sample, counted from the oldest; null: nowhere. */
  readonly onCursor: (index: number | null) => void;
}

export class ChartPlot {
  readonly element = document.createElement("div");
  readonly #options: ChartPlotOptions;
  #plot: uPlot | null = null;
  #lines: readonly PlottedLine[] = [];
  #max = 0;
  #width = 0;
  #isStale = true;

  constructor(options: ChartPlotOptions) {
    this.#options = options;
    this.element.className = "plot";
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width === this.#width) return;
      this.#width = width;
      this.#plot?.setSize({ width, height: HEIGHT_PX });
      this.#draw();
    }).observe(this.element);
  }

  /** Shows these lines up to `max`. */
  show(lines: readonly PlottedLine[], max: number): void {
    const isSame = (line: PlottedLine, index: number) =>
      line.color === this.#lines[index]?.color && line.dash === this.#lines[index].dash;
    if (lines.length !== this.#lines.length || !lines.every(isSame)) this.#isStale = true;
    this.#lines = lines;
    this.#max = max;
    this.#draw();
  }

  /** The page's colours have changed. */
  updateColors(): void {
    this.#isStale = true;
    this.#draw();
  }

  /** Moves the cursor to a sample, counted from the oldest; null: away. */
  moveCursor(index: number | null): void {
    const plot = this.#plot;
    if (plot === null) return;
    const left = index === null ? -10 : plot.valToPos(AGES[index], "x");
    plot.setCursor({ left, top: index === null ? -10 : 0 });
  }

  #draw(): void {
    if (this.#width === 0) return;
    const values = this.#lines.map((line) => [...line.values]);
    const data: uPlot.AlignedData = [AGES, ...values];
    if (this.#plot !== null && !this.#isStale) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#isStale = false;
    this.#plot = new uPlot(this.#plotOptions(), data, this.element);
  }

  #plotOptions(): uPlot.Options {
    // The style sheet gives the canvas its colours: text, grid, and threshold.
    const style = getComputedStyle(this.element);
    const axis = {
      stroke: style.color,
      font: `11px ${style.fontFamily}`,
      ticks: { show: false },
      grid: { stroke: style.borderTopColor, width: 1 },
    };
    const { textOf, onCursor } = this.#options;
    return {
      width: this.#width,
      height: HEIGHT_PX,
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 6 },
        sync: { key: SYNC_KEY },
      },
      hooks: {
        setCursor: [({ cursor: { idx } }) => onCursor(idx ?? null)],
        draw: [(plot) => this.#drawThreshold(plot, style)],
      },
      scales: { x: { time: false }, y: { range: () => [0, this.#max * HEADROOM] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 18,
          gap: 2,
          splits: () => [15 - SAMPLES, -60, -7],
          values: () => ["2 min ago", "1 min", "now"],
        },
        {
          ...axis,
          size: 64,
          gap: 4,
          splits: () => [this.#max / 2, this.#max],
          // Axis labels are round numbers: 20 /s, not 20.0 /s.
          values: (_: uPlot, splits: number[]) =>
            splits.map((value) => textOf(value).replace(/\.0+ /, " ")),
        },
      ],
      series: [
        {},
        ...this.#lines.map(({ color, dash }) => ({
          stroke: color,
          dash: dash.map((length) => length * devicePixelRatio),
          width: 1.75,
          points: { show: false },
          spanGaps: false,
        })),
      ],
    };
  }

  /** A line at the threshold, and on which side of it values are good. */
  #drawThreshold(plot: uPlot, style: CSSStyleDeclaration): void {
    const { threshold } = this.#options;
    if (threshold === null || threshold.value > this.#max * HEADROOM) return;
    const { ctx, bbox } = plot;
    const { value, good } = threshold;
    const y = Math.round(plot.valToPos(value, "y", true));
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = style.caretColor;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${10 * devicePixelRatio}px ${style.fontFamily}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    const gap = 2 * devicePixelRatio;
    ctx.fillText(good === "below" ? "good ↓" : "good ↑", bbox.left + gap, y - gap);
    ctx.restore();
  }
}

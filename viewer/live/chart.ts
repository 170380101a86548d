// Chart: a small plot of the last two minutes, in the page's colours.
import uPlot from "uplot";
import { ChartLegend, DASHES } from "./chart-legend.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** One sample a second. */
export const SAMPLES = 120;
const HEIGHT_PX = 96;
// The line of a player who has left stays for two minutes, unless many come and go.
const LINES_MAX = 40;

const AGES = Array.from({ length: SAMPLES }, (_, index) => index - SAMPLES + 1);

/** The value of a line in one second. */
export interface Sample {
  readonly color: string;
  readonly value: number;
}

interface Line {
  readonly color: string;
  readonly dash: readonly number[];
  readonly values: RingBuffer;
}

export class Chart {
  readonly #figure: HTMLElement;
  readonly #legend = new ChartLegend();
  readonly #note = document.createElement("span");
  readonly #plotArea = document.createElement("div");
  readonly #textOf: (value: number) => string;
  readonly #lines = new Map<string, Line>();
  #plot: uPlot | null = null;
  #width = 0;
  #isStale = true;

  /** `textOf` formats a value for people. */
  constructor(parent: HTMLElement, title: string, textOf: (value: number) => string) {
    this.#textOf = textOf;
    this.#figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const name = document.createElement("span");
    name.textContent = title;
    caption.append(name, this.#legend.element, this.#note);
    this.#figure.append(caption, this.#plotArea);
    // Screen readers get the newest values from the caption.
    this.#plotArea.ariaHidden = "true";
    parent.append(this.#figure);
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width === this.#width) return;
      this.#width = width;
      this.#plot?.setSize({ width, height: HEIGHT_PX });
      this.#draw();
    }).observe(this.#plotArea);
  }

  /**
   * Adds a second: a value for each line, by its name. A new name begins a line; a line that is left out has a gap.
   * `note` is shown below the legend.
   */
  add(samples: ReadonlyMap<string, Sample>, note = ""): void {
    for (const [name, { color }] of samples) {
      if (this.#lines.has(name)) continue;
      if (this.#lines.size >= LINES_MAX) this.#dropLine(samples);
      this.#lines.set(name, { color, dash: this.#freeDash(), values: new RingBuffer(SAMPLES) });
      this.#isStale = true;
    }
    for (const [name, { values }] of this.#lines) {
      values.push(samples.get(name)?.value ?? Number.NaN);
      // Gone for two minutes: nothing of it is left to show.
      if (!samples.has(name) && values.toArray().every((value) => value === null)) {
        this.#lines.delete(name);
        this.#isStale = true;
      }
    }
    const entries = Array.from(samples, ([name, { color, value }]) => {
      const { dash } = this.#lines.get(name)!;
      return { name, color, dash, text: this.#textOf(value) };
    });
    this.#legend.show(entries);
    this.#note.textContent = note;
    this.#draw();
  }

  /** Adds seconds of which nothing is known. */
  skip(seconds: number): void {
    for (const { values } of this.#lines.values()) {
      for (let count = 0; count < Math.min(seconds, SAMPLES); count++) values.push(Number.NaN);
    }
  }

  clear(): void {
    this.#lines.clear();
    this.#isStale = true;
    this.#draw();
  }

  /** The page's colours have changed. */
  updateColors(): void {
    this.#isStale = true;
    this.#draw();
  }

  /** Drops the oldest line that has no value now. */
  #dropLine(samples: ReadonlyMap<string, Sample>): void {
    for (const name of this.#lines.keys()) {
      if (!samples.has(name)) return void this.#lines.delete(name);
    }
  }

  /** The dash pattern that is used least. */
  #freeDash(): readonly number[] {
    const lines = [...this.#lines.values()];
    const users = DASHES.map((dash) => lines.filter((line) => line.dash === dash).length);
    return DASHES[users.indexOf(Math.min(...users))];
  }

  #draw(): void {
    if (this.#width === 0) return;
    const lines = [...this.#lines.values()];
    const data: uPlot.AlignedData = [AGES, ...lines.map(({ values }) => values.toArray())];
    if (this.#plot !== null && !this.#isStale) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#isStale = false;
    this.#plot = new uPlot(this.#options(lines), data, this.#plotArea);
  }

  #options(lines: readonly Line[]): uPlot.Options {
    const style = getComputedStyle(this.#figure);
    const axis = {
      stroke: style.color,
      font: `11px ${style.fontFamily}`,
      ticks: { show: false },
      grid: { stroke: style.borderTopColor, width: 1 },
    };
    return {
      width: this.#width,
      height: HEIGHT_PX,
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, roundUp(max) * 1.15] } },
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
          splits: (_: uPlot, __: number, ___: number, max: number) => [max / 2.3, max / 1.15],
          // Axis labels are round numbers: 20 /s, not 20.0 /s.
          values: (_: uPlot, splits: number[]) =>
            splits.map((value) => this.#textOf(value).replace(/\.0+ /, " ")),
        },
      ],
      series: [
        {},
        ...lines.map(({ color, dash }) => ({
          stroke: color,
          dash: dash.map((length) => length * devicePixelRatio),
          width: 1.75,
          points: { show: false },
          spanGaps: false,
        })),
      ],
    };
  }
}

/** The next of 2, 5, 10, 20, 50 …: numbers that label an axis well. */
function roundUp(value: number): number {
  if (!(value > 2)) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

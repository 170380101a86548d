// Chart: a small plot of the last two minutes, with a legend of its newest values, or of those under the cursor.
import { durationText } from "../quantity.ts";
import { ChartLegend, DASHES } from "./chart-legend.ts";
import { ChartPlot, SAMPLES } from "./chart-plot.ts";
import { scaleMax } from "./chart-scale.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { verdictOf, verdictText } from "./threshold.ts";
import type { Threshold } from "./threshold.ts";

export { SAMPLES } from "./chart-plot.ts";

// The line of a player who has left stays for two minutes, unless many come and go.
const LINES_MAX = 40;
const KEY_PAGE = 10;

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

export interface ChartOptions {
  readonly title: string;
  /** Formats a value for people. */
  readonly textOf: (value: number) => string;
  readonly threshold?: Threshold;
}

/** What is said of a second beside its lines. */
export interface Remarks {
  /** Shown below the legend. */
  readonly note?: string;
  /** The value that the threshold judges; left out: nothing can be judged. */
  readonly judged?: number | undefined;
}

export class Chart {
  readonly #options: ChartOptions;
  readonly #title = document.createElement("span");
  readonly #verdict = document.createElement("span");
  readonly #legend = new ChartLegend();
  readonly #note = document.createElement("span");
  readonly #plot: ChartPlot;
  readonly #lines = new Map<string, Line>();
  #newest: ReadonlyMap<string, Sample> = new Map();
  #cursor: number | null = null;

  constructor(parent: HTMLElement, options: ChartOptions) {
    this.#options = options;
    const { textOf, threshold = null } = options;
    this.#plot = new ChartPlot({ threshold, textOf, onCursor: (index) => this.#moveTo(index) });
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const head = document.createElement("div");
    this.#title.textContent = options.title;
    this.#verdict.className = "verdict";
    head.append(this.#title, this.#verdict);
    caption.append(head, this.#legend.element, this.#note);
    figure.append(caption, this.#plot.element);
    this.#setUpKeys(this.#plot.element);
    parent.append(figure);
  }

  /**
   * Adds a second: a value for each line, by its name. A new name begins a line; a line that is left out has a gap.
   */
  add(samples: ReadonlyMap<string, Sample>, { note = "", judged }: Remarks = {}): void {
    for (const [name, { color }] of samples) {
      if (this.#lines.has(name)) continue;
      if (this.#lines.size >= LINES_MAX) this.#dropLine(samples);
      this.#lines.set(name, { color, dash: this.#freeDash(), values: new RingBuffer(SAMPLES) });
    }
    for (const [name, { values }] of this.#lines) {
      values.push(samples.get(name)?.value ?? Number.NaN);
      // Gone for two minutes: nothing of it is left to show.
      if (!samples.has(name) && values.toArray().every((value) => value === null)) {
        this.#lines.delete(name);
      }
    }
    this.#newest = samples;
    this.#note.textContent = note;
    this.#judge(judged);
    this.#showLegend();
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
    this.#newest = new Map();
    this.#draw();
  }

  /** The page's colours have changed. */
  updateColors(): void {
    this.#plot.updateColors();
  }

  #draw(): void {
    const lines = Array.from(this.#lines.values(), ({ color, dash, values }) => {
      return { color, dash, values: values.toArray() };
    });
    const values = lines.flatMap((line) => line.values);
    this.#plot.show(lines, scaleMax(values, this.#options.threshold?.value ?? null));
  }

  #judge(measured: number | undefined): void {
    const { threshold, textOf } = this.#options;
    if (threshold === undefined || measured === undefined || Number.isNaN(measured)) {
      delete this.#verdict.dataset["verdict"];
      this.#verdict.textContent = "";
      return;
    }
    const verdict = verdictOf(threshold, measured);
    const text = textOf(threshold.value).replace(/\.0+ /, " ");
    this.#verdict.dataset["verdict"] = verdict;
    this.#verdict.textContent = verdictText(threshold, verdict, text);
  }

  /** The newest values, or those under the cursor. Returns them as text. */
  #showLegend(): string {
    const cursor = this.#cursor;
    const ago = cursor === null ? "" : `${durationText(SAMPLES - 1 - cursor)} ago`;
    this.#title.textContent = [this.#options.title, ago].filter(Boolean).join(", ");
    const values =
      cursor === null
        ? Array.from(this.#newest, ([name, { value }]) => [name, value] as const)
        : Array.from(this.#lines, ([name, line]) => [name, line.values.toArray()[cursor]] as const);
    const entries = values.flatMap(([name, value]) => {
      const line = this.#lines.get(name);
      if (line === undefined || value === null) return [];
      return [{ name, color: line.color, dash: line.dash, text: this.#options.textOf(value) }];
    });
    this.#legend.show(entries);
    const texts = entries.map(({ name, text }) => `${name} ${text}`);
    return `${ago || "now"}: ${texts.join(", ") || "nothing"}`;
  }

  #moveTo(cursor: number | null): void {
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    const text = this.#showLegend();
    const plot = this.#plot.element;
    plot.ariaValueNow = String((cursor ?? SAMPLES - 1) - (SAMPLES - 1));
    plot.ariaValueText = text;
  }

  /** The plot is a slider over its two minutes, so that keyboards and screen readers reach every value. */
  #setUpKeys(plot: HTMLElement): void {
    const last = SAMPLES - 1;
    plot.tabIndex = 0;
    plot.role = "slider";
    plot.ariaLabel = `${this.#options.title}: a moment of the last two minutes, in seconds`;
    plot.ariaValueMin = String(-last);
    plot.ariaValueMax = "0";
    plot.ariaValueNow = "0";
    plot.ariaValueText = "now";
    plot.addEventListener("keydown", (event) => {
      const at = this.#cursor ?? last;
      const moves: Readonly<Record<string, number | null>> = {
        ArrowLeft: at - 1,
        ArrowDown: at - 1,
        ArrowRight: at + 1,
        ArrowUp: at + 1,
        PageDown: at - KEY_PAGE,
        PageUp: at + KEY_PAGE,
        Home: 0,
        End: null,
        Escape: null,
      };
      if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in moves)) return;
      event.preventDefault();
      const to = moves[event.key];
      this.#plot.moveCursor(to === null ? null : Math.min(last, Math.max(0, to)));
    });
    plot.addEventListener("blur", () => this.#plot.moveCursor(null));
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
}

// Chart legend: the name, stroke and newest value of each line.

/** Dash patterns, in pixels drawn and left out, so that lines differ without colour too. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

// A room may have more players than a legend has lines. Their cards have every number.
const LINES_MAX = 4;

export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  readonly dash: readonly number[];
  /** The newest value in words. */
  readonly text: string;
}

export class ChartLegend {
  readonly element = document.createElement("ul");
  #shown = "";
  readonly #texts: HTMLElement[] = [];

  show(entries: readonly LegendEntry[]): void {
    const listed = entries.slice(0, entries.length > LINES_MAX ? LINES_MAX - 1 : LINES_MAX);
    const more = entries.length - listed.length;
    // Usually only the values change, so only their texts are replaced.
    const shown = JSON.stringify([
      listed.map(({ name, color, dash }) => [name, color, dash]),
      more,
    ]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#texts.length = 0;
      this.element.replaceChildren(...listed.map((entry) => this.#item(entry)));
      if (more > 0) this.element.append(textElement("li", `and ${more} more, as on the cards`));
    }
    for (const [index, { text }] of listed.entries()) this.#texts[index].textContent = text;
  }

  #item({ name, color, dash }: LegendEntry): HTMLElement {
    const item = document.createElement("li");
    const text = textElement("span", "");
    this.#texts.push(text);
    item.append(stroke(color, dash), textElement("b", name), text);
    return item;
  }
}

/** A sample of the line as the chart draws it. */
function stroke(color: string, dash: readonly number[]): SVGElement {
  const image = svgElement("svg", { width: "22", height: "8", "aria-hidden": "true" });
  const line = { x1: "0", y1: "4", x2: "22", y2: "4", stroke: color, "stroke-width": "2.5" };
  image.append(svgElement("line", { ...line, "stroke-dasharray": dash.join(" ") }));
  return image;
}

function svgElement(name: "svg" | "line", attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function textElement(tag: "li" | "b" | "span", text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

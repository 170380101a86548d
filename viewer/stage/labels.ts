// Labels: the players' names above their heads. Elements over the canvas: sharp on every screen, and
// what strangers call themselves goes in as text.
import { Vector3 } from "three";
import type { Camera } from "three";

interface Label {
  readonly element: HTMLElement;
  readonly text: HTMLElement;
}

interface Labelled {
  readonly labelPosition: Vector3;
}

export class Labels {
  readonly #holder: HTMLElement;
  readonly #list = document.createElement("div");
  readonly #labels = new Map<string, Label>();
  #width = 0;
  #height = 0;

  constructor(holder: HTMLElement) {
    this.#holder = holder;
    this.#list.className = "stage-labels";
    // The players are listed below, with more than a name.
    this.#list.ariaHidden = "true";
    holder.append(this.#list);
    new ResizeObserver(() => {
      this.#width = holder.clientWidth;
      this.#height = holder.clientHeight;
    }).observe(holder);
  }

  name(id: string, text: string, color: string): void {
    let label = this.#labels.get(id);
    if (label === undefined) {
      const element = document.createElement("p");
      const swatch = document.createElement("i");
      swatch.style.background = color;
      const name = document.createElement("bdi");
      element.append(swatch, name);
      label = { element, text: name };
      this.#labels.set(id, label);
      this.#list.append(element);
    }
    if (label.text.textContent !== text) label.text.textContent = text;
  }

  remove(id: string): void {
    this.#labels.get(id)?.element.remove();
    this.#labels.delete(id);
  }

  /** Puts every name where its player is. */
  update(players: ReadonlyMap<string, Labelled>, camera: Camera): void {
    for (const [id, { element }] of this.#labels) {
      const player = players.get(id);
      const place = player === undefined ? null : this.place(player.labelPosition, camera);
      const transform =
        place === null
          ? "translate(-200vw)"
          : `translate(${place.x.toFixed(1)}px, ${place.y.toFixed(1)}px) translate(-50%, -100%)`;
      if (element.style.transform !== transform) element.style.transform = transform;
    }
  }

  /** Where a point of the room is in the holder, pixels; null if it is out of sight. */
  place(point: Vector3, camera: Camera): { x: number; y: number } | null {
    if (this.#width === 0) {
      this.#width = this.#holder.clientWidth;
      this.#height = this.#holder.clientHeight;
    }
    projected.copy(point).project(camera);
    const { x, y, z } = projected;
    if (!(Math.abs(z) <= 1 && Math.abs(x) < 1.2 && Math.abs(y) < 1.2)) return null;
    return { x: ((x + 1) / 2) * this.#width, y: ((1 - y) / 2) * this.#height };
  }
}

const projected = new Vector3();

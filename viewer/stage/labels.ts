// Labels: the players' names above their heads. They are elements over the canvas: sharp on every screen, and
// safe for names that strangers give themselves. If names would cover each other, the nearest one is shown.
import { Vector3 } from "three";
import type { Camera } from "three";

interface Label {
  readonly element: HTMLElement;
  readonly text: HTMLElement;
  /** Size of the element, pixels; 0 until it is measured. */
  width: number;
  height: number;
  /** x and y: the middle of its lower edge, pixels. z: its depth, -1 (near) to 1. */
  readonly place: Vector3;
}

// Between names side by side, so that they do not read as one.
const GAP_PX = 2;

interface Labelled {
  readonly labelPosition: Vector3;
}

export class Labels {
  readonly #holder: HTMLElement;
  readonly #list = document.createElement("div");
  readonly #labels = new Map<string, Label>();
  // Labels in view in this frame, nearest first, and those that are shown.
  readonly #sorted: Label[] = [];
  readonly #shown: Label[] = [];
  #width = 0;
  #height = 0;

  constructor(holder: HTMLElement) {
    this.#holder = holder;
    this.#list.className = "stage-labels";
    // Screen readers get the players from the cards.
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
      label = { element, text: name, width: 0, height: 0, place: new Vector3() };
      this.#labels.set(id, label);
      this.#list.append(element);
    }
    if (label.text.textContent === text) return;
    label.text.textContent = text;
    label.width = 0;
  }

  remove(id: string): void {
    this.#labels.get(id)?.element.remove();
    this.#labels.delete(id);
  }

  /** Moves names to their players. The name of the followed player is always shown. */
  update(players: ReadonlyMap<string, Labelled>, camera: Camera, followed: string | null): void {
    this.#sorted.length = 0;
    for (const [id, label] of this.#labels) {
      const player = players.get(id);
      const place = player === undefined ? null : this.place(player.labelPosition, camera);
      if (place === null) {
        hide(label);
        continue;
      }
      label.place.set(place.x, place.y, id === followed ? -1 : projected.z);
      this.#sorted.push(label);
    }
    this.#sorted.sort(nearestFirst);
    this.#shown.length = 0;
    for (const label of this.#sorted) {
      if (label.width === 0) {
        label.width = label.element.offsetWidth;
        label.height = label.element.offsetHeight;
      }
      if (this.#shown.some((other) => overlap(label, other))) {
        hide(label);
        continue;
      }
      this.#shown.push(label);
      const { x, y } = label.place;
      move(label, `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%)`);
    }
  }

  /** Where a point of the room appears in the holder, pixels; null if it is out of view. */
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

const nearestFirst = (a: Label, b: Label) => a.place.z - b.place.z;

const hide = (label: Label) => move(label, "translate(-200vw)");

function move({ element }: Label, transform: string): void {
  if (element.style.transform !== transform) element.style.transform = transform;
}

function overlap(a: Label, b: Label): boolean {
  const x = Math.abs(a.place.x - b.place.x);
  const y = Math.abs(a.place.y - b.place.y);
  return x < (a.width + b.width) / 2 + GAP_PX && y < Math.max(a.height, b.height) + GAP_PX;
}

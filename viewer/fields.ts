// Fields: elements that code fills, found by their `data-field`. Text is never read as markup, because
// names and infos come from strangers.
import type { Quantity } from "./quantity.ts";

export class Fields {
  readonly #elements = new Map<string, HTMLElement>();

  constructor(root: ParentNode) {
    for (const element of root.querySelectorAll<HTMLElement>("[data-field]")) {
      this.#elements.set(element.dataset["field"]!, element);
    }
  }

  /** @throws {Error} if the markup has no such field. */
  element(name: string): HTMLElement {
    const element = this.#elements.get(name);
    if (element === undefined) throw new Error(`the markup has no field ${name}`);
    return element;
  }

  /** Changes the document only if the text differs, which keeps selections and does not disturb screen readers. */
  setText(name: string, text: string): void {
    const element = this.element(name);
    if (element.textContent !== text) element.textContent = text;
  }

  setQuantity(name: string, { number, unit }: Quantity): void {
    const element = this.element(name);
    if (element.textContent === `${number} ${unit}`) return;
    const unitElement = document.createElement("small");
    unitElement.textContent = unit;
    element.replaceChildren(`${number} `, unitElement);
  }

  show(name: string, isShown: boolean): void {
    this.element(name).hidden = !isShown;
  }

  /** Shows `text`; null hides the field. */
  setOptional(name: string, text: string | null): void {
    if (text !== null) this.setText(name, text);
    this.show(name, text !== null);
  }
}

// Room guide: what to do in an empty room, over the view: play the demo, or send a body from code.
import { Copyable } from "../copyable.ts";
import type { Fields } from "../fields.ts";
import { setPressed } from "./toggle.ts";
import { snippetsFor } from "./snippets.ts";
import type { Snippet } from "./snippets.ts";

export class RoomGuide {
  readonly #fields: Fields;
  readonly #code: Copyable;
  readonly #languages: HTMLElement;
  #snippets: readonly Snippet[] = [];
  #chosen = 0;
  #url = "";

  /** `play` is called when somebody wants to see the demo. */
  constructor(fields: Fields, play: () => void) {
    this.#fields = fields;
    this.#code = new Copyable(fields.element("guide-code"), "this line");
    this.#languages = fields.element("guide-languages");
    fields.element("guide-play").addEventListener("click", play);
  }

  /** Shows what there is to say of an empty room, with lines that write to the slot at `url`; null: hides it. */
  show(title: string | null, url: string): void {
    this.#fields.show("guide", title !== null);
    if (title === null) return;
    this.#fields.setText("guide-title", title);
    if (url === this.#url) return;
    this.#url = url;
    this.#snippets = snippetsFor(url);
    this.#languages.replaceChildren(
      ...this.#snippets.map((each, index) => this.#button(each, index)),
    );
    this.#choose(this.#chosen);
  }

  #button({ language }: Snippet, index: number): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = language;
    button.addEventListener("click", () => this.#choose(index));
    return button;
  }

  #choose(index: number): void {
    this.#chosen = index;
    const { howTo, code } = this.#snippets[index];
    this.#fields.setText("guide-how", howTo);
    this.#code.text = code;
    for (const [each, button] of [...this.#languages.children].entries()) {
      setPressed(button as HTMLElement, each === index);
    }
  }
}

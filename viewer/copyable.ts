// Copyable: a line of text with a button that copies it.

const THANKS_MS = 1500;

export class Copyable {
  readonly #code = document.createElement("code");
  readonly #label = document.createElement("span");
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Fills `parent`; `what` completes "Copy" for people who cannot see the text beside it. */
  constructor(parent: HTMLElement, what: string) {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => void this.#copy());
    this.#label.textContent = "Copy";
    this.#label.ariaLive = "polite";
    const rest = document.createElement("span");
    rest.className = "unseen";
    rest.textContent = ` ${what}`;
    button.append(this.#label, rest);
    parent.replaceChildren(this.#code, button);
  }

  set text(text: string) {
    if (this.#code.textContent === text) return;
    // A URL too long for its line breaks before its path.
    const parts = text.split(/(?<=https?:\/\/[^/\s]+)(?=\/)/);
    const wrappable = parts.flatMap((part) => [document.createElement("wbr"), part]);
    this.#code.replaceChildren(...wrappable.slice(1));
  }

  async #copy(): Promise<void> {
    // The text stays selected, so it can be copied by hand if no program may.
    getSelection()?.selectAllChildren(this.#code);
    const isCopied = await copySelection(this.#code.textContent);
    this.#label.textContent = isCopied ? "Copied" : "Selected";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#label.textContent = "Copy"), THANKS_MS);
  }
}

async function copySelection(text: string): Promise<boolean> {
  try {
    // Browsers have no clipboard for pages from http://192.168...: there `undefined` throws.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // oxlint-disable-next-line typescript/no-deprecated -- the only way on a page without TLS.
    return document.execCommand("copy");
  }
}

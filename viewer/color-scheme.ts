// Colour scheme: light or dark, by the system's setting until the button is used.

const KEY = "avatar-sync.color-scheme";
const DARK = matchMedia("(prefers-color-scheme: dark)");

type Scheme = "light" | "dark";

export class ColorScheme {
  readonly #listeners: (() => void)[] = [];
  readonly #button: HTMLElement;

  constructor(button: HTMLElement) {
    this.#button = button;
    const kept = read();
    if (kept !== null) document.documentElement.dataset["scheme"] = kept;
    button.addEventListener("click", () => this.#toggle());
    DARK.addEventListener("change", () => this.#show());
    this.#show();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get #scheme(): Scheme {
    const chosen = document.documentElement.dataset["scheme"] as Scheme | undefined;
    return chosen ?? (DARK.matches ? "dark" : "light");
  }

  #toggle(): void {
    const scheme = this.#scheme === "dark" ? "light" : "dark";
    document.documentElement.dataset["scheme"] = scheme;
    write(scheme);
    this.#show();
  }

  #show(): void {
    this.#button.textContent = this.#scheme === "dark" ? "Light colours" : "Dark colours";
    for (const listener of this.#listeners) listener();
  }
}

// A browser may refuse to store anything. The choice then lasts as long as the page.
function read(): Scheme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

function write(scheme: Scheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // See `read`.
  }
}

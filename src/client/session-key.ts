// The key of this side's session, and where it is kept for the next page or process.
//
// A page takes the key out of its storage, and puts it back when it is left. So a reloaded page finds the key, and a
// duplicated tab, whose session storage is a copy, does not: two tabs never fight over one session.
import type { PageWindow } from "./page-life.ts";

/** Where keys are kept: `sessionStorage`, `localStorage`, or an object of your own with the same methods. */
export interface KeyStorage {
  getItem(name: string): string | null;
  setItem(name: string, key: string): void;
  removeItem(name: string): void;
}

export class SessionKey {
  readonly #storage: KeyStorage | null;
  readonly #name: string;
  readonly #isOfPage: boolean;
  #value: string;

  /**
   * Takes the stored key of this name, unless `given` is one; makes one if there is none.
   * @param options.isOfPage whether a page will say when it is left. Elsewhere the key is stored at once, because
   * a process that is killed says nothing.
   */
  constructor(options: {
    storage: KeyStorage | null;
    name: string;
    given: string | undefined;
    isOfPage: boolean;
  }) {
    this.#storage = options.storage;
    this.#name = options.name;
    this.#isOfPage = options.isOfPage;
    const stored = attempt(() => this.#storage?.getItem(this.#name));
    // 128 random bits. Not `randomUUID`, which pages without TLS do not have.
    const made = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.#value = options.given ?? stored ?? made();
    this.use();
  }

  get value(): string {
    return this.#value;
  }

  /** The server has another one for this session. */
  set value(key: string) {
    this.#value = key;
    this.use();
  }

  /** This page uses the key: no copy of its storage has it. */
  use(): void {
    if (this.#isOfPage) this.forget();
    else this.keep();
  }

  /** Leaves the key to whoever comes next. */
  keep(): void {
    attempt(() => this.#storage?.setItem(this.#name, this.#value));
  }

  /** The session has ended, and nobody needs its key. */
  forget(): void {
    attempt(() => this.#storage?.removeItem(this.#name));
  }
}

/** The page's session storage; null without a page, and where the browser forbids it. */
export function pageStorage(page: PageWindow | null): KeyStorage | null {
  if (page === null) return null;
  return attempt(() => (page as { sessionStorage?: KeyStorage }).sessionStorage) ?? null;
}

/** What `use` returns. A storage throws where it is full or forbidden: the session then has no key for a reload. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

// Announcer: tells screen readers what has changed, and no more: rates and ages stay silent.

// Of a crowd that comes and goes, more would never be read to the end.
const SENTENCES_MAX = 3;

export class Announcer {
  readonly #region: HTMLElement;

  /** `region` is an element with role `status`. */
  constructor(region: HTMLElement) {
    this.#region = region;
  }

  say(sentences: readonly string[]): void {
    if (sentences.length === 0) return;
    const more = sentences.length - SENTENCES_MAX;
    const said = sentences.slice(0, SENTENCES_MAX).join(" ");
    this.#region.textContent = more > 0 ? `${said} And ${more} more.` : said;
  }
}

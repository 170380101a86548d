// Announcer: tells screen readers what has changed. Rates and ages are not announced.

// In a busy room, a screen reader would never get to the end of more.
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

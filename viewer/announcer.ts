// Announcer: tells screen readers what has changed, and no more: rates and ages stay silent.

export class Announcer {
  readonly #region: HTMLElement;

  /** `region` is an element with role `status`. */
  constructor(region: HTMLElement) {
    this.#region = region;
  }

  say(sentences: readonly string[]): void {
    if (sentences.length > 0) this.#region.textContent = sentences.join(" ");
  }
}

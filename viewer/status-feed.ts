// Status feed: asks the server for its status, again and again while the page is visible.
import { fetchServerStatus } from "./server-status.ts";
import type { ServerStatus } from "./server-status.ts";

/** What the page knows of its server. */
export type ServerView =
  | { readonly state: "reachable"; readonly status: ServerStatus }
  /** `lastAnswer`: when the server last answered this page; null if it never did. */
  | { readonly state: "unreachable"; readonly reason: string; readonly lastAnswer: Date | null };

// Twice a second looks live and costs the server next to nothing.
const INTERVAL_MS = 500;
// A server that is being restarted is back on the page within a second of its return.
const RETRY_MS = 1000;

export class StatusFeed {
  readonly #show: (view: ServerView) => void;
  readonly #room: () => string;
  #lastAnswer: Date | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  /** `show` is called after every question; `room` says whose players to ask for. */
  constructor(room: () => string, show: (view: ServerView) => void) {
    this.#room = room;
    this.#show = show;
  }

  start(): void {
    document.addEventListener("visibilitychange", () => this.#resume());
    // The machine's network is back: no need to wait for the retry.
    window.addEventListener("online", () => this.#resume());
    this.#resume();
  }

  /** Asks now, because another room was chosen. */
  refresh(): void {
    this.#resume();
  }

  #resume(): void {
    clearTimeout(this.#timer);
    if (!document.hidden && !this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const room = this.#room();
    const view = await this.#view(room);
    this.#isAsking = false;
    if (!document.hidden) {
      const delayMs = view.state === "reachable" ? INTERVAL_MS : RETRY_MS;
      this.#timer = setTimeout(() => this.#resume(), delayMs);
    }
    // If another room was chosen meanwhile, these are not its players.
    if (room === this.#room()) this.#show(view);
  }

  async #view(room: string): Promise<ServerView> {
    try {
      const status = await fetchServerStatus(room);
      this.#lastAnswer = new Date();
      return { state: "reachable", status };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { state: "unreachable", reason, lastAnswer: this.#lastAnswer };
    }
  }
}

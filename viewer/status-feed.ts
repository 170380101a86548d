// Status feed: asks the server for its status, again and again while the page is visible.
import { AskError } from "./ask.ts";
import { fetchServerStatus } from "./server-status.ts";
import type { ServerStatus } from "./server-status.ts";

/** What the page knows of its server. `silentSeconds`: since its last answer; null if there was none yet. */
export type ServerView =
  | { readonly state: "reachable"; readonly status: ServerStatus }
  /** The answer is late: the server is busy, or the page is. */
  | { readonly state: "slow"; readonly silentSeconds: number | null }
  | {
      readonly state: "unreachable";
      readonly reason: string;
      readonly silentSeconds: number | null;
    };

// Twice a second looks live and costs the server next to nothing.
const INTERVAL_MS = 500;
// A server that is being restarted is back on the page within a second of its return.
const RETRY_MS = 1000;
// From then on the page says that its numbers are old.
const SLOW_AFTER_MS = 3000;
// One question without an answer in time says little: the page may have been busy itself.
const LATE_ANSWERS_MAX = 2;

export class StatusFeed {
  readonly #show: (view: ServerView) => void;
  readonly #room: () => string;
  #answeredMs: number | null = null;
  #lateAnswers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  /** `show` is called after every question, and while one waits; `room` says whose players to ask for. */
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
    const askedMs = performance.now();
    const waiting = setInterval(() => {
      if (performance.now() - askedMs >= SLOW_AFTER_MS && this.#lateAnswers < LATE_ANSWERS_MAX) {
        this.#show(this.#slowView());
      }
    }, RETRY_MS);
    const view = await this.#view(room);
    clearInterval(waiting);
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
      this.#answeredMs = performance.now();
      this.#lateAnswers = 0;
      return { state: "reachable", status };
    } catch (error) {
      const failure = error instanceof AskError ? error.failure : "failed";
      if (failure === "late") this.#lateAnswers++;
      const isLate = failure === "late" && this.#lateAnswers < LATE_ANSWERS_MAX;
      if (isLate || failure === "busy") return this.#slowView();
      const reason = error instanceof Error ? error.message : String(error);
      return { state: "unreachable", reason, silentSeconds: this.#silentSeconds };
    }
  }

  #slowView(): ServerView {
    return { state: "slow", silentSeconds: this.#silentSeconds };
  }

  get #silentSeconds(): number | null {
    return this.#answeredMs === null ? null : (performance.now() - this.#answeredMs) / 1000;
  }
}

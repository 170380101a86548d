// The server's log: one line an event. What repeats is counted, so that a flood of anything is a few lines. Values are
// ids, addresses, codes and numbers: never a token, a pose, or a text of a stranger's.

export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
type LineLevel = Exclude<LogLevel, "off">;

/** What a line says besides its event. Undefined is left out. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

export interface LogOptions {
  /** Lines below this level are not written. */
  readonly level: LogLevel;
  /** Lines for people; else one JSON object a line. */
  readonly isForPeople: boolean;
  readonly write: (line: string) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

// Lines of one event in a window. A person reads no more, and a disk is not filled.
const WINDOW_MS = 10_000;
const LINES_MAX = 50;
// A fault comes again for the same reason: one line has all that there is to know.
const FAULT_LINES_MAX = 1;
// Different faults at once. Their messages may differ endlessly, e.g. by a number.
const FAULTS_MAX = 100;

interface Window {
  readonly level: LineLevel;
  readonly event: string;
  readonly endMs: number;
  lines: number;
  heldBack: number;
}

export class Log {
  readonly #options: LogOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: LogOptions) {
    this.#options = options;
  }

  debug(event: string, fields?: LogFields): void {
    this.#add({ level: "debug", event, key: event, linesMax: LINES_MAX }, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#add({ level: "info", event, key: event, linesMax: LINES_MAX }, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#add({ level: "warn", event, key: event, linesMax: LINES_MAX }, fields);
  }

  /** A bug of ours. The same one again within ten seconds is only counted. */
  fault(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const place = this.#windows.size < FAULTS_MAX ? text : "others";
    const line = {
      level: "error",
      event: "fault",
      key: `fault ${place}`,
      linesMax: FAULT_LINES_MAX,
    };
    this.#add({ ...line, level: "error" }, { error: text });
  }

  /** Tells how much was held back, of windows that are over. Call it every second or so. */
  sweep(): void {
    const nowMs = this.#options.now();
    for (const [key, window] of this.#windows) {
      if (nowMs < window.endMs) continue;
      this.#windows.delete(key);
      this.#tellHeldBack(window);
    }
  }

  /** Tells all that was held back. */
  flush(): void {
    for (const window of this.#windows.values()) this.#tellHeldBack(window);
    this.#windows.clear();
  }

  #add(
    line: {
      readonly level: LineLevel;
      readonly event: string;
      readonly key: string;
      readonly linesMax: number;
    },
    fields: LogFields = {},
  ): void {
    const { level, event, key, linesMax } = line;
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#options.level)) return;
    const nowMs = this.#options.now();
    let window = this.#windows.get(key);
    if (window === undefined || nowMs >= window.endMs) {
      if (window !== undefined) this.#tellHeldBack(window);
      window = { level, event, endMs: nowMs + WINDOW_MS, lines: 0, heldBack: 0 };
      this.#windows.set(key, window);
    }
    if (window.lines >= linesMax) window.heldBack++;
    else {
      window.lines++;
      this.#write(level, event, fields);
    }
  }

  #tellHeldBack({ level, event, heldBack }: Window): void {
    if (heldBack > 0) this.#write(level, event, { repeated: heldBack });
  }

  #write(level: LineLevel, event: string, fields: LogFields): void {
    const { isForPeople, now, write } = this.#options;
    const time = new Date(now()).toISOString();
    write(
      isForPeople
        ? lineForPeople(time, level, event, fields)
        : `${JSON.stringify({ time, level, event, ...fields })}\n`,
    );
  }
}

function lineForPeople(time: string, level: LineLevel, event: string, fields: LogFields): string {
  const said = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${shown(value!)}`);
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${event}${said.join("")}\n`;
}

function shown(value: string | number): string {
  const text = String(value);
  return /^[\w.:[\]/-]+$/.test(text) ? text : JSON.stringify(text);
}

/** A log on the standard error stream. */
export function standardLog(level: LogLevel): Log {
  return new Log({
    level,
    isForPeople: process.stderr.isTTY,
    write: (line) => process.stderr.write(line),
    now: Date.now,
  });
}

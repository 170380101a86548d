// A benchmark as a command: a summary, its help, and a function that runs it.
import { UsageError } from "../src/flags.ts";

export interface Command {
  readonly summary: string;
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

/** A report for people: one line for each property. */
export function rowsOf(report: object): string {
  const rows = Object.entries(report) as [string, unknown][];
  return rows
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name.padEnd(20)}${text}`;
    })
    .join("\n");
}

/** The value of a flag in seconds. @throws {UsageError} if it is not a number of seconds. */
export function parseSeconds(text: string, flag: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && seconds <= SECONDS_MAX) return seconds;
  throw new UsageError(`${flag} ${text}: expected seconds, more than 0 and ${SECONDS_MAX} at most`);
}

const SECONDS_MAX = 600;

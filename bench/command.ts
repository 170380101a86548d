// What a benchmark is to the command line: a summary, its help, and a function that runs it.
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

export interface Command {
  readonly summary: string;
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

/** A command that cannot run as it was asked to: one line for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Node's parseArgs, strict. @throws {UsageError} for an unknown or incomplete flag. */
export function parseFlags<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    // Node's message goes on to explain dashes in a second sentence.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(/\. |\n/)[0]);
  }
}

/** A report for people: a line a property. */
export function rowsOf(report: object): string {
  const rows = Object.entries(report) as [string, unknown][];
  return rows
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name.padEnd(20)}${text}`;
    })
    .join("\n");
}

/** The value of a flag in seconds. @throws {UsageError} where it is not one. */
export function parseSeconds(text: string, flag: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && seconds <= SECONDS_MAX) return seconds;
  throw new UsageError(`${flag} ${text}: expected seconds, more than 0 and ${SECONDS_MAX} at most`);
}

/** The value of a flag as a whole number. @throws {UsageError} where it is not one, or out of range. */
export function parseWhole(text: string, flag: string, { min, max }: { min: number; max: number }) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`${flag} ${text}: expected a whole number from ${min} to ${max}`);
}

const SECONDS_MAX = 600;

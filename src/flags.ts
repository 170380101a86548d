// Flags of a command line. A wrong one is refused in one line that names it.
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

/** The command line asks for something that cannot be done. The message is one line for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Node's parseArgs, strict. @throws {UsageError} for an unknown or incomplete flag. */
export function parseFlags<T extends ParseArgsConfig>(args: readonly string[], config: T) {
  try {
    return parseArgs({ ...config, args: [...args], strict: true });
  } catch (error) {
    // Node's message explains dashes in a second sentence, which is left out.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(/\. |\n/)[0]);
  }
}

/**
 * The value of a flag or a variable, which `source` names, as a whole number.
 * @throws {UsageError} if it is not one, or out of range.
 */
export function parseWhole(
  text: string,
  source: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`${source} ${text}: expected a whole number from ${min} to ${max}`);
}

// Checks what `connect` is called with. A server would ignore a wrong option or end the connection, later and in
// words of the protocol.
import { STREAM_FORMATS } from "../codec/format.ts";
import { COORDINATE_SYSTEMS, RESUME_KEY_LENGTH } from "../protocol/index.ts";

/** The options that have few values. Programs in JavaScript may pass others. */
interface CheckedOptions {
  readonly format?: unknown;
  readonly layers?: unknown;
  readonly coordinateSystem?: unknown;
  readonly resumeKey?: unknown;
}

const LAYERS = [1, 2, 3];

/** @throws {TypeError} for an option of another type; {RangeError} for one of another value. */
export function checkConnectOptions(options: CheckedOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options ${shown(options)}: expected an object such as { player: "ann" }`);
  }
  checkChoice("format", options.format, STREAM_FORMATS);
  checkChoice("layers", options.layers, LAYERS);
  checkChoice("coordinateSystem", options.coordinateSystem, COORDINATE_SYSTEMS);
  const { resumeKey } = options;
  if (resumeKey === undefined) return;
  // A server replaces a key that it does not accept, so that it would resume nothing later.
  const { min, max } = RESUME_KEY_LENGTH;
  const expected = `expected a secret text of ${min} to ${max} characters`;
  // The key is a secret: messages end up in logs.
  if (typeof resumeKey !== "string") throw new TypeError(`resumeKey: ${expected}`);
  if (resumeKey.length >= min && resumeKey.length <= max) return;
  throw new RangeError(`resumeKey of ${resumeKey.length} characters: ${expected}`);
}

function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return;
  const message = `${name} ${shown(value)}: expected ${choices.map(shown).join(", ")}`;
  throw typeof value === typeof choices[0] ? new RangeError(message) : new TypeError(message);
}

/** As one would write it in a program, so that "3" is not 3. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

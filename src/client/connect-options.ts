// Checks what `connect` is called with. A server would ignore a wrong option or end the connection, later and in
// words of the protocol.
import { STREAM_FORMATS } from "../codec/format.ts";
import { COORDINATE_SYSTEMS, RESUME_KEY_LENGTH } from "../protocol/index.ts";

/** The options that have few values. Programs in JavaScript may pass others. */
interface CheckedOptions {
  readonly format?: unknown;
  readonly layers?: unknown;
  readonly errorMetres?: unknown;
  readonly coordinateSystem?: unknown;
  readonly resumeKey?: unknown;
}

const LAYERS = [1, 2, 3];
// A tenth of a millimetre is below what trackers tell; a metre is more than a limb.
const ERROR_METRES_MIN = 0.0001;
const ERROR_METRES_MAX = 1;

/** @throws {TypeError} for an option of another type; {RangeError} for one of another value. */
export function checkConnectOptions(options: CheckedOptions): void {
  checkChoice("format", options.format, STREAM_FORMATS);
  checkChoice("layers", options.layers, LAYERS);
  checkChoice("coordinateSystem", options.coordinateSystem, COORDINATE_SYSTEMS);
  checkErrorMetres(options.errorMetres);
  const { resumeKey } = options;
  if (resumeKey === undefined) return;
  // A server replaces a key that it does not accept, so that it would resume nothing later.
  const { min, max } = RESUME_KEY_LENGTH;
  // The key is a secret, and messages end up in logs.
  const message = `resumeKey: expected ${min} to ${max} characters`;
  if (typeof resumeKey !== "string") throw new TypeError(message);
  if (resumeKey.length < min || resumeKey.length > max) throw new RangeError(message);
}

function checkErrorMetres(errorMetres: unknown): void {
  if (errorMetres === undefined) return;
  const message = `errorMetres ${JSON.stringify(errorMetres)}: expected 0.0001 to 1`;
  if (typeof errorMetres !== "number") throw new TypeError(message);
  if (!(errorMetres >= ERROR_METRES_MIN && errorMetres <= ERROR_METRES_MAX)) {
    throw new RangeError(message);
  }
}

function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return;
  // In JSON "3" is not 3.
  const message = `${name} ${JSON.stringify(value)}: expected one of ${JSON.stringify(choices)}`;
  throw typeof value === typeof choices[0] ? new RangeError(message) : new TypeError(message);
}

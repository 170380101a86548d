// Settings from a program: the same table as for flags, but values have types and names may be misspelt.
import { DEFAULT_CONFIG, expectation, SETTINGS } from "./config.ts";
import type { ServerConfig, Setting } from "./config.ts";

/** Names of all settings. */
export const SETTING_NAMES = Object.keys(SETTINGS) as (keyof ServerConfig)[];

/** What differs from the command: a program has its own way to tell people what happens. */
export const DEFAULTS_OF_PROGRAMS = { logLevel: "warn" } as const;

/**
 * The settings that `options` name, and the defaults of the others.
 * @param known what `options` may name besides settings are names too; a misspelt one would change nothing.
 * @throws {TypeError} for an unknown name or a value of another type; {RangeError} for one out of range.
 */
export function configOf(options: Partial<ServerConfig>, known: readonly string[]): ServerConfig {
  checkNames(options, known);
  const config: Record<string, unknown> = { ...DEFAULT_CONFIG, ...DEFAULTS_OF_PROGRAMS };
  for (const name of SETTING_NAMES) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    checkSetting(name, value);
    config[name] = value;
  }
  return config as unknown as ServerConfig;
}

/** @throws {TypeError} if `options` are no object, or name what is not `known`. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options ${shown(options)}: expected an object such as { ${known[0]}: … }`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(`there is no option ${name}: expected ${known.join(", ")}`);
  }
}

/** @throws {TypeError} for a value of another type; {RangeError} for one out of range. */
export function checkSetting(name: keyof ServerConfig, value: unknown): void {
  const setting = SETTINGS[name];
  const message = `${name} ${shown(value)}: expected ${expectation(setting)}`;
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === "string");
  const isOfType = setting.kind === "list" ? isList : typeof value === typeof DEFAULT_CONFIG[name];
  if (!isOfType) throw new TypeError(message);
  if (!isInRange(setting, value)) throw new RangeError(message);
}

function isInRange(setting: Setting, value: unknown): boolean {
  switch (setting.kind) {
    case "text":
      return String(value).trim() !== "";
    case "whole number":
      return (
        Number.isInteger(value) && Number(value) >= setting.min && Number(value) <= setting.max
      );
    case "choice":
      return setting.choices.includes(String(value));
    case "list":
      return (value as readonly string[]).every(setting.isEntry);
    case "switch":
      return true;
  }
}

/** As one would write it in a program, so that "8080" is not 8080. */
function shown(value: unknown): string {
  return typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

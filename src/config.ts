// The server's settings: one table for flags, environment, defaults and --help.
import { FORMATS } from "./codec/format.ts";
import type { Format } from "./codec/index.ts";
import { parseFlags, parseWhole, UsageError } from "./flags.ts";
import { DEFAULT_HUB_OPTIONS } from "./hub/hub.ts";

/** Settings of `startServer`, each with a default. */
export interface ServerConfig {
  /** The address to listen on. 0.0.0.0 means every network of this machine. */
  readonly host: string;
  /** The port to listen on. 0 takes a free one. */
  readonly port: number;
  /** The format for requests that name none. */
  readonly format: Format;
  /** Whether recorded motion is played into player1 and player2 until somebody posts there. */
  readonly demo: boolean;
  /** Largest body of a request, and largest frame over a stream, in bytes. Default 1 MiB. */
  readonly bodyBytesMax: number;
  /** Most bones of a frame. */
  readonly bonesMax: number;
  /** Most blend shapes of a frame. */
  readonly blendShapesMax: number;
  /** Most rooms at once. */
  readonly roomsMax: number;
  /** Most players of one room. */
  readonly playersMax: number;
  /** Most requests under way at once. */
  readonly requestsMax: number;
  /** Most streaming connections at once. */
  readonly connectionsMax: number;
  /** Ticks a second of rooms of more than 4 players, 0 to 120. 0 means no ticks: frames are sent at once. */
  readonly tickHz: number;
  /** With more players in a room than this, each receiver is sent only those whom it has in sight. */
  readonly crowdAbove: number;
  /** How long a room other than `default` exists without a connection or a POST. */
  readonly roomIdleSeconds: number;
}

/** The default of each setting. */
export const DEFAULT_CONFIG: ServerConfig = {
  host: "0.0.0.0",
  port: 8080,
  format: "json",
  demo: false,
  bodyBytesMax: 1024 * 1024,
  bonesMax: DEFAULT_HUB_OPTIONS.bonesMax,
  blendShapesMax: DEFAULT_HUB_OPTIONS.blendShapesMax,
  roomsMax: DEFAULT_HUB_OPTIONS.roomsMax,
  playersMax: DEFAULT_HUB_OPTIONS.playersMax,
  requestsMax: 4096,
  connectionsMax: 2000,
  tickHz: DEFAULT_HUB_OPTIONS.tickHz,
  crowdAbove: DEFAULT_HUB_OPTIONS.crowdAbove,
  roomIdleSeconds: DEFAULT_HUB_OPTIONS.roomIdleMs / 1000,
};

/** What a setting may be, wherever it comes from. */
export type Setting = {
  readonly flag: string;
  readonly help: string;
} & (
  | { readonly kind: "text"; readonly value: string }
  | {
      readonly kind: "whole number";
      readonly value: string;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "choice"; readonly value: string; readonly choices: readonly string[] }
  | { readonly kind: "switch" }
);

const count = (value: string, max = 1_000_000) =>
  ({ kind: "whole number", value, min: 1, max }) as const;

export const SETTINGS: { readonly [key in keyof ServerConfig]: Setting } = {
  host: { flag: "host", kind: "text", value: "H", help: "address to listen on" },
  port: {
    flag: "port",
    kind: "whole number",
    value: "P",
    min: 0,
    max: 65535,
    help: "port to listen on; 0 takes a free one",
  },
  format: {
    flag: "format",
    kind: "choice",
    value: "F",
    choices: FORMATS,
    help: "json or binary, for requests that name none",
  },
  demo: { flag: "demo", kind: "switch", help: "play recorded motion into player1 and player2" },
  bodyBytesMax: {
    flag: "max-body-bytes",
    ...count("N", 64 * 1024 * 1024),
    help: "largest body of a request, in bytes",
  },
  bonesMax: { flag: "max-bones", ...count("N"), help: "most bones of a frame" },
  blendShapesMax: { flag: "max-blend-shapes", ...count("N"), help: "most blend shapes of a frame" },
  roomsMax: { flag: "max-rooms", ...count("N"), help: "most rooms at once" },
  playersMax: { flag: "max-players", ...count("N"), help: "most players of a room" },
  requestsMax: { flag: "max-requests", ...count("N"), help: "most requests under way at once" },
  connectionsMax: {
    flag: "max-connections",
    ...count("N"),
    help: "most streaming connections at once",
  },
  tickHz: {
    flag: "tick-hz",
    kind: "whole number",
    value: "HZ",
    min: 0,
    max: 120,
    help: "ticks a second of rooms of more than 4 players; 0 sends at once",
  },
  crowdAbove: {
    flag: "crowd-above",
    ...count("N"),
    help: "players of a room up to which everybody is sent everybody",
  },
  roomIdleSeconds: {
    flag: "room-idle-seconds",
    ...count("S", 7 * 86_400),
    help: "how long a room exists without a connection or a POST",
  },
};

const ENTRIES = Object.entries(SETTINGS) as [keyof ServerConfig, Setting][];

const OPTIONS = Object.fromEntries(
  ENTRIES.map(([, { flag, kind }]) => [
    flag,
    { type: kind === "switch" ? ("boolean" as const) : ("string" as const) },
  ]),
);

const environmentName = (flag: string) => `AVATAR_SYNC_${flag.toUpperCase().replaceAll("-", "_")}`;

/**
 * The settings from flags and environment. A flag takes precedence over the environment.
 * @throws {UsageError} that names the flag or value, if the flag is unknown or the value out of range.
 */
export function parseConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServerConfig {
  const flags: Record<string, string | boolean | undefined> = parseFlags(args, {
    options: OPTIONS,
  }).values;
  const config: Record<string, unknown> = { ...DEFAULT_CONFIG };
  for (const [key, setting] of ENTRIES) {
    const fromFlag = flags[setting.flag];
    const variable = environmentName(setting.flag);
    const fromEnvironment = environment[variable];
    if (fromFlag !== undefined) {
      config[key] =
        typeof fromFlag === "boolean"
          ? fromFlag
          : parseValue(setting, fromFlag, `--${setting.flag}`);
    } else if (fromEnvironment !== undefined && fromEnvironment !== "") {
      config[key] = parseValue(setting, fromEnvironment, variable);
    }
  }
  return config as unknown as ServerConfig;
}

/** The lines of --help that list the settings. */
export function settingsHelp(): string {
  const rows = ENTRIES.map(([key, setting]) => {
    const flag = setting.kind === "switch" ? setting.flag : `${setting.flag} ${setting.value}`;
    const isPlain = setting.kind === "switch";
    const help = isPlain ? setting.help : `${setting.help} (${String(DEFAULT_CONFIG[key])})`;
    return [`--${flag}`, help] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join("\n");
}

function parseValue(setting: Setting, text: string, source: string): unknown {
  switch (setting.kind) {
    case "text":
      if (text.trim() !== "") return text;
      break;
    case "whole number":
      return parseWhole(text, source, setting);
    case "choice":
      if (setting.choices.includes(text)) return text;
      break;
    case "switch":
      if (text === "1" || text === "true") return true;
      if (text === "0" || text === "false") return false;
  }
  throw new UsageError(`${source} ${text}: expected ${expectation(setting)}`);
}

/** What a setting must be, in words that follow "expected". */
export function expectation(setting: Setting): string {
  switch (setting.kind) {
    case "text":
      return "an address";
    case "whole number":
      return `a whole number from ${setting.min} to ${setting.max}`;
    case "choice":
      return setting.choices.join(" or ");
    case "switch":
      return "true or false";
  }
}

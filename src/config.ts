// The server's settings: one table for flags, environment, defaults and --help.
import { HOST_EXPECTATION, isHostPattern } from "./access/hosts.ts";
import { isOriginPattern, ORIGIN_EXPECTATION } from "./access/origins.ts";
import { FORMATS } from "./codec/format.ts";
import type { Format } from "./codec/index.ts";
import { parseFlags, parseWhole, UsageError } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";
import type { LogLevel } from "./log.ts";
import { DEFAULT_HUB_OPTIONS } from "./hub/hub.ts";

/** Settings of `startServer`, each with a default. */
export interface ServerConfig {
  /** The address to listen on. 0.0.0.0 means every network of this machine. */
  readonly host: string;
  /** The port to listen on. 0 takes a free one. */
  readonly port: number;
  /** The format for requests that name none. */
  readonly format: Format;
  /**
   * Origins whose web pages may read, write and join, e.g. `https://app.example.org`, `https://*.example.org`,
   * `http://localhost:*`. Empty: those of any origin.
   */
  readonly allowOrigins: readonly string[];
  /**
   * Names that the server answers to, e.g. `avatars.example.org`, besides localhost. Empty: to any, or with `allowOrigins` to
   * its addresses and the hosts of those origins.
   */
  readonly allowHosts: readonly string[];
  /** What the log on the standard error stream says. In a program of yours the default is `warn`. */
  readonly logLevel: LogLevel;
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
  /** Bytes of request bodies that are being read at once, declared or not. */
  readonly bodyBytesUnderWayMax: number;
  /** Percent of the bounds on connections, bodies and their bytes that one address may hold (IPv6: one /64). */
  readonly addressSharePercent: number;
  /** Streaming connections that one address may open a second; five times as many at once. */
  readonly joinsPerSecondMax: number;
  /** Requests of one address a second. */
  readonly requestsPerSecondMax: number;
  /** Whether a proxy before the server says in X-Forwarded-For who asks. */
  readonly trustProxy: boolean;
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
  allowOrigins: [],
  allowHosts: [],
  logLevel: "info",
  demo: false,
  bodyBytesMax: 1024 * 1024,
  bonesMax: DEFAULT_HUB_OPTIONS.bonesMax,
  blendShapesMax: DEFAULT_HUB_OPTIONS.blendShapesMax,
  roomsMax: DEFAULT_HUB_OPTIONS.roomsMax,
  playersMax: DEFAULT_HUB_OPTIONS.playersMax,
  requestsMax: 4096,
  connectionsMax: 2000,
  bodyBytesUnderWayMax: 128 * 1024 * 1024,
  addressSharePercent: 80,
  joinsPerSecondMax: 200,
  requestsPerSecondMax: 50_000,
  trustProxy: false,
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
  | {
      readonly kind: "list";
      readonly value: string;
      readonly isEntry: (text: string) => boolean;
      readonly expected: string;
    }
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
  allowOrigins: {
    flag: "allow-origin",
    kind: "list",
    value: "O",
    isEntry: isOriginPattern,
    expected: ORIGIN_EXPECTATION,
    help: "origin whose web pages may read and write; several: repeat it",
  },
  allowHosts: {
    flag: "allow-host",
    kind: "list",
    value: "H",
    isEntry: isHostPattern,
    expected: HOST_EXPECTATION,
    help: "name that the server answers to; several: repeat it",
  },
  logLevel: {
    flag: "log-level",
    kind: "choice",
    value: "L",
    choices: LOG_LEVELS,
    help: `${LOG_LEVELS.slice(0, -1).join(", ")} or off`,
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
  bodyBytesUnderWayMax: {
    flag: "max-body-bytes-under-way",
    ...count("N", 4 * 1024 ** 3),
    help: "bytes of bodies being read at once",
  },
  addressSharePercent: {
    flag: "address-share",
    ...count("PERCENT", 100),
    help: "percent of each bound that one address may hold",
  },
  joinsPerSecondMax: {
    flag: "max-joins-per-second",
    ...count("N"),
    help: "streaming connections that one address opens a second",
  },
  requestsPerSecondMax: {
    flag: "max-requests-per-second",
    ...count("N"),
    help: "requests of one address a second",
  },
  trustProxy: {
    flag: "trust-proxy",
    kind: "switch",
    help: "a proxy before the server says in X-Forwarded-For who asks",
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
    {
      type: kind === "switch" ? ("boolean" as const) : ("string" as const),
      multiple: kind === "list",
    },
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
  const flags: Record<string, string | boolean | readonly (string | boolean)[] | undefined> =
    parseFlags(args, {
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
          : parseValue(setting, String(fromFlag), `--${setting.flag}`);
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
    const value = setting.kind === "list" ? "any" : String(DEFAULT_CONFIG[key]);
    const help = isPlain ? setting.help : `${setting.help} (${value})`;
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
    case "list": {
      // In the environment, and where a flag is repeated, commas are between them.
      const entries = text.split(",").map((entry) => entry.trim());
      if (entries.every(setting.isEntry)) return entries;
      break;
    }
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
    case "list":
      return setting.expected;
    case "switch":
      return "true or false";
  }
}

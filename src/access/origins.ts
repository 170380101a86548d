// Which web pages may use this server: patterns of origins, as browsers name them.

const PATTERN =
  /^([a-z][a-z0-9+.-]*):\/\/(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(:(?:\d{1,5}|\*))?$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: ":80", https: ":443" };

/** What a pattern must be, in words that follow "expected". */
export const ORIGIN_EXPECTATION =
  "origins such as https://app.example.org, https://*.example.org or http://localhost:*";

/** Whether `pattern` is `*`, `null`, or an origin whose host may begin with `*.` and whose port may be `*`. */
export function isOriginPattern(pattern: string): boolean {
  return pattern === "*" || pattern === "null" || PATTERN.test(pattern.toLowerCase());
}

/** The hosts that patterns name, without wildcards. */
export function hostsOf(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const host = PATTERN.exec(pattern.toLowerCase())?.[2];
    return host === undefined || host.includes("*") ? [] : [host];
  });
}

/** Tells which origins are allowed: those that match a pattern, or all if there is none. */
export class Origins {
  /** Every web page is allowed. */
  readonly isOpen: boolean;
  readonly #expressions: readonly RegExp[];

  constructor(patterns: readonly string[]) {
    this.isOpen = patterns.length === 0 || patterns.includes("*");
    this.#expressions = patterns.map((pattern) => expressionOf(pattern.toLowerCase()));
  }

  /** `origin` is what a browser sent, e.g. `https://app.example.org`, or `null` of a file. */
  allows(origin: string): boolean {
    const named = origin.toLowerCase();
    return this.isOpen || this.#expressions.some((expression) => expression.test(named));
  }
}

function expressionOf(pattern: string): RegExp {
  const [, scheme = "", host = "", port = ""] = PATTERN.exec(pattern) ?? [];
  if (scheme === "") return new RegExp(`^${RegExp.escape(pattern)}$`);
  const hosts = host.startsWith("*")
    ? `[a-z0-9_.-]+${RegExp.escape(host.slice(1))}`
    : RegExp.escape(host);
  // A browser leaves out its scheme's own port.
  const isDefault = port === DEFAULT_PORTS[scheme];
  const ports = port === ":*" ? "(:\\d+)?" : isDefault ? "" : RegExp.escape(port);
  return new RegExp(`^${RegExp.escape(scheme)}://${hosts}${ports}$`);
}

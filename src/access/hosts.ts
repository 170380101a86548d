// Which names this server answers to. A page of a stranger's may give its own name the address of this machine (DNS
// rebinding): for the browser it is then of this server's origin, and only the Host header tells.

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/;
const PATTERN = /^(\*|(\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/;

/** What a pattern must be, in words that follow "expected". */
export const HOST_EXPECTATION = "hosts without port, such as avatars.example.org or *.example.org";

export const isHostPattern = (pattern: string) => PATTERN.test(pattern.toLowerCase());

/** The name in a Host header, without port and in small letters; null if it is no name. */
export function nameOfHost(host: string): string | null {
  return HOST.exec(host.toLowerCase())?.[1] ?? null;
}

export interface HostOptions {
  /** Names that are allowed besides those of this machine's loopback. Empty: all names. */
  readonly patterns: readonly string[];
  /** Whether addresses in numbers are allowed too: no name can be given to them by somebody else. */
  readonly allowsAddresses: boolean;
}

/** Tells which hosts are allowed. */
export class Hosts {
  readonly isOpen: boolean;
  readonly #allowsAddresses: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #suffixes: readonly string[];

  constructor({ patterns, allowsAddresses }: HostOptions) {
    const all = patterns.map((pattern) => pattern.toLowerCase());
    this.isOpen = all.length === 0 || all.includes("*");
    this.#allowsAddresses = allowsAddresses;
    this.#names = new Set(all);
    this.#suffixes = all.filter((each) => each.startsWith("*.")).map((each) => each.slice(1));
  }

  /** `name` is what `nameOfHost` returned; null for a request without Host. */
  allows(name: string | null): boolean {
    if (this.isOpen) return true;
    if (name === null) return false;
    if (LOOPBACK.test(name) || this.#names.has(name)) return true;
    if (this.#allowsAddresses && ADDRESS.test(name)) return true;
    return this.#suffixes.some((suffix) => name.endsWith(suffix));
  }
}

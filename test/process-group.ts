// A program and all that it starts, in a process group of their own, as a terminal has them.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const GONE_MS_MAX = 5000;

export class ProcessGroup {
  readonly #child;
  #output = "";

  constructor(command: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, {
      ...options,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on("data", (chunk) => (this.#output += String(chunk)));
    }
  }

  /** What all of them have printed. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the server prints where it is. @throws {Error} if the program ends before. */
  async url(): Promise<string> {
    while (true) {
      const url = /Local: +(\S+)/.exec(this.#output)?.[1];
      if (url !== undefined) return url;
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
      await Bun.sleep(10);
    }
  }

  /** Ctrl+C and a closed terminal signal the group; `kill` signals the first process alone. */
  signal(signal: NodeJS.Signals, to: "first" | "group"): void {
    process.kill(to === "group" ? -this.#child.pid! : this.#child.pid!, signal);
  }

  /** Waits until no process of the group is left. Resolves to those that are still there after 5 s. */
  async remaining(): Promise<readonly string[]> {
    const deadlineMs = performance.now() + GONE_MS_MAX;
    while (this.#processes().length > 0 && performance.now() < deadlineMs) await Bun.sleep(10);
    return this.#processes();
  }

  [Symbol.dispose](): void {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // Nobody is left.
    }
  }

  /** One line of /proc a process; those that only wait for their parent to notice their end do not count. */
  #processes(): string[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(statOf)
      .filter((stat) => {
        const [, state, , group] = / \((?:.*)\) (\S) (\d+) (\d+)/.exec(` ${stat}`) ?? [];
        return Number(group) === this.#child.pid && state !== "Z" && state !== "X";
      });
  }
}

/** Empty if the process has ended meanwhile. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

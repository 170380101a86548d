// A server in a process of its own, started for a benchmark and ended with it.
import { existsSync, readFileSync } from "node:fs";
import { atEnd } from "./at-end.ts";

const START_MS_MAX = 10_000;
// One address loads the server alone here. The environment, not flags: an older commit ignores what it does not know.
const ENVIRONMENT = {
  AVATAR_SYNC_LOG_LEVEL: "warn",
  AVATAR_SYNC_MAX_REQUESTS_PER_SECOND: "1000000",
  AVATAR_SYNC_ADDRESS_SHARE: "100",
};

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Time from the start of the process to the line of output that says where it listens. */
  readonly startMs: number;
  /** CPU seconds used so far; undefined if the system has no /proc. */
  cpuSeconds(): number | undefined;
}

/**
 * Starts a server and waits for the first URL that it prints. `await using` ends it.
 * @throws {Error} if it ends or stays silent instead.
 */
export async function startServerProcess(command: readonly string[]): Promise<ServerProcess> {
  const startedMs = performance.now();
  const child = Bun.spawn([...command], {
    stdout: "pipe",
    stderr: "inherit",
    stdin: "ignore",
    env: { ...process.env, ...ENVIRONMENT },
  });
  const kill = atEnd(() => child.kill("SIGKILL"));
  const timeout = setTimeout(kill, START_MS_MAX);
  const end = async () => {
    kill();
    await child.exited;
  };
  let output = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk;
    const url = /http:\/\/[\d.]+:\d+/.exec(output)?.[0];
    if (url === undefined) continue;
    const startMs = performance.now() - startedMs;
    clearTimeout(timeout);
    const cpuSeconds = () => cpuSecondsOf(child.pid);
    return { url, pid: child.pid, startMs, cpuSeconds, [Symbol.asyncDispose]: end };
  }
  clearTimeout(timeout);
  await end();
  throw new Error(`${command.join(" ")} did not say where it listens: ${output || "no output"}`);
}

// The unit of /proc on every Linux that Bun runs on.
const CLOCK_TICKS_PER_SECOND = 100;

function cpuSecondsOf(pid: number): number | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  // The name, in parentheses, may hold spaces. Of the fields after it, utime and stime are 12th and 13th.
  const fields = readFileSync(path, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

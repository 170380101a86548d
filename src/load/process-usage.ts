// CPU and memory of another process of this machine, from /proc; undefined without /proc.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

// The unit of /proc on every Linux that Bun runs on.
const CLOCK_TICKS_PER_SECOND = 100;
const TCP_LISTEN = "0A";

export function cpuSecondsOf(pid: number): number | undefined {
  // The name, in parentheses, may hold spaces. Of the fields after it, utime and stime are 12th and 13th.
  const fields = read(`/proc/${pid}/stat`)?.split(") ")[1].split(" ");
  if (fields === undefined) return undefined;
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Seconds for which the process's main thread was ready to run and other work had the cores. */
export function waitedSecondsOf(pid: number): number | undefined {
  const waitedNs = read(`/proc/${pid}/schedstat`)?.split(" ")[1];
  return waitedNs === undefined ? undefined : Number(waitedNs) / 1e9;
}

/** Megabytes resident. */
export function rssMbOf(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** The process that listens on a TCP port. */
export function pidListeningOn(port: number): number | undefined {
  const inodes = new Set([
    ...listeners("/proc/net/tcp", port),
    ...listeners("/proc/net/tcp6", port),
  ]);
  if (inodes.size === 0) return undefined;
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => Number.isInteger(pid) && holdsSocket(pid, inodes));
}

function listeners(path: string, port: number): string[] {
  const rows = (read(path) ?? "").split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    if (state !== TCP_LISTEN || Number.parseInt(local.split(":")[1], 16) !== port) return [];
    return [inode];
  });
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    // Another user's process, or one that has just ended.
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export interface ServerUsage {
  /** CPU seconds a second, user and system. */
  readonly cores: number;
  /** The share of the time for which it waited for a core; undefined if the system does not tell. */
  readonly waitedShare: number | undefined;
  /** Four a second. */
  readonly rssMb: readonly number[];
}

// Confines a process to a share of a core, as a small machine or a busy neighbour would.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { atEnd } from "./at-end.ts";

// Short, so that the process is slow all the time rather than fast and then absent: a period of 100 ms,
// the default, would add 75 ms to every latency.
const PERIOD_US = 10_000;

const CGROUP_V2 = "/sys/fs/cgroup";
const CGROUP_V1_CPU = "/sys/fs/cgroup/cpu";

export interface Confinement extends Disposable {
  /** How it is done, for the report. */
  readonly method: string;
}

/**
 * Limits the process and its threads to `cores` of CPU time from now on: by a cgroup if this user may make
 * one, else with cpulimit, else by stopping and continuing it with signals.
 */
export function confine(pid: number, cores: number): Confinement {
  return (
    confineByCgroup(pid, cores) ?? confineByCpulimit(pid, cores) ?? confineBySignals(pid, cores)
  );
}

function confineByCgroup(pid: number, cores: number): Confinement | undefined {
  const name = `avatar-sync-bench-${process.pid}`;
  const quotaUs = Math.round(cores * PERIOD_US);
  const isV2 = readIfThere(`${CGROUP_V2}/cgroup.subtree_control`)?.includes("cpu") ?? false;
  const path = `${isV2 ? CGROUP_V2 : CGROUP_V1_CPU}/${name}`;
  try {
    mkdirSync(path);
  } catch {
    return undefined;
  }
  const end = atEnd(() => removeCgroup(path));
  try {
    if (isV2) {
      writeFileSync(`${path}/cpu.max`, `${quotaUs} ${PERIOD_US}`);
    } else {
      writeFileSync(`${path}/cpu.cfs_period_us`, String(PERIOD_US));
      writeFileSync(`${path}/cpu.cfs_quota_us`, String(quotaUs));
    }
    writeFileSync(`${path}/cgroup.procs`, String(pid));
  } catch {
    end();
    return undefined;
  }
  const method = `cgroup v${isV2 ? 2 : 1}, ${quotaUs} of every ${PERIOD_US} us`;
  return { method, [Symbol.dispose]: end };
}

/** Removes a cgroup after moving its processes to the root. Ended processes are gone already. */
function removeCgroup(path: string): void {
  const parent = path.slice(0, path.lastIndexOf("/"));
  for (const pid of (readIfThere(`${path}/cgroup.procs`) ?? "").split("\n").filter(Boolean)) {
    try {
      writeFileSync(`${parent}/cgroup.procs`, pid);
    } catch {
      // The process has ended meanwhile.
    }
  }
  try {
    rmdirSync(path);
  } catch (error) {
    console.error(`bench: ${path} stays: ${String(error)}`);
  }
}

function confineByCpulimit(pid: number, cores: number): Confinement | undefined {
  const cpulimit = Bun.which("cpulimit");
  if (cpulimit === null) return undefined;
  const percent = String(Math.round(cores * 100));
  const child = Bun.spawn([cpulimit, "-p", String(pid), "-l", percent], { stdout: "ignore" });
  return { method: `cpulimit -l ${percent}`, [Symbol.dispose]: atEnd(() => child.kill("SIGKILL")) };
}

function confineBySignals(pid: number, cores: number): Confinement {
  const script = `
    for (;;) {
      process.kill(${pid}, "SIGCONT");
      await Bun.sleep(${(cores * PERIOD_US) / 1000});
      process.kill(${pid}, "SIGSTOP");
      await Bun.sleep(${((1 - cores) * PERIOD_US) / 1000});
    }`;
  const child = Bun.spawn([process.execPath, "-e", script], { stderr: "ignore" });
  const end = atEnd(() => {
    child.kill("SIGKILL");
    process.kill(pid, "SIGCONT");
  });
  return { method: `signals, every ${PERIOD_US} us`, [Symbol.dispose]: end };
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

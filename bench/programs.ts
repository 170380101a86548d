// Programs that benchmarks need beside Bun, and a place for their files.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../src/flags.ts";
import { atEnd } from "./at-end.ts";

/** The path of a program. @throws {UsageError} with `hint` if it is not installed. */
export function requireProgram(name: string, hint: string): string {
  const path = Bun.which(name);
  if (path === null) throw new UsageError(`${name} is not installed: ${hint}`);
  return path;
}

/** What a program prints. @throws {Error} with all of its output if it fails or takes too long. */
export async function runProgram(
  command: readonly string[],
  { timeoutMs, cwd = process.cwd() }: { timeoutMs: number; cwd?: string },
): Promise<string> {
  const options = { cwd, stdout: "pipe", stderr: "pipe", timeout: timeoutMs } as const;
  const child = Bun.spawn([...command], options);
  const kill = atEnd(() => child.kill("SIGKILL"));
  const output = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
  const [stdout, stderr] = await Promise.all(output);
  const code = await child.exited;
  kill();
  if (code === 0) return stdout;
  throw new Error(`${command.join(" ")} failed: ${stdout}${stderr}`);
}

/** A new directory that is removed when disposed of. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "avatar-sync-bench-"));
  return { path, [Symbol.dispose]: atEnd(() => rmSync(path, { recursive: true, force: true })) };
}

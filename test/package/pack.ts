// The package as npm packs it, and folders with nothing but it and what a user installs beside it.
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import versions from "./versions.json" with { type: "json" };

export const ROOT = join(import.meta.dir, "..", "..");
const CONSUMERS = join(import.meta.dir, "consumers");
const QUIET = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error"];

/** What a process printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. */
export async function run(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Outcome> {
  const child = Bun.spawn([...command], {
    cwd,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output: `${stdout}${stderr}`.trim() };
}

/** Packs this package into a folder. Resolves to the path of the tarball. */
export async function pack(npm: string, folder: string): Promise<string> {
  const { code, output } = await run([npm, "pack", "--pack-destination", folder, ...QUIET], ROOT);
  if (code !== 0) throw new Error(`npm pack ended with ${code}: ${output}`);
  return join(folder, output.split("\n").at(-1)!);
}

export interface Consumer {
  readonly npm: string;
  readonly tarball: string;
  /** Holds the consumers' folders. */
  readonly folder: string;
  /** A folder of `consumers/`. */
  readonly name: string;
  readonly packages: readonly (keyof typeof versions)[];
}

/** Copies a consumer's files to a folder of its own and installs there. Resolves to the folder. */
export async function install({ npm, tarball, folder, name, packages }: Consumer): Promise<string> {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  await cp(join(CONSUMERS, name), own, { recursive: true });
  const dependencies = Object.fromEntries(packages.map((each) => [each, versions[each]]));
  const manifest = {
    private: true,
    type: "module",
    dependencies: { ...dependencies, "avatar-sync": `file:${tarball}` },
  };
  await Bun.write(join(own, "package.json"), JSON.stringify(manifest));
  const { code, output } = await run([npm, "install", "--prefer-offline", ...QUIET], own);
  if (code !== 0) throw new Error(`npm install in ${name} ended with ${code}: ${output}`);
  return own;
}

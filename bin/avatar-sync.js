#!/usr/bin/env node
// avatar-sync, on a machine that may have Node alone: finds a Bun and runs the server in it. Plain
// JavaScript, because Node runs this very file.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const { devDependencies, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const PINNED = devDependencies.bun;
const OLDEST = engines.bun.replace(">=", "");
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const NPM_INTERVAL_MS = 250;

// A clone runs its source, the package what was built from it.
const source = join(ROOT, "src", "cli", "main.ts");
const main = existsSync(source) ? source : join(ROOT, "lib", "cli", "main.js");
const bun = candidates().find(isNewEnough) ?? bunOfNpm();
run([main, ...process.argv.slice(2)]);

/** Where a Bun may be, the first choice first. */
function candidates() {
  const own = process.versions.bun === undefined ? [] : [process.execPath];
  // The bun beside this package, and the one of the project that npx was called in.
  const fromModules = [import.meta.url, join(process.cwd(), "package.json")].flatMap((from) => {
    try {
      return [join(dirname(createRequire(from).resolve("bun/package.json")), "bin", "bun.exe")];
    } catch {
      return [];
    }
  });
  return [...own, ...fromModules, "bun"];
}

function isNewEnough(command) {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  if (status !== 0) return false;
  const [wanted, found] = [OLDEST, stdout].map((text) => text.trim().split(".").map(Number));
  const differing = wanted.findIndex((number, index) => number !== found[index]);
  return differing === -1 || found[differing] > wanted[differing];
}

/**
 * The path of a Bun that npm has in its cache, or else downloads. Bun itself is spawned by us, not by npm: npm would
 * stay between, and a signal to it would leave the server behind.
 */
function bunOfNpm() {
  // Most starts find what the first one downloaded, and have nothing to tell.
  const cached = askNpm("--offline", "ignore");
  if (cached.path !== undefined) return cached.path;
  const wanted = `bun@${PINNED}`;
  console.error(`avatar-sync: no Bun ${OLDEST} or newer here; npm downloads ${wanted}, once`);
  const { path, error } = askNpm("--prefer-offline", "inherit");
  if (path !== undefined) return path;
  const why = error === undefined ? `npm could not get ${wanted}` : `no npm (${error.message})`;
  console.error(`avatar-sync: ${why}. Install Bun ${OLDEST} or newer yourself: https://bun.com`);
  process.exit(1);
}

function askNpm(network, stderr) {
  const [command, ...first] = npmCommand();
  const args = ["exec", "--yes", network, "--package", `bun@${PINNED}`, "--"];
  const { status, stdout, error } = spawnSync(
    command,
    [...first, ...args, "bun", "-e", "console.log(process.execPath)"],
    { encoding: "utf8", stdio: ["ignore", "pipe", stderr] },
  );
  const path = stdout?.trim().split(/\r?\n/).at(-1);
  return status === 0 && path !== undefined && existsSync(path) ? { path } : { error };
}

/** npm's own script in this Node: on Windows `npm` is a .cmd file, which only a shell starts. */
function npmCommand() {
  const folder = dirname(process.execPath);
  const script = [
    process.env.npm_execpath ?? "",
    join(folder, "node_modules", "npm", "bin", "npm-cli.js"),
    join(folder, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ].find((path) => basename(path) === "npm-cli.js" && existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

/** Runs Bun until it ends, and ends as it did. The channel tells it when this process dies. */
function run(args) {
  const child = spawn(bun, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  const pass = (signal) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  // npm passes SIGTERM to the shell between it and us, and SIGHUP to nobody: whoever dies, we end too.
  // (SIGINT needs no help: Ctrl+C goes to every process of the terminal.)
  const above = processesAbove();
  const watch = () => {
    if (process.ppid !== above[0] || !above.every(isAlive)) pass("SIGHUP");
  };
  if (above.length > 0) setInterval(watch, NPM_INTERVAL_MS).unref();
  child.on("error", (error) => {
    console.error(`avatar-sync: ${bun}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of SIGNALS) process.off(each, pass);
    process.kill(process.pid, signal);
  });
}

/** The processes from our parent up to the npm or npx that started us; none without npm, and on Windows. */
function processesAbove() {
  if (process.env.npm_execpath === undefined || process.platform === "win32") return [];
  const { ppid } = process;
  const { name, parent } = processInfo(ppid);
  return /^(ba|da|a|z|k)?sh$/.test(name) ? [ppid, parent] : [ppid];
}

function processInfo(pid) {
  const stat = `/proc/${pid}/stat`;
  if (existsSync(stat)) {
    const [, name, parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(stat, "utf8"));
    return { name, parent: Number(parent) };
  }
  const args = ["-o", "ppid=,comm=", "-p", String(pid)];
  const { stdout } = spawnSync("ps", args, { encoding: "utf8" });
  const [, parent, path] = /^\s*(\d+) (.*)/.exec(stdout ?? "") ?? [];
  return { name: basename(path ?? ""), parent: Number(parent) };
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

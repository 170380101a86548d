// Programs that some tests run and that not every machine has. If one is missing, its tests are skipped and a line
// says how to install it. In CI (CI=true) a missing program fails the run, so that no test stays skipped unseen.

/** A program that tests run. */
export interface Tool {
  readonly name: string;
  /** Where it may be, the likeliest first: names on the PATH, or paths. */
  readonly commands: readonly string[];
  /** Arguments with which a command that is fit for the tests exits with 0. */
  readonly probe: readonly string[];
  /** What installs it. */
  readonly install: string;
}

export const PYTHON: Tool = {
  name: "Python with requests",
  // A Python of the user's own comes first on many a PATH and lacks the system's packages.
  commands: ["python3", "/usr/bin/python3", "python"],
  probe: ["-c", "import requests"],
  install: "apt-get install python3-requests",
};

export const GO: Tool = {
  name: "Go",
  commands: ["go"],
  probe: ["version"],
  install: "apt-get install golang-go",
};

export const CURL: Tool = {
  name: "curl",
  commands: ["curl"],
  probe: ["--version"],
  install: "apt-get install curl",
};

export const CHROMIUM: Tool = {
  name: "Chromium",
  commands: ["/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"],
  probe: ["--version"],
  install: "apt-get install chromium",
};

export const NODE: Tool = {
  name: "Node 22 or newer",
  // CI puts the npm package node@22 beside the machine's own Node and says where.
  commands: [process.env["NODE_22"] ?? "node", "node"],
  probe: ["-e", "process.exit(Number(process.versions.node.split('.')[0]) >= 22 ? 0 : 1)"],
  install: "npm install --prefix /tmp/node-22 node@22; NODE_22=/tmp/node-22/node_modules/.bin/node",
};

export const NODE_20: Tool = {
  name: "Node 20",
  commands: [process.env["NODE_20"] ?? "node", "node"],
  probe: ["-e", "process.exit(process.versions.node.startsWith('20.') ? 0 : 1)"],
  install: "npm install --prefix /tmp/node-20 node@20; NODE_20=/tmp/node-20/node_modules/.bin/node",
};

export const NPM: Tool = {
  name: "npm, or its registry,",
  commands: ["npm"],
  // Without the registry npm would try for minutes.
  probe: ["ping", "--fetch-retries=0", "--fetch-timeout=5000"],
  install: "npm comes with Node; `npm ping` must answer",
};

/** The path of the first command that passes the tool's probe. */
export function findTool({ commands, probe }: Tool): string | undefined {
  for (const command of commands) {
    const path = Bun.which(command);
    if (path === null) continue;
    const { success } = Bun.spawnSync([path, ...probe], { stdout: "ignore", stderr: "ignore" });
    if (success) return path;
  }
  return undefined;
}

/**
 * As `findTool`, for a test file to call once: where the tool is missing it prints the line.
 * @throws {Error} in CI.
 */
export function requireTool(tool: Tool): string | undefined {
  const path = findTool(tool);
  if (path !== undefined) return path;
  const line = `${tool.name} is missing: ${tool.install}`;
  if (process.env["CI"] === "true") throw new Error(line);
  console.warn(`Tests are skipped because ${line}`);
  return undefined;
}

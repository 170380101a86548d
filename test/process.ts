// Starts the real command line in a process of its own and ends it again.
const ROOT = new URL("..", import.meta.url).pathname;

export interface CommandLine {
  readonly url: string;
  readonly output: () => string;
  /** What it has written to its standard error stream, if that is kept. */
  readonly log: () => string;
  /** Sends the signal and resolves to the exit code. */
  end(signal?: "SIGINT" | "SIGTERM"): Promise<number>;
}

/** The command that runs avatar-sync from source. */
export const FROM_SOURCE = [process.execPath, `${ROOT}src/cli/main.ts`];

/** Starts a server and waits until it prints where it is. */
export async function startCommandLine(
  args: readonly string[],
  options: {
    command?: readonly string[];
    cwd?: string;
    env?: Record<string, string>;
    keepsLog?: boolean;
  } = {},
): Promise<CommandLine> {
  const child = Bun.spawn([...(options.command ?? FROM_SOURCE), "--host", "127.0.0.1", ...args], {
    cwd: options.cwd ?? ROOT,
    // Whoever does not keep the log is not shown all of it either.
    env: {
      ...process.env,
      ...(options.keepsLog !== true && { AVATAR_SYNC_LOG_LEVEL: "warn" }),
      ...options.env,
    },
    stdout: "pipe",
    stderr: options.keepsLog === true ? "pipe" : "inherit",
  });
  let log = "";
  const logging = (async () => {
    if (child.stderr === undefined) return;
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) log += decoder.decode(chunk, { stream: true });
  })();
  let output = "";
  const { promise: announced, resolve: announce } = Promise.withResolvers<string>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      output += decoder.decode(chunk, { stream: true });
      const url = /Local: +(\S+)/.exec(output)?.[1];
      if (url !== undefined) announce(url);
    }
  })();
  const exited = child.exited.then((code) => {
    throw new Error(`the server ended with ${code} before it listened`);
  });
  const url = await Promise.race([announced, exited]);
  exited.catch(() => {});
  return {
    url,
    output: () => output,
    log: () => log,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      const code = await child.exited;
      await reading;
      await logging;
      return code;
    },
  };
}

/** Runs the command line until it exits. */
export async function runCommandLine(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([...FROM_SOURCE, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

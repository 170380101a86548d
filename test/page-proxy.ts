// A TCP proxy between a browser and a server, which can hold an answer back in the middle of its body.
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

// More than the headers of any answer, less than a status with them.
const LET_THROUGH_BYTES = 400;

export interface PageProxy {
  readonly url: string;
  /** Holds back answers to requests for paths that begin so, from now on; null: lets everything through. */
  hold(path: string | null): void;
  /** Resolves when the browser gives up on an answer that is held back. */
  givenUp(): Promise<void>;
  stop(): void;
}

export async function startPageProxy(port: number): Promise<PageProxy> {
  let heldPath: string | null = null;
  const sockets = new Set<Socket>();
  const releases = new Set<() => void>();
  const watchers = new Set<() => void>();

  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    let held: Buffer[] | null = null;
    let passed = 0;
    client.on("data", (data: Buffer) => {
      const isHeld = heldPath !== null && data.toString("latin1").startsWith(`GET ${heldPath}`);
      if (isHeld) [held, passed] = [[], 0];
      server.write(data);
    });
    server.on("data", (data: Buffer) => {
      if (held === null) return void client.write(data);
      const through = Math.max(0, LET_THROUGH_BYTES - passed);
      client.write(data.subarray(0, through));
      passed += Math.min(through, data.length);
      held.push(data.subarray(through));
    });
    const release = () => {
      for (const data of held ?? []) client.write(data);
      held = null;
    };
    releases.add(release);
    client.on("close", () => {
      if (held !== null) for (const watcher of watchers) watcher();
      releases.delete(release);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    hold(path) {
      heldPath = path;
      if (path === null) for (const release of releases) release();
    },
    givenUp: () =>
      new Promise((resolve) => {
        const watcher = () => {
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
      }),
    stop() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

// A TCP proxy that cuts its connection in the middle of what the client is sending.

export interface CuttingProxy extends Disposable {
  readonly port: number;
  /** Lets half of the client's next piece through, then cuts. Resolves to when it did. */
  cut(): Promise<number>;
}

interface Side {
  peer: Bun.Socket<Side> | undefined;
  /** Bytes that came before the server was connected, or that do not fit its socket yet. */
  waiting: Uint8Array[];
  isClient: boolean;
}

// Pieces smaller than this are acknowledgements: only a frame is to be cut.
const FRAME_BYTES_MIN = 1024;

export function startCuttingProxy(target: { port: number; now: () => number }): CuttingProxy {
  let onCut: ((ms: number) => void) | undefined;
  const forward = (from: Bun.Socket<Side>, data: Uint8Array) => {
    const { peer, isClient } = from.data;
    if (isClient && onCut !== undefined && data.length >= FRAME_BYTES_MIN) {
      peer?.write(data.subarray(0, data.length >> 1));
      peer?.end();
      from.terminate();
      onCut(target.now());
      onCut = undefined;
      return;
    }
    from.data.waiting.push(data.slice());
    if (peer !== undefined) flush(from.data.waiting, peer);
  };
  const handlers: Bun.SocketHandler<Side> = {
    data: forward,
    drain: (socket) => {
      const { peer } = socket.data;
      if (peer !== undefined) flush(peer.data.waiting, socket);
    },
    close: (socket) => void socket.data.peer?.end(),
    error: (socket) => void socket.data.peer?.end(),
  };
  const connect = async (data: Side, port: number) => {
    const server = await Bun.connect<Side>({ hostname: "127.0.0.1", port, data, socket: handlers });
    const client = data.peer;
    if (client === undefined) return;
    client.data.peer = server;
    flush(client.data.waiting, server);
  };
  const listener = Bun.listen<Side>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      ...handlers,
      open(client) {
        client.data = { peer: undefined, waiting: [], isClient: true };
        const data: Side = { peer: client, waiting: [], isClient: false };
        const { port } = target;
        connect(data, port).catch(() => client.terminate());
      },
    },
  });
  return {
    port: listener.port,
    cut() {
      const { promise, resolve } = Promise.withResolvers<number>();
      onCut = resolve;
      return promise;
    },
    [Symbol.dispose]: () => listener.stop(true),
  };
}

function flush(waiting: Uint8Array[], to: Bun.Socket<Side>): void {
  while (waiting.length > 0) {
    const written = to.write(waiting[0]);
    if (written < waiting[0].length) {
      waiting[0] = waiting[0].subarray(Math.max(0, written));
      return;
    }
    waiting.shift();
  }
}

// A streaming client of the server in memory. It waits by moving the clock.
import type { StreamFormat } from "../src/codec/index.ts";
import type { MemoryServer, MemorySocket, Message } from "./memory-server.ts";
import { StreamClient } from "./stream-client.ts";
import type { Received } from "./received.ts";

// Longer than any deadline of the protocol.
const PATIENCE_MS = 60_000;
const STEP_MS = 5;

export class MemoryClient extends StreamClient {
  /** As a WebSocket's transport does, whatever its program does. */
  answersPings = false;
  readonly #server: MemoryServer;
  readonly #socket: MemorySocket;
  #waitedMs = 0;

  constructor(server: MemoryServer, options: { room?: string; format?: StreamFormat } = {}) {
    const { room = "lobby", format = "json" } = options;
    super(format);
    this.#server = server;
    this.#socket = server.connect(room, format, {
      message: (message) => {
        this.#waitedMs = 0;
        this.receive(message);
      },
      pinged: () => {
        if (this.answersPings) this.#socket.answer();
      },
      closed: (code, reason) => (this.closedWith = { code, reason }),
    });
  }

  override send(message: Message): void {
    this.#socket.receive(message);
  }

  override kill(): void {
    this.#socket.lose();
  }

  override async drain(): Promise<Received[]> {
    // The answer to a ping comes at once, but time passes between two looks.
    this.#server.clock.advance(STEP_MS);
    return super.drain();
  }

  protected override wait(): void {
    if (this.#waitedMs > PATIENCE_MS) throw new Error("nothing comes");
    this.#waitedMs += STEP_MS;
    this.#server.clock.advance(STEP_MS);
  }
}

/** A client that has joined as a player and has read welcome and full state. */
export function joinPlayer(
  server: MemoryServer,
  player: string,
  options: { room?: string; format?: StreamFormat } = {},
): MemoryClient {
  const client = new MemoryClient(server, options);
  client.join({ player });
  client.take();
  return client;
}

/** A spectator that has joined and has read welcome and full state. */
export function joinSpectator(
  server: MemoryServer,
  options: { room?: string; format?: StreamFormat } = {},
): MemoryClient {
  const client = new MemoryClient(server, options);
  client.join();
  client.take();
  return client;
}

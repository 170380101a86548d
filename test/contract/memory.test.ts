// The contract in memory: the hub and its transport's logic, with a clock that the tests move.
import type { HubErrorCode } from "../../src/hub/errors.ts";
import { HubError } from "../../src/hub/errors.ts";
import { MemoryClient } from "../memory-client.ts";
import { MemoryServer } from "../memory-server.ts";
import { describeCrowd } from "./crowd-contract.ts";
import { describeTransport } from "./transport-contract.ts";
import { sumOf } from "./transport.ts";
import type { StreamTransport, TransportKind } from "./transport.ts";

const HTTP_STATUS: Readonly<Record<HubErrorCode, number>> = {
  bad_id: 400,
  too_many_rooms: 503,
  room_full: 503,
  player_taken: 409,
};

const kind: TransportKind = {
  name: "in memory",
  start: async (settings) => inMemory(new MemoryServer(settings)),
  hasClock: true,
  fuzzMessages: 100_000,
};
describeTransport(kind);
describeCrowd(kind);

/** The status that HTTP would answer. */
function answer(act: () => number): number {
  try {
    return act();
  } catch (error) {
    if (error instanceof HubError) return HTTP_STATUS[error.code];
    throw error;
  }
}

function inMemory(server: MemoryServer): StreamTransport {
  const { hub, clock, peers } = server;
  return {
    connect: async (options) => new MemoryClient(server, options),
    post: async (room, player, bytes) =>
      answer(() => {
        hub.publish(room, player, { format: "json", bytes, source: "http", nowMs: clock.nowMs });
        return 200;
      }),
    remove: async (room, player) =>
      answer(() => (hub.removePlayer(room, player, clock.nowMs) ? 200 : 404)),
    get: async (room, player) => hub.player(room, player)!.frame.encode("json"),
    async census(id) {
      const room = hub.room(id);
      const status = room?.status(clock.nowMs);
      return {
        connections: peers.count,
        players: room?.playerCount ?? 0,
        members: room?.connectionCount ?? 0,
        withheld: status?.superseded.withheld ?? 0,
        framesRejected: sumOf(status?.players.map(({ framesRejected }) => framesRejected)),
      };
    },
    advance: (ms) => clock.advance(ms),
    stop: async () => {},
  };
}

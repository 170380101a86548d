// Server status: what the server answers about itself and its rooms.
import type { ServerStatus } from "../src/protocol/index.ts";
import { AskError, askJson } from "./ask.ts";

export type {
  PlayerStatus,
  RoomStatus,
  ServerAddress,
  ServerStatus,
} from "../src/protocol/index.ts";

// A healthy server answers in milliseconds, but a page that loads 3D may take seconds to read the answer.
const TIMEOUT_MS = 8000;

/**
 * The server's state, and a room's.
 * @throws {AskError} whose message says what the server did instead of answering.
 */
export async function fetchServerStatus(room: string): Promise<ServerStatus> {
  const status = (await askJson(`status?room=${room}`, TIMEOUT_MS)) as ServerStatus | null;
  if (status?.server !== "avatar-sync") {
    throw new AskError("failed", "Something else answers at this address");
  }
  return status;
}

/** All rooms, with their number of players. @throws {AskError} as above. */
export async function fetchRooms(): Promise<readonly { id: string; players: number }[]> {
  const answer = (await askJson("rooms", TIMEOUT_MS)) as {
    rooms?: { id: string; players: number }[];
  } | null;
  return answer?.rooms ?? [];
}

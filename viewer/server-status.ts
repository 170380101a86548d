// Server status: what the server answers about itself and its rooms, as far as the page shows it.
import { AskError, askJson } from "./ask.ts";

export interface ServerStatus {
  readonly server: string;
  readonly version: string;
  /** Names one run of the server. */
  readonly bootId: string;
  readonly format: string;
  readonly uptimeSeconds: number;
  readonly addresses: readonly ServerAddress[];
  readonly rooms: number;
  /** The server's clock, seconds since 1970. */
  readonly server_timestamp: number;
  /** Open WebSocket connections, this page's own among them. */
  readonly streamConnections: number;
  /** Sum of all rooms. */
  readonly traffic: Traffic;
  /** The room that was asked for; null if nobody has written to it. */
  readonly room: RoomStatus | null;
  readonly limits: {
    readonly bodyBytesMax: number;
    readonly bonesMax: number;
    readonly blendShapesMax: number;
    readonly roomsMax: number;
    readonly staleAfterSeconds: number;
  };
}

export interface RoomStatus {
  readonly id: string;
  readonly players: readonly PlayerStatus[];
  /** Frames that did not reach a receiver, by cause, since the room was made. */
  readonly superseded: {
    readonly coalesced: number;
    readonly withheld: number;
    readonly layered: number;
  };
  readonly traffic: Traffic;
}

export type Traffic = Readonly<Record<"json" | "binary" | "stream", FormatTraffic>>;

export interface FormatTraffic {
  readonly connections: number;
  readonly in: { readonly bytesPerSecond: number };
  readonly out: { readonly bytesPerSecond: number };
}

export interface ServerAddress {
  readonly name: "Local" | "Network" | "External";
  readonly url: string;
}

/** One slot. `info` comes from strangers, so its texts may contain anything. */
export interface PlayerStatus {
  readonly id: string;
  readonly state: "empty" | "live" | "stale";
  readonly source: string | null;
  /** Null while the slot is empty. */
  readonly ageSeconds: number | null;
  readonly updatesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly format: string | null;
  readonly frameBytes: number;
  readonly bones: number;
  readonly blendShapes: number;
  readonly framesRejected: number;
  /** The error that the last sender of one got. It may quote the sender. */
  readonly lastRejected: { readonly message: string; readonly ageSeconds: number } | null;
  readonly info: {
    readonly displayName?: string;
    readonly coordinateSystem?: string;
    readonly avatarUrl?: string;
  };
}

// A healthy server answers in milliseconds, but a page that loads 3D may take seconds to read the answer.
const TIMEOUT_MS = 8000;

/**
 * The server's state, and a room's.
 * @throws {AskError} whose message says what the server did instead of answering.
 */
export async function fetchServerStatus(room: string): Promise<ServerStatus> {
  const status = (await askJson(`/status?room=${room}`, TIMEOUT_MS)) as ServerStatus | null;
  if (status?.server !== "avatar-sync") {
    throw new AskError("failed", "Something else answers at this address");
  }
  return status;
}

/** All rooms, with their number of players. @throws {AskError} as above. */
export async function fetchRooms(): Promise<readonly { id: string; players: number }[]> {
  const answer = (await askJson("/rooms", TIMEOUT_MS)) as {
    rooms?: { id: string; players: number }[];
  } | null;
  return answer?.rooms ?? [];
}

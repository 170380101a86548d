// Server status: what the server answers about itself and its rooms, as far as the page shows it.
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

// A server that takes longer than this to say how it is counts as out of reach.
const TIMEOUT_MS = 3000;

/**
 * The server's state, and a room's.
 * @throws {Error} whose message says what the server did instead of answering.
 */
export async function fetchServerStatus(room: string): Promise<ServerStatus> {
  const status = (await fetchJson(`/status?room=${room}`)) as ServerStatus | null;
  if (status?.server !== "avatar-sync") throw new Error("Something else answers at this address");
  return status;
}

/** All rooms, with their number of players. @throws {Error} as above. */
export async function fetchRooms(): Promise<readonly { id: string; players: number }[]> {
  const answer = (await fetchJson("/rooms")) as { rooms: { id: string; players: number }[] } | null;
  return answer?.rooms ?? [];
}

/** Null for what is no JSON. */
async function fetchJson(path: string): Promise<unknown> {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(`The server answers ${answer.status}`);
  return answer.json().catch(() => null);
}

function ask(path: string): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(path, { cache: "no-store", signal }).catch((cause: unknown) => {
    throw new Error("The server does not answer", { cause });
  });
}

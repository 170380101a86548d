// The server's answer at /status, as far as the page shows it.

export interface ServerStatus {
  readonly server: string;
  readonly version: string;
  /** Names one run of the server. */
  readonly bootId: string;
  readonly format: string;
  readonly uptimeSeconds: number;
  readonly addresses: readonly ServerAddress[];
  readonly rooms: number;
  /** The players of room `default`. */
  readonly players: readonly PlayerStatus[];
  readonly limits: {
    readonly bodyBytesMax: number;
    readonly bonesMax: number;
    readonly blendShapesMax: number;
    readonly roomsMax: number;
  };
}

export interface ServerAddress {
  readonly name: "Local" | "Network" | "External";
  readonly url: string;
}

/** One slot. `info` comes from strangers: its texts may hold anything. */
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
  readonly info: { readonly displayName?: string; readonly coordinateSystem?: string };
}

// A server that takes longer than this to say how it is counts as out of reach.
const TIMEOUT_MS = 3000;

/** @throws {Error} whose message says what the server did instead of answering. */
export async function fetchServerStatus(): Promise<ServerStatus> {
  const answer = await fetch("/status", {
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error("The server does not answer", { cause });
  });
  if (!answer.ok) throw new Error(`The server answers ${answer.status}`);
  const status = (await answer.json().catch(() => null)) as ServerStatus | null;
  if (status?.server !== "avatar-sync") throw new Error("Something else answers at this address");
  return status;
}

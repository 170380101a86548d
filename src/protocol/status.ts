// What GET /status and GET /rooms/{room} answer. The server makes these shapes, the page and other clients
// read them, and the OpenAPI document describes each of their fields.
import type { Format, StreamFormat } from "../codec/index.ts";
import type { PlayerInfo } from "./player-info.ts";

/** GET /status. */
export interface ServerStatus {
  readonly status: "running";
  readonly server: "avatar-sync";
  readonly version: string;
  /** Names one run of the server. */
  readonly bootId: string;
  /** The format of requests that name none. */
  readonly format: Format;
  readonly uptimeSeconds: number;
  /** The server's clock, Unix seconds. */
  readonly server_timestamp: number;
  readonly addresses: readonly ServerAddress[];
  /** HTTP requests, this one included. */
  readonly requestsUnderWay: number;
  /** Open streaming connections, including those that have not joined a room yet. */
  readonly streamConnections: number;
  readonly rooms: number;
  /** Players of room `default`. */
  readonly players: readonly PlayerStatus[];
  /** The room that the query names; null if there is no such room, absent if none is named. */
  readonly room?: RoomStatus | null;
  /** Of all rooms since the server's start. */
  readonly superseded: SupersededCounts;
  /** Of all rooms since the server's start. */
  readonly traffic: Traffic;
  readonly limits: ServerLimits;
}

/** The server's limits, as its flags set them. */
export interface ServerLimits {
  readonly bodyBytesMax: number;
  readonly requestsMax: number;
  readonly bonesMax: number;
  readonly blendShapesMax: number;
  readonly connectionsMax: number;
  readonly roomsMax: number;
  readonly playersMax: number;
  readonly staleAfterSeconds: number;
}

/** A URL of the server and its name on the page and in the start-up message. */
export interface ServerAddress {
  readonly name: "Local" | "Network" | "External";
  readonly url: string;
}

/** GET /rooms/{room}. */
export interface RoomStatus {
  readonly id: string;
  readonly players: readonly PlayerStatus[];
  /** Streaming connections that have joined. */
  readonly connections: number;
  /** Between batches; 0: frames are sent at once. */
  readonly tickMs: number;
  /** Since the room was made. */
  readonly superseded: SupersededCounts;
  /** What it has taken since the room was made to choose whom each receiver of a crowd has in sight; 0: no crowd. */
  readonly selectionSeconds: number;
  /** Since the room was made. */
  readonly traffic: Traffic;
}

/** Who or what writes a player's frames. `app`: the application that embeds the server. */
export type FrameSource = "http" | "demo" | "stream" | "app";

/** One player. `info` and `lastRejected` come from strangers: their texts may hold anything. */
export interface PlayerStatus {
  readonly id: string;
  /** `stale`: no frame for `staleAfterSeconds`. `empty`: never a frame. */
  readonly state: "empty" | "live" | "stale";
  /** Who wrote the newest frame; null for an empty slot. */
  readonly source: FrameSource | null;
  readonly revision: number;
  /** Since the newest frame came; null for an empty slot. */
  readonly ageSeconds: number | null;
  readonly updatesPerSecond: number;
  readonly bytesPerSecond: number;
  /** The format in which the newest frame came; null for an empty slot. */
  readonly format: StreamFormat | null;
  /** Size of the newest frame as it came. */
  readonly frameBytes: number;
  readonly bones: number;
  readonly blendShapes: number;
  /** The formats that can hold the newest frame. The page shows a player by `stream`. */
  readonly visibleTo: readonly StreamFormat[];
  /** Why the other formats cannot; null if all can. */
  readonly unavailable: UnavailableStatus | null;
  readonly framesRejected: number;
  /** Why the last refused frame was refused; null if none was. */
  readonly lastRejected: RejectedStatus | null;
  /** When its frames were captured; null for an empty slot. */
  readonly captureTimes: CaptureTimesStatus | null;
  readonly info: PlayerInfo;
}

/** What is known of when a player's frames were captured. */
export interface CaptureTimesStatus {
  /** `timestamp`: that of posted frames. `arrival`: when they came. `stream`: the headers of a stream. */
  readonly from: "timestamp" | "arrival" | "stream";
  /** Frames that did not replace a newer one, which came before. */
  readonly framesOvertaken: number;
  /** What is peculiar about `timestamp`, as its sender was told; null if nothing is. */
  readonly note: string | null;
}

/** What keeps a frame out of a format: the first such place in it. */
export interface UnavailableStatus {
  readonly code: string;
  /** At most 200 characters. */
  readonly message: string;
  readonly path: string;
}

/** What a client was told when its frame was refused. */
export interface RejectedStatus {
  readonly code: string;
  /** At most 200 characters. */
  readonly message: string;
  readonly ageSeconds: number;
}

/** Frames that did not reach a receiver, by cause. */
export interface SupersededCounts {
  /** A newer frame of the same player came before the tick. Counted once a frame. */
  readonly coalesced: number;
  /** The receiver was behind and got full state later. Counted once a frame and receiver. */
  readonly withheld: number;
  /** Its layer did not fit the tick or the receiver's bandwidth. Counted once a frame and batch. */
  readonly layered: number;
}

/** What went into and out of a room or a server, by format. */
export type Traffic = Readonly<Record<StreamFormat, FormatTraffic>>;

export interface FormatTraffic {
  /** Streaming connections that have joined. */
  readonly connections: number;
  readonly in: TrafficCount;
  readonly out: TrafficCount;
}

/** What went one way. Totals only grow: a room's since it was made, the server's since its start. */
export interface TrafficCount {
  /** Frames; on the way out once for every receiver. */
  readonly updatesTotal: number;
  readonly bytesTotal: number;
  readonly updatesPerSecond: number;
  readonly bytesPerSecond: number;
}

// Schemas of what the API receives and returns, for tools. The compiler holds those of answers against their types.
import { FORMATS, STREAM_FORMATS } from "../codec/format.ts";
import type {
  CaptureTimesStatus,
  FormatTraffic,
  PlayerStatus,
  RejectedStatus,
  RoomStatus,
  ServerAddress,
  ServerLimits,
  ServerStatus,
  SupersededCounts,
  TrafficCount,
  UnavailableStatus,
} from "../protocol/index.ts";

export const id = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };
const count = { type: "integer", minimum: 0 };

/** A schema by its name below. */
export const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** A schema of each field of a shape, no more and no fewer. */
const fields = <Shape>(properties: { readonly [field in keyof Required<Shape>]: object }) =>
  properties;

export const SCHEMAS = {
  Vector3: {
    type: "object",
    properties: { x: { type: "number" }, y: { type: "number" }, z: { type: "number" } },
  },
  Quaternion: {
    type: "object",
    properties: {
      x: { type: "number" },
      y: { type: "number" },
      z: { type: "number" },
      w: { type: "number" },
    },
  },
  AvatarFrame: {
    type: "object",
    description: "Properties that are not documented are kept and returned to JSON readers.",
    properties: {
      rootTransform: {
        type: "object",
        properties: {
          worldPosition: reference("Vector3"),
          worldRotation: reference("Quaternion"),
          localScale: reference("Vector3"),
        },
      },
      bones: {
        type: "array",
        items: {
          type: "object",
          properties: {
            name: { type: "string" },
            localPosition: reference("Vector3"),
            localRotation: reference("Quaternion"),
            localScale: reference("Vector3"),
            parent: { type: ["string", "null"] },
          },
        },
      },
      blendShapes: {
        type: "array",
        items: {
          type: "object",
          properties: { name: { type: "string" }, weight: { type: "number" } },
        },
      },
      timestamp: { type: "number", description: "The client's clock, Unix seconds" },
      server_timestamp: { type: "number", description: "When the server got it, Unix seconds" },
    },
  },
  Readiness: {
    type: "object",
    required: ["ready", "reasons"],
    properties: {
      ready: { type: "boolean" },
      reasons: { type: "array", items: { type: "string" } },
    },
  },
  Stored: {
    type: "object",
    properties: {
      status: { const: "success" },
      player: id,
      revision: { type: "integer" },
      server_timestamp: { type: "number" },
      overtaken: {
        const: true,
        description:
          "Only where the slot keeps a newer frame, which came before; its revision is told",
      },
      note: { type: "string", description: "What is peculiar about timestamp; told once" },
      visibleTo: {
        type: "array",
        items: { enum: STREAM_FORMATS },
        description: "The formats that can hold the frame; absent if all can",
      },
      unavailable: reference("Unavailable"),
    },
  },
  Unavailable: {
    type: "object",
    description: "What keeps a frame out of a format: the first such place in it",
    properties: fields<UnavailableStatus>({
      code: { type: "string", description: "As in Error" },
      message: { type: "string", maxLength: 200 },
      path: { type: "string", description: "A JSON path" },
    }),
  },
  PlayerInfo: {
    type: "object",
    description: "At most 4 KiB; the application may add properties.",
    properties: {
      displayName: { type: "string" },
      avatarUrl: { type: "string" },
      coordinateSystem: { enum: ["unity", "gltf"] },
      blendShapeRange: {
        enum: [1, 100],
        description: "The largest weight of a blend shape. Default: guessed from the weights.",
      },
    },
  },
  Traffic: {
    type: "object",
    description:
      "By format. Counted are the data messages of streaming connections and the bodies of slots over " +
      "HTTP, if accepted. Control messages and the overhead of HTTP and WebSocket are not.",
    properties: Object.fromEntries(
      STREAM_FORMATS.map((format) => [format, reference("FormatTraffic")]),
    ),
  },
  FormatTraffic: {
    type: "object",
    properties: fields<FormatTraffic>({
      connections: { ...count, description: "Streaming connections that have joined" },
      in: reference("TrafficCount"),
      out: reference("TrafficCount"),
    }),
  },
  TrafficCount: {
    type: "object",
    description: "Totals count from the start of the server, or of the room.",
    properties: fields<TrafficCount>({
      updatesTotal: { ...count, description: "Frames; on the way out once for every receiver" },
      bytesTotal: count,
      updatesPerSecond: { type: "number", description: "To a tenth" },
      bytesPerSecond: count,
    }),
  },
  Superseded: {
    type: "object",
    description: "Frames that did not reach a receiver because something newer did, by cause",
    properties: fields<SupersededCounts>({
      coalesced: {
        ...count,
        description: "A newer frame of the player came before the tick; counted once a frame",
      },
      withheld: {
        ...count,
        description: "The receiver was behind and got full state later; once a frame and receiver",
      },
      layered: {
        ...count,
        description: "Its layer did not fit the tick or the receivers; once a frame and batch",
      },
    }),
  },
  PlayerStatus: {
    type: "object",
    properties: fields<PlayerStatus>({
      id,
      state: {
        enum: ["empty", "live", "stale"],
        description: "Empty: nobody has written. Stale: no frame for staleAfterSeconds",
      },
      source: {
        enum: ["http", "stream", "app", "demo", null],
        description: "Who wrote the newest frame",
      },
      revision: { ...count, description: "Of the newest frame" },
      ageSeconds: {
        type: ["number", "null"],
        description: "Since the newest frame came; null for an empty slot",
      },
      updatesPerSecond: { type: "number", description: "Frames that came, to a tenth" },
      bytesPerSecond: { ...count, description: "Of those frames, without their headers" },
      format: { enum: [...STREAM_FORMATS, null], description: "In which the newest frame came" },
      frameBytes: { ...count, description: "Of the newest frame as it came" },
      bones: count,
      blendShapes: count,
      visibleTo: {
        type: "array",
        items: { enum: STREAM_FORMATS },
        description: "The formats that can hold the newest frame",
      },
      unavailable: { anyOf: [reference("Unavailable"), { type: "null" }] },
      framesRejected: { ...count, description: "Frames that were refused so far" },
      lastRejected: {
        type: ["object", "null"],
        description: "Why the last one was refused; null if none was",
        properties: fields<RejectedStatus>({
          code: { type: "string", description: "As in Error; bad_message for a streamed frame" },
          message: { type: "string", maxLength: 200, description: "What its sender was told" },
          ageSeconds: { type: "number" },
        }),
      },
      captureTimes: {
        type: ["object", "null"],
        description: "When its frames were captured; null for an empty slot",
        properties: fields<CaptureTimesStatus>({
          from: {
            enum: ["timestamp", "arrival", "stream"],
            description: "What tells: the timestamp of what is posted, its arrival, or a stream",
          },
          framesOvertaken: {
            ...count,
            description: "Frames that did not replace a newer one, which came before",
          },
          note: {
            type: ["string", "null"],
            description: "What is peculiar about timestamp, as its sender was told",
          },
        }),
      },
      info: reference("PlayerInfo"),
    }),
  },
  RoomStatus: {
    type: "object",
    properties: fields<RoomStatus>({
      id,
      players: { type: "array", items: reference("PlayerStatus") },
      connections: { ...count, description: "Streaming connections that have joined" },
      tickMs: { type: "number", description: "Between batches; 0: at once" },
      superseded: reference("Superseded"),
      selectionSeconds: {
        type: "number",
        minimum: 0,
        description:
          "Taken so far to choose whom each receiver of a crowd has in sight; 0: no crowd",
      },
      traffic: reference("Traffic"),
    }),
  },
  ServerStatus: {
    type: "object",
    properties: fields<ServerStatus>({
      status: { const: "running" },
      server: { const: "avatar-sync" },
      version: { type: "string" },
      bootId: { type: "string", description: "Names this run of the server, as ETags do" },
      format: { enum: FORMATS, description: "For requests that name none" },
      uptimeSeconds: count,
      server_timestamp: { type: "number", description: "The server's clock, Unix seconds" },
      addresses: {
        type: "array",
        description:
          "Where the server can be reached; the network that a headset most likely uses comes first",
        items: {
          type: "object",
          properties: fields<ServerAddress>({
            name: { enum: ["Local", "Network", "External"] },
            url: { type: "string", format: "uri" },
          }),
        },
      },
      requestsUnderWay: { ...count, description: "This one among them" },
      streamConnections: { ...count, description: "Open, those that have not joined among them" },
      rooms: count,
      players: {
        type: "array",
        description: "Of room default",
        items: reference("PlayerStatus"),
      },
      room: {
        description: "The room that `room` names, null if it does not exist. Absent without `room`",
        anyOf: [reference("RoomStatus"), { type: "null" }],
      },
      superseded: reference("Superseded"),
      traffic: reference("Traffic"),
      limits: {
        type: "object",
        properties: fields<ServerLimits>({
          bodyBytesMax: count,
          requestsMax: { ...count, description: "Under way at once" },
          bonesMax: count,
          blendShapesMax: count,
          connectionsMax: { ...count, description: "Streaming connections" },
          roomsMax: count,
          playersMax: { ...count, description: "Of one room" },
          staleAfterSeconds: {
            ...count,
            description: "A player without a frame for this long is stale",
          },
        }),
      },
    }),
  },
  Error: {
    type: "object",
    properties: {
      error: {
        type: "object",
        required: ["code", "message"],
        properties: {
          code: { type: "string" },
          message: { type: "string" },
          path: { type: "string" },
          byteOffset: { type: "integer" },
        },
      },
    },
  },
};

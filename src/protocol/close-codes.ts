// Why a connection was closed: one code per cause, stable on the wire.

/** WebSocket close codes. All but the first are in the range for applications, 4000 to 4999. */
export const CloseCode = {
  /** The client said `leave`: a normal end. */
  Left: 1000,
  /** A message that breaks the rules of its type: the reason names the place. */
  BadMessage: 4000,
  /** A message type that this version does not know. */
  UnknownMessageType: 4001,
  /** The first message was not `join`, or none came in time. */
  JoinRequired: 4002,
  /** Another connection or HTTP client owns this player. Trying again later may succeed. */
  PlayerTaken: 4003,
  /** The server or the room is full. Trying again later may succeed. */
  Full: 4004,
  /** Acknowledged nothing for too long. */
  NotAcknowledging: 4005,
  /** Sent nothing at all for too long. */
  Silent: 4006,
  /** The same session came back on another connection: do not reconnect. */
  Replaced: 4007,
  /** The player was removed over HTTP: do not reconnect. */
  Removed: 4008,
  /** Published more than the limit in the stream format, where no frame may be missing. */
  TooFast: 4009,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

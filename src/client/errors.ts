// What can go wrong with a room, as data: one code a cause.
import { CloseCode } from "../protocol/index.ts";

/** Why a connection failed or ended, or what was refused on one that goes on. */
export type RoomErrorCode =
  /** No connection came about: no server there, the wrong address, or the handshake was refused. */
  | "unreachable"
  /** The connection broke. */
  | "lost"
  /** The server did not answer in time. */
  | "timed_out"
  /** The server shuts down or restarts. */
  | "going_away"
  /** Another connection or HTTP client owns the player. */
  | "player_taken"
  /** The server or the room is full. */
  | "full"
  /** The server says that this client broke the protocol. */
  | "bad_message"
  | "unknown_message_type"
  | "join_required"
  | "not_acknowledging"
  | "silent"
  /** This session goes on over another connection. */
  | "replaced"
  /** The player was removed over HTTP. */
  | "removed"
  /** The application closed the room before it was joined. */
  | "closed"
  /** The server broke the protocol; what it said was left out. */
  | "bad_server_message"
  /** The server refused one message, `serverCode` says why; the connection goes on. */
  | "refused"
  /** A player's frame does not decode; it was left out. */
  | "bad_frame";

/** An error of a room. Its `code` names the cause. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: RoomErrorCode;
  /** The WebSocket close code, where there is one. */
  readonly closeCode: number | undefined;
  /** With `refused`: the server's own code, e.g. `rate_limited`. */
  readonly serverCode: string | undefined;
  /** With `bad_frame`: whose. */
  readonly playerId: string | undefined;

  constructor(
    code: RoomErrorCode,
    message: string,
    details: {
      closeCode?: number;
      serverCode?: string;
      playerId?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.closeCode = details.closeCode;
    this.serverCode = details.serverCode;
    this.playerId = details.playerId;
  }
}

const GOING_AWAY = 1001;

const CODES: Readonly<Record<number, RoomErrorCode>> = {
  [GOING_AWAY]: "going_away",
  [CloseCode.BadMessage]: "bad_message",
  [CloseCode.UnknownMessageType]: "unknown_message_type",
  [CloseCode.JoinRequired]: "join_required",
  [CloseCode.PlayerTaken]: "player_taken",
  [CloseCode.Full]: "full",
  [CloseCode.NotAcknowledging]: "not_acknowledging",
  [CloseCode.Silent]: "silent",
  [CloseCode.Replaced]: "replaced",
  [CloseCode.Removed]: "removed",
};

/** What the end of a connection means. `wasOpen`: the handshake had succeeded. */
export function closeError(closeCode: number, reason: string, wasOpen: boolean): RoomError {
  const code = CODES[closeCode] ?? (wasOpen ? "lost" : "unreachable");
  const said = reason === "" ? "" : `: ${reason}`;
  return new RoomError(code, `the connection ended with ${closeCode}${said}`, { closeCode });
}

// The same would happen again, or somebody else goes on in our place.
const FINAL_CODES: ReadonlySet<RoomErrorCode> = new Set([
  "bad_message",
  "unknown_message_type",
  "replaced",
  "removed",
]);

/** Whether connecting again is of no use. */
export function isFinal(error: RoomError): boolean {
  return FINAL_CODES.has(error.code);
}

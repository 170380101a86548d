// What can go wrong with a room: one code per cause.
import { CloseCode } from "../protocol/index.ts";

/** Why a connection failed or ended, or what was refused while it stays open. */
export type RoomErrorCode =
  /** No connection was made: no server, the wrong address, or the handshake was refused. */
  | "unreachable"
  /** The connection broke. */
  | "lost"
  /** The server did not answer in time. */
  | "timed_out"
  /** The server stops or restarts. */
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
  /** This session continues on another connection. */
  | "replaced"
  /** The server's application removed the player or the room. */
  | "removed"
  /** The application closed the room before it was joined. */
  | "closed"
  /** The server broke the protocol; its message was ignored. */
  | "bad_server_message"
  /** The server refused one message; `serverCode` says why. The connection stays open. */
  | "refused"
  /** A player's frame does not decode; it was ignored. */
  | "bad_frame"
  /** A frame was published with a time that is none of `performance.now`; the present was taken instead. */
  | "bad_capture_time";

/** An error of a room. Its `code` names the cause. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: RoomErrorCode;
  /** The WebSocket close code, if there is one. */
  readonly closeCode: number | undefined;
  /** With `refused`: the server's own code, e.g. `rate_limited`. */
  readonly serverCode: string | undefined;
  /** With `bad_frame`: the player's id. */
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

/** The error for the end of a connection. `wasOpen`: the handshake had succeeded. */
export function closeError(closeCode: number, reason: string, wasOpen: boolean): RoomError {
  const code = CODES[closeCode] ?? (wasOpen ? "lost" : "unreachable");
  const said = reason === "" ? "" : `: ${reason}`;
  return new RoomError(code, `the connection ended with ${closeCode}${said}`, { closeCode });
}

// The same would happen again, or the session continues elsewhere.
const FINAL_CODES: ReadonlySet<RoomErrorCode> = new Set([
  "bad_message",
  "unknown_message_type",
  "replaced",
  "removed",
]);

/** Whether connecting again cannot help. */
export function isFinal(error: RoomError): boolean {
  return FINAL_CODES.has(error.code);
}

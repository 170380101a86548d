// What a hub refuses. Transports translate the code: HTTP into a status, a stream into a close code.

export type HubErrorCode = "bad_id" | "too_many_rooms" | "room_full" | "player_taken";

/** The hub's limits or rules forbid it; nothing has changed. */
export class HubError extends Error {
  override readonly name = "HubError";
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

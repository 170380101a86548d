// A streaming client's hold on its player, which outlives a lost connection for a while.
import { RESUME_KEY_LENGTH } from "../../protocol/index.ts";
import type { Member } from "../member.ts";

/** Without a goodbye a player waits this long for its client to come back. */
export const RESUME_WITHIN_MS = 10_000;

/** Whether a new session takes this key of its client's own [S7]. */
export function isResumeKey(key: string | undefined): key is string {
  const { min, max } = RESUME_KEY_LENGTH;
  return key !== undefined && key.length >= min && key.length <= max;
}

/** Whether the client is there. */
export type SessionState =
  | { readonly state: "connected"; readonly member: Member }
  | { readonly state: "stale"; readonly deadlineMs: number };

export class Session {
  /** Whoever presents it owns the player. */
  readonly resumeKey: string;
  connection: SessionState;

  constructor(resumeKey: string, member: Member) {
    this.resumeKey = resumeKey;
    this.connection = { state: "connected", member };
  }

  /** The client's connection in the room; undefined while it is lost. */
  get member(): Member | undefined {
    return this.connection.state === "connected" ? this.connection.member : undefined;
  }

  /** Whether the client was lost and has not come back in time. */
  hasEnded(nowMs: number): boolean {
    return this.connection.state === "stale" && nowMs >= this.connection.deadlineMs;
  }

  /** Why another client cannot have the player. */
  refusal(playerId: string, nowMs: number): string {
    if (this.connection.state === "connected") return `another client owns player ${playerId}`;
    const seconds = Math.ceil((this.connection.deadlineMs - nowMs) / 1000);
    return `player ${playerId} is kept ${seconds} s longer for its client, which was lost`;
  }

  /** Compares in a time that does not tell how much of the secret is the same. */
  isKey(presented: string | undefined): boolean {
    const key = this.resumeKey;
    if (presented === undefined || presented.length !== key.length) return false;
    let difference = 0;
    for (let at = 0; at < key.length; at++) {
      difference |= key.charCodeAt(at) ^ presented.charCodeAt(at);
    }
    return difference === 0;
  }
}
